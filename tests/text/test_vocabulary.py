import json
import pickle
import time
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import CountVectorizer

from textseq.text.tokenizer import Tokenizer
from textseq.text.tokens import Tokens
from textseq.text.vocabulary import Vocabulary

TOKENS = Tokens.from_lists([["b", "a", "b"], [], ["c", "a"], ["é", "b"]])
lists_of_tokens = st.lists(
    st.lists(st.text("abcé🙂", min_size=1, max_size=2), max_size=6), min_size=1, max_size=10
)


def test_frequent_tokens_come_first_and_ties_in_code_point_order():
    vocabulary = Vocabulary.from_tokens(TOKENS)
    assert vocabulary.tokens == ("<pad>", "<unk>", "b", "a", "c", "é")
    assert vocabulary.counts.tolist() == [0, 0, 3, 2, 1, 1]
    assert vocabulary.document_counts.tolist() == [0, 0, 2, 2, 1, 1]
    assert (vocabulary.counts.dtype, vocabulary.document_counts.dtype) == (np.int64, np.int64)
    assert (len(vocabulary), vocabulary.n_documents) == (6, 4)
    assert vocabulary.table.to_dict("list") == {
        "id": [0, 1, 2, 3, 4, 5],
        "token": ["<pad>", "<unk>", "b", "a", "c", "é"],
        "count": [0, 0, 3, 2, 1, 1],
        "document_count": [0, 0, 2, 2, 1, 1],
    }


@settings(max_examples=300, deadline=None)
@given(lists_of_tokens)
def test_counts_are_those_of_a_loop(lists):
    vocabulary = Vocabulary.from_tokens(Tokens.from_lists(lists))
    counts = Counter(token for row in lists for token in row)
    documents = Counter(token for row in lists for token in set(row))
    expected = sorted(counts, key=lambda token: (-counts[token], token))
    assert vocabulary.tokens[2:] == tuple(expected)
    assert vocabulary.counts[2:].tolist() == [counts[token] for token in expected]
    assert vocabulary.document_counts[2:].tolist() == [documents[token] for token in expected]


@settings(max_examples=300, deadline=None)
@given(lists_of_tokens, lists_of_tokens)
def test_ids_are_in_range_and_lead_back(lists, unseen):
    vocabulary = Vocabulary.from_tokens(Tokens.from_lists(lists))
    for texts in (lists, unseen):
        ids = vocabulary.encode(Tokens.from_lists(texts))
        assert ids.values.dtype == np.int64
        assert ids.to_lists() == [[vocabulary[token] for token in row] for row in texts]
        known = [[token if token in vocabulary else "<unk>" for token in row] for row in texts]
        assert [vocabulary.decode(row) for row in ids.to_lists()] == known
    assert 1 not in vocabulary.encode(Tokens.from_lists(lists)).values


@pytest.mark.parametrize("min_df", [1, 2, 3, 0.0, 0.25, 0.26, 0.5, 1.0])
def test_min_df_is_that_of_scikit_learn(min_df):
    texts = ["a b b", "a c", "a d b", "a é b"]
    theirs = CountVectorizer(min_df=min_df, token_pattern=r"\S+").fit(texts)
    ours = Vocabulary.from_tokens(Tokenizer(str.split).tokenize(texts), min_df=min_df)
    assert sorted(ours.tokens[2:]) == sorted(theirs.vocabulary_)


def test_max_features_keeps_the_most_frequent():
    assert Vocabulary.from_tokens(TOKENS, max_features=3).tokens[2:] == ("b", "a", "c")


def test_several_fields_are_counted_together():
    first, second = Tokens.from_lists([["a"], ["b"]]), Tokens.from_lists([["b", "b"], []])
    vocabulary = Vocabulary.from_tokens([first, second])
    assert vocabulary.tokens[2:] == ("b", "a")
    assert vocabulary.counts[2:].tolist() == [3, 1]
    assert (vocabulary.document_counts[2:].tolist(), vocabulary.n_documents) == ([2, 1], 4)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"min_df": 0}, "min_df=0 is out of range; use a number of texts"),
        ({"min_df": -1}, "min_df=-1 is out of range"),
        ({"min_df": 1.5}, "min_df=1.5 is out of range"),
        ({"min_df": 5}, "min_df=5 leaves no token: none is in 5 of 4 texts; lower min_df"),
        ({"max_features": 0}, "max_features=0 keeps no word"),
    ],
)
def test_impossible_limits_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        Vocabulary.from_tokens(TOKENS, **options)


