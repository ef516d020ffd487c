import pickle
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from textseq.ragged import Ragged
from textseq.text.represent import IntegerEncoder, MeanEmbedder, OneHotEncoder
from textseq.text.tokenizer import Tokenizer

WORDS = ["good", "great", "bad", "awful", "film", "the", "n't", "unseen"]
VECTORS = SimpleNamespace(words=WORDS, matrix=np.random.default_rng(0).normal(size=(8, 5)))
TEXTS = ["the good film", "a great film", "the bad film", "awful, awful film", "not good", ""]


def opinions(n, seed):
    """Make texts whose label hangs on the word they start with."""
    rng = np.random.default_rng(seed)
    label = rng.integers(0, 2, n)
    first = np.where(label, rng.choice(WORDS[:2], n), rng.choice(WORDS[2:4], n))
    more = rng.integers(0, 9, n)
    texts = [f"{word} film {'the ' * number}" for word, number in zip(first, more, strict=True)]
    return texts, np.where(label, "pos", "neg")


TRANSFORMERS = [
    IntegerEncoder(),
    IntegerEncoder(tokenizer="char", max_length=12),
    OneHotEncoder(),
    OneHotEncoder(sparse_output=False, max_length=4),
    MeanEmbedder(VECTORS),
    MeanEmbedder(VECTORS, idf=True),
]


def dense(array):
    return array.toarray() if sp.issparse(array) else array


def embedded(text, vectors=VECTORS):
    """Average the vectors of a text of plain words, in a loop."""
    rows = [vectors.matrix[vectors.words.index(w)] for w in text.split() if w in vectors.words]
    return np.mean(rows, axis=0) if rows else np.zeros(vectors.matrix.shape[1])


@pytest.mark.parametrize("transformer", TRANSFORMERS, ids=repr)
class TestEveryTransformer:
    def test_it_is_a_step_before_a_classifier(self, transformer):
        pipeline = make_pipeline(clone(transformer), LogisticRegression(max_iter=2000))
        pipeline.fit(*opinions(200, seed=0))
        # A weight for an id's size means nothing: integers only have to pass through.
        floor = 0.0 if isinstance(transformer, IntegerEncoder) else 1.0
        assert pipeline.score(*opinions(100, seed=1)) >= floor
        assert pipeline.predict([""]).shape == (1,)

    def test_the_width_stays_that_of_the_fit(self, transformer):
        fitted = clone(transformer).fit(TEXTS)
        width = fitted.transform(TEXTS).shape[1]
        for texts in (["x"], [""], ["good " * 50, "the"]):
            assert fitted.transform(texts).shape == (len(texts), width)
        assert len(fitted.get_feature_names_out()) == width

    def test_a_text_is_the_same_alone_and_among_others(self, transformer):
        fitted = clone(transformer).fit(TEXTS)
        together = dense(fitted.transform(TEXTS))
        for row, text in enumerate(TEXTS):
            np.testing.assert_array_equal(dense(fitted.transform([text]))[0], together[row])

    def test_clone_and_pickle(self, transformer):
        unfitted = clone(transformer)
        assert unfitted.get_params().keys() == transformer.get_params().keys()
        with pytest.raises(NotFittedError):
            unfitted.transform(TEXTS)
        with pytest.raises(NotFittedError):
            unfitted.get_feature_names_out()
        fitted = unfitted.fit(TEXTS)
        again = pickle.loads(pickle.dumps(fitted))
        np.testing.assert_array_equal(dense(again.transform(TEXTS)), dense(fitted.transform(TEXTS)))

    def test_texts_may_come_in_a_column(self, transformer):
        fitted = clone(transformer).fit(pd.Series(TEXTS, index=range(10, 16)))
        expected = dense(fitted.transform(TEXTS))
        for texts in (np.array(TEXTS), pd.DataFrame({"text": TEXTS})):
            np.testing.assert_array_equal(dense(fitted.transform(texts)), expected)
        columns = ColumnTransformer([("text", clone(transformer), "text")], sparse_threshold=0)
        made = columns.fit_transform(pd.DataFrame({"text": TEXTS}))
        np.testing.assert_array_equal(made, expected)

    def test_bad_texts_are_named(self, transformer):
        with pytest.raises(ValueError, match="at row 1; drop those rows"):
            clone(transformer).fit(["a", None])
        with pytest.raises(ValueError, match="two texts a row"):
            clone(transformer).fit([("a", "b")])

    def test_texts_that_are_all_empty(self, transformer):
        array = clone(transformer).fit(["", ""]).transform(["", "good"])
        assert array.shape[1] >= 1
        assert not dense(array)[0].any()

    def test_its_columns_have_names_in_a_frame(self, transformer):
        fitted = clone(transformer).set_output(transform="pandas").fit(TEXTS)
        if getattr(transformer, "sparse_output", False):
            with pytest.raises(ValueError, match="sparse"):
                fitted.transform(TEXTS)
            return
        frame = fitted.transform(TEXTS)
        assert list(frame.columns) == list(fitted.get_feature_names_out())
        assert frame.shape[0] == len(TEXTS)


