import copy
import pickle

import numpy as np
import pytest
from sklearn.base import clone
from tokenizers import Tokenizer as Made
from tokenizers import models, pre_tokenizers

from textseq import MeanEmbedder, Tokenizer, Tokens
from textseq.text.subwords import Subwords
from textseq.text.vectors.subword_table import SubwordTable

PIECES = {"[UNK]": 0, "film": 1, "##s": 2, "good": 3, "<pad>": 4}
ROWS = np.array([[9.0, 9], [1, 2], [3, 4], [5, 6], [7, 8]])


def subwords(skips_unknown=True):
    made = Made(models.WordPiece(PIECES, unk_token="[UNK]"))
    made.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    return Subwords(made.to_str(), skips_unknown=skips_unknown)


def table(**options):
    return SubwordTable.of_rows(subwords(), ROWS, name="tiny", **options)


def test_rows_are_the_tokens_weighed_without_the_unknown_one():
    found = table(weights=[1, 2, 0.5, 1, 1])
    assert found.words.to_list() == ["film", "##s", "good", "\\<pad>"]
    np.testing.assert_array_equal(found.matrix, [[2, 4], [1.5, 2], [5, 6], [7, 8]])
    assert found.matrix.dtype == np.float32
    assert (len(found), found.dim, found.name) == (4, 2, "tiny")
    assert found.vectors["good"].tolist() == [5, 6]


def test_the_unknown_token_of_a_table_that_knows_it_has_its_row():
    found = SubwordTable.of_rows(subwords(False), ROWS)
    assert found.words[0] == "[UNK]"
    np.testing.assert_array_equal(found.matrix, ROWS)
    np.testing.assert_allclose(
        MeanEmbedder(found).fit(["film"]).transform(["bad film"]), [[5, 5.5]]
    )


def test_rows_beyond_the_tokens_are_left_out():
    longer = np.vstack([ROWS, [[0, 0]]])
    assert len(SubwordTable.of_rows(subwords(), longer)) == 4


@pytest.mark.parametrize(
    ("matrix", "weights", "message"),
    [
        (
            ROWS[:4],
            None,
            r"table has shape \(4, 2\), but its tokenizer has 5 tokens; .* \(5, dim\)",
        ),
        (ROWS[0], None, r"table has shape \(2,\)"),
        (ROWS, [1, 2], r"weights have shape \(2,\); 5 tokens need \(5,\)"),
    ],
)
def test_what_does_not_belong_together_is_refused(matrix, weights, message):
    with pytest.raises(ValueError, match=message):
        SubwordTable.of_rows(subwords(), matrix, weights)


def test_numbers_that_are_none_become_zeros_with_a_warning():
    broken = ROWS.copy()
    broken[2, 1] = np.nan
    with pytest.warns(UserWarning, match="vectors of 1 tokens, '##s' the first, hold NaN"):
        found = SubwordTable.of_rows(subwords(), broken)
    assert found.vectors["##s"].tolist() == [0, 0]


def test_means_are_of_the_first_tokens_unknown_ones_counted():
    """As model2vec does it: cut first, and only then leave out what is unknown."""
    texts = ["good films", "bad film good", "bad bad film", ""]
    found = MeanEmbedder(table(max_length=2)).fit(texts)
    np.testing.assert_allclose(found.transform(texts), [[3, 4], [1, 2], [0, 0], [0, 0]])
    assert found.vocabulary_["film"] == 2
    # Means read no token beyond the second, and so do their counts.
    assert dict(zip(found.vocabulary_.tokens, found.vocabulary_.counts.tolist(), strict=True)) == {
        "<pad>": 0, "<unk>": 0, "film": 2, "##s": 0, "good": 1, "\\<pad>": 0,
    }  # fmt: skip
    short = MeanEmbedder(table(max_chars=4)).fit(texts)
    np.testing.assert_allclose(short.transform(["goodfilm", "film"]), [[5, 6], [1, 2]])


def test_normalized_means_have_norm_1_or_0():
    found = MeanEmbedder(table(normalize=True)).fit([""]).transform(["good film", "bad"])
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), [1, 0])


def test_rare_tokens_weigh_more():
    found = MeanEmbedder(table(), idf=True).fit(["film", "film", "good"])
    film, good = np.log(4 / 3) + 1, np.log(2) + 1
    expected = (film * np.array([1, 2]) + good * np.array([5, 6])) / (film + good)
    np.testing.assert_allclose(found.transform(["good film"])[0], expected, rtol=1e-6)


def test_copies_are_the_same_object_and_pickles_the_same_table():
    found = table(normalize=True, max_length=3)
    assert copy.deepcopy(found) is found and copy.copy(found) is found
    assert clone(MeanEmbedder(found)).vectors is found
    other = pickle.loads(pickle.dumps(found))
    assert (other.normalize, other.max_length, repr(other)) == (True, 3, repr(found))
    np.testing.assert_array_equal(other.matrix, found.matrix)
    texts = ["good films", "bad"]
    assert other.tokenize(texts).to_lists() == found.tokenize(texts).to_lists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"tokenizer": "char"}, r"tokenizer='char', but vectors='tiny' bring a tokenizer of their"),
        ({"tokenizer": Tokenizer()}, r"tokenizer=Tokenizer\('word'"),
        ({"lowercase": False}, "lowercase=False, but .*; leave lowercase out"),
    ],
)
def test_another_tokenizer_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        MeanEmbedder(table(), **options).fit(["film"])


def test_its_own_tokenizer_may_be_named():
    found = table()
    MeanEmbedder(found, tokenizer=found.tokenizer).fit(["film"])


def test_tokens_are_cut_to_a_length():
    tokens = Tokens.from_lists([["a", "b", "c"], ["d"], []]).truncate(2)
    assert tokens.to_lists() == [["a", "b"], ["d"], []]
    assert tokens.distinct.to_list() == ["a", "b", "d"]