def test_empty_texts_make_an_empty_vocabulary():
    vocabulary = Vocabulary.from_tokens(Tokens.from_lists([[], []]), min_df=2)
    assert vocabulary.tokens == ("<pad>", "<unk>")
    assert vocabulary.encode(TOKENS).to_lists() == [[1, 1, 1], [], [1, 1], [1, 1]]


def test_a_text_that_writes_a_special_holds_a_word_but_for_the_unknown_token():
    texts = Tokens.from_lists([["<pad>", "<unk>", "a"]])
    vocabulary = Vocabulary.from_tokens(texts)
    assert vocabulary.tokens == ("<pad>", "<unk>", "<pad>", "a")
    assert vocabulary.encode(texts).to_lists() == [[2, 1, 3]]
    assert (vocabulary["<pad>"], "<pad>" in vocabulary, "<unk>" in vocabulary) == (2, True, False)
    # Files of word vectors hold both, for their own ends.
    other = Vocabulary.from_tokens(Tokens.from_lists([["a"]]))
    assert other.extended(["<unk>", "b", "<pad>"]).tokens == ("<pad>", "<unk>", "a", "b")
    assert other.encode(texts).to_lists() == [[1, 1, 2]]


def test_decode_refuses_what_is_no_id():
    vocabulary = Vocabulary.from_tokens(TOKENS)
    assert vocabulary.decode(np.array([2, 0])) == ["b", "<pad>"]
    for wrong in (6, -1):
        with pytest.raises(ValueError, match=f"id {wrong} is not among the 6 ids"):
            vocabulary.decode([2, wrong])


def test_extended_appends_what_is_new():
    vocabulary = Vocabulary.from_tokens(TOKENS)
    extended = vocabulary.extended(["z", "a", "y", "z"])
    assert extended.tokens == (*vocabulary.tokens, "z", "y")
    assert extended.counts.tolist() == [*vocabulary.counts.tolist(), 0, 0]
    assert extended.document_counts.tolist() == [*vocabulary.document_counts.tolist(), 0, 0]
    assert extended.n_documents == vocabulary.n_documents
    assert len(vocabulary) == 6
    assert vocabulary.extended([]) == vocabulary


def test_extending_by_a_file_of_vectors_is_quick():
    vocabulary = Vocabulary.from_tokens(TOKENS)
    words = [f"word{number}" for number in range(400_000)]
    start = time.thread_time()
    extended = vocabulary.extended(words)
    assert time.thread_time() - start < 1
    assert extended.encode(Tokens.from_lists([["word399999", "b", "no"]])).to_lists() == [
        [400_005, 2, 1]
    ]


def test_json_brings_a_vocabulary_back():
    vocabulary = Vocabulary.from_tokens(TOKENS)
    again = Vocabulary.from_dict(json.loads(json.dumps(vocabulary.to_dict())))
    assert again == vocabulary
    assert hash(again) == hash(vocabulary)
    assert pickle.loads(pickle.dumps(vocabulary)) == vocabulary
    assert again.encode(TOKENS).to_lists() == vocabulary.encode(TOKENS).to_lists()


def test_vocabularies_differ_by_words_and_by_counts():
    vocabulary = Vocabulary(["a", "b"], [2, 1], [1, 1], 1)
    assert vocabulary == Vocabulary(["a", "b"], [2, 1], [1, 1], 1)
    assert vocabulary != Vocabulary(["a", "c"], [2, 1], [1, 1], 1)
    assert vocabulary != Vocabulary(["a", "b"], [3, 1], [1, 1], 1)
    assert vocabulary != Vocabulary(["a", "b"], [2, 1], [2, 1], 1)
    assert vocabulary != Vocabulary(["a", "b"], [2, 1], [1, 1], 2)
    assert vocabulary != ("a", "b")