def test_integers_are_padded_on_the_right():
    encoder = IntegerEncoder(min_df=2).fit(TEXTS)
    assert encoder.vocabulary_.tokens == ("<pad>", "<unk>", "film", "good", "the")
    expected = [[4, 3, 2, 0], [1, 1, 2, 0], [4, 1, 2, 0], [1, 1, 1, 2], [1, 3, 0, 0], [0, 0, 0, 0]]
    assert encoder.transform(TEXTS).tolist() == expected
    assert encoder.transform(TEXTS).dtype == np.int64


def test_ragged_integers_are_cut_only_on_request():
    texts = ["the good the good the good"]
    whole = IntegerEncoder(padding=False).fit(TEXTS).transform(texts)
    assert isinstance(whole, Ragged)
    assert whole.lengths.tolist() == [6]
    cut = IntegerEncoder(padding=False, max_length=2).fit(TEXTS).transform(texts)
    assert cut.lengths.tolist() == [2]


def test_ragged_integers_have_no_columns():
    encoder = IntegerEncoder(padding=False).fit(TEXTS)
    with pytest.raises(ValueError, match="use padding=True"):
        encoder.get_feature_names_out()


@settings(max_examples=100, deadline=None)
@given(st.lists(st.text("ab c", max_size=8), min_size=1, max_size=5))
def test_ids_and_one_hot_lead_back_to_the_tokens(texts):
    tokens = Tokenizer().tokenize(texts).to_lists()
    for encoder in (IntegerEncoder(), IntegerEncoder(padding=False), OneHotEncoder()):
        assert encoder.inverse_transform(encoder.fit(texts).transform(texts)) == tokens
    lists = IntegerEncoder().fit(texts).transform(texts).tolist()
    assert IntegerEncoder().fit(texts).inverse_transform(lists) == tokens


def test_one_hot_times_a_matrix_is_an_embedding():
    torch = pytest.importorskip("torch")
    integers = IntegerEncoder().fit(TEXTS)
    one_hot = OneHotEncoder().fit(TEXTS)
    n_tokens, unseen = len(one_hot.vocabulary_), ["the new film", *TEXTS]
    embedding = torch.nn.Embedding(n_tokens, 3, padding_idx=0)
    matrix = embedding.weight.detach().numpy()
    looked_up = embedding(torch.from_numpy(integers.transform(unseen))).detach().numpy()
    encoded = one_hot.transform(unseen).toarray().reshape(len(unseen), one_hot.width_, n_tokens)
    np.testing.assert_array_equal(encoded @ matrix, looked_up)


def test_one_hot_is_sparse_whatever_its_width():
    texts = [f"word{number} and the rest" * 10 for number in range(2000)]
    encoded = OneHotEncoder().fit_transform(texts)
    assert sp.issparse(encoded)
    assert encoded.shape[1] > 50_000
    assert encoded.nnz == Tokenizer().tokenize(texts).lengths.sum()
    assert encoded.dtype == np.float32


def test_one_hot_columns_say_position_and_token():
    names = OneHotEncoder(max_length=2).fit(["a b"]).get_feature_names_out()
    assert names.tolist() == (
        ["0_<pad>", "0_<unk>", "0_a", "0_b", "1_<pad>", "1_<unk>", "1_a", "1_b"]
    )


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(st.sampled_from([*WORDS, "other"]), max_size=9).map(" ".join), min_size=1))
def test_the_mean_is_that_of_a_loop(texts):
    made = MeanEmbedder(VECTORS).fit(["the good film"]).transform(texts)
    assert made.dtype == np.float32
    np.testing.assert_allclose(made, [embedded(text) for text in texts], atol=1e-6)


def test_words_unseen_in_training_keep_their_vectors():
    embedder = MeanEmbedder(VECTORS).fit(["the film"])
    np.testing.assert_allclose(embedder.transform(["unseen"])[0], VECTORS.matrix[7], rtol=1e-6)
    assert embedder.vocabulary_.counts[2:].tolist() == [0, 0, 0, 0, 1, 1, 0, 0]


def test_idf_gives_rare_words_more_weight():
    embedder = MeanEmbedder(VECTORS, idf=True).fit(["good film", "film film", "bad", "x"])
    weight = {"good": np.log(5 / 2) + 1, "film": np.log(5 / 3) + 1, "unseen": np.log(5) + 1}
    rows = {word: VECTORS.matrix[WORDS.index(word)] for word in weight}
    for text in ("good film", "film unseen film", "unseen"):
        words = text.split()
        expected = sum(weight[w] * rows[w] for w in words) / sum(weight[w] for w in words)
        np.testing.assert_allclose(embedder.transform([text])[0], expected, rtol=1e-5)


def test_a_vector_of_unk_in_the_file_belongs_to_no_word():
    vectors = SimpleNamespace(
        words=["<unk>", "a", "<pad>", "b"], matrix=np.arange(8.0).reshape(4, 2)
    )
    embedder = MeanEmbedder(vectors).fit(["a"])
    assert embedder.transform(["a", "b", "<unk>", "zzz"]).tolist() == [
        [2, 3],
        [6, 7],
        [0, 0],
        [0, 0],
    ]


def test_vectors_of_another_kind_are_named():
    with pytest.raises(
        ValueError, match="vectors is of type ndarray; pass WordVectors, a SubwordTable or"
    ):
        MeanEmbedder(np.zeros((2, 2))).fit(["a"])


def test_impossible_lengths_are_named():
    with pytest.raises(ValueError, match="max_length=0 keeps no token; use 1 or more"):
        IntegerEncoder(max_length=0).fit(["a"])


def test_a_tokenizer_of_ones_own_keeps_its_settings():
    tokenizer = Tokenizer("bpe", lowercase=False, vocab_size=260)
    encoder = IntegerEncoder(tokenizer=tokenizer).fit(TEXTS)
    assert encoder.inverse_transform(encoder.transform(["The film"]))[0][0] == "T"
    with pytest.raises(ValueError, match="learned nothing yet"):
        tokenizer.tokenize(["a"])


def test_pieces_are_as_many_as_the_vocabulary_may_hold():
    texts = [f"o gato subiu no telhado número {number}" for number in range(400)]
    assert len(IntegerEncoder(tokenizer="bpe", max_features=280).fit(texts).vocabulary_) == 282


def test_settings_can_be_searched():
    pipeline = make_pipeline(OneHotEncoder(), LogisticRegression(max_iter=500))
    search = GridSearchCV(pipeline, {"onehotencoder__max_length": [1, 3]}, cv=2)
    assert search.fit(*opinions(80, seed=2)).best_score_ > 0.9