def test_a_vocabulary_never_changes():
    vocabulary = Vocabulary.from_tokens(TOKENS)
    with pytest.raises(ValueError, match="read-only"):
        vocabulary.counts[2] = 7
    with pytest.raises(AttributeError):
        vocabulary.counts = np.zeros(6)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((["a", "b", "a"], [1, 1, 1], [1, 1, 1], 1), "the word 'a' is in the list twice"),
        ((["a", "<unk>"], [1, 1], [1, 1], 1), "words must not hold None or <unk>"),
        ((["a", None], [1, 1], [1, 1], 1), "words must not hold None"),
        ((["a", "b"], [1], [1, 1], 1), r"counts has shape \(1,\); it needs one number for each"),
        ((["a", "b"], [1, 1], [1], 1), r"document_counts has shape \(1,\)"),
    ],
)
def test_lists_that_do_not_fit_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        Vocabulary(*arguments)


def test_repr_shows_the_commonest():
    assert repr(Vocabulary.from_tokens(TOKENS)) == (
        "Vocabulary of 6 tokens from 4 texts: 'b', 'a', 'c', 'é'"
    )


def test_marks_stand_before_the_words_and_are_none_of_them():
    tokens = Tokens.from_lists([["b", "a", "b"]])
    vocabulary = Vocabulary.from_tokens(tokens, marks=("<bos>", "<eos>"))
    assert vocabulary.tokens == ("<pad>", "<unk>", "<bos>", "<eos>", "b", "a")
    assert vocabulary.encode(tokens).to_lists() == [[4, 5, 4]]
    assert (vocabulary.mark_id("<bos>"), vocabulary.mark_id("<eos>")) == (2, 3)
    again = Vocabulary.from_dict(vocabulary.to_dict())
    assert again == vocabulary and again.extended(["c"]).tokens[2:] == (
        "<bos>", "<eos>", "b", "a", "c",
    )  # fmt: skip
    assert Vocabulary.from_tokens(tokens) != vocabulary
    many = [f"w{number}" for number in range(6000)]
    large = Vocabulary(many, [1] * 6000, [1] * 6000, 1, marks=("<eos>",))
    assert large.ids_of([*many, "<eos>", "zz"]).tolist() == [*range(3, 6003), 1, 1]


def test_a_word_that_is_written_as_a_mark_has_its_own_id():
    tokens = Tokens.from_lists([["<bos>", "a", "<eos>"], ["<bos>", "<eos>"]])
    vocabulary = Vocabulary.from_tokens(tokens, marks=("<bos>", "<eos>"))
    assert vocabulary.tokens == ("<pad>", "<unk>", "<bos>", "<eos>", "<bos>", "<eos>", "a")
    ids = vocabulary.encode(tokens).to_lists()
    assert ids == [[4, 6, 5], [4, 5]] and vocabulary.mark_id("<eos>") == 3
    assert [vocabulary.decode(row) for row in ids] == tokens.to_lists()
    again = Vocabulary.from_dict(vocabulary.to_dict())
    assert again == vocabulary and again.encode(tokens).to_lists() == ids
    other = Vocabulary.from_tokens(Tokens.from_lists([["a"]]), marks=("<eos>",))
    assert other.extended(vocabulary.tokens[4:]).encode(tokens).to_lists() == [[4, 3, 5], [4, 5]]


@pytest.mark.parametrize("limits", [{}, {"min_df": 2}, {"max_features": 3}])
def test_every_learned_piece_and_byte_has_an_id(limits):
    cutter = Tokenizer("bpe", vocab_size=300).fit(["low lower lowest", "newer lowest low"])
    tokens = cutter.tokenize(["low lower lowest", "newer lowest low"])
    counted = Vocabulary.from_tokens(tokens, **limits)
    vocabulary = Vocabulary.from_tokens(tokens, pieces=cutter.pieces, **limits)
    assert vocabulary.tokens[: len(counted)] == counted.tokens
    assert set(vocabulary.tokens[2:]) == set(cutter.pieces)
    assert (vocabulary.counts[len(counted) :] == 0).all()
    new = cutter.tokenize(["slowest weather: Ω 🙂", "low"])
    assert (counted.encode(new).values == 1).any()
    assert (vocabulary.encode(new).values > 1).all()
