import copy
import pickle
import subprocess
import sys

import numpy as np
import pandas as pd
import polars as pl
import pytest
from gensim.models import FastText
from sklearn.base import BaseEstimator, clone

from textseq import TextClassifier, Tokenizer, Vocabulary, WordVectors, load_model
from textseq.text.tokens import Tokens

TEXTS = ["the film is good", "a film that is bad", "the plot is thin"] * 10


@pytest.fixture
def vectors():
    words = ["the", "film", "movie", "plot", "Rome", "rome"]
    matrix = [[1, 0], [0.6, 0.8], [0.7, 0.7], [0, 0], [0, 1], [-1, 0]]
    return WordVectors(words, matrix, name="small")


def test_lookup_falls_back_to_lower_case(vectors):
    words = ["film", "FILM", "Rome", "ROME", "nowhere", None, ""]
    expected = [1, 1, 4, 5, -1, -1, -1]
    for form in (words, tuple(words), pl.Series(words), iter(words), np.array(words, dtype=object)):
        rows = vectors.lookup(form)
        assert rows.dtype == np.int64
        assert rows.tolist() == expected
    assert vectors.lookup(pd.Series(words[:4])).tolist() == expected[:4]
    assert vectors.lookup([]).tolist() == []


def test_one_word_is_found_as_lookup_finds_it(vectors):
    for word in ("film", "FILM", "Rome", "ROME"):
        assert word in vectors
        np.testing.assert_array_equal(
            vectors[word], vectors.matrix[vectors.lookup([word])[0]], strict=True
        )
    assert "nowhere" not in vectors
    assert 3 not in vectors


def test_an_unknown_word_gets_a_hint(vectors):
    with pytest.raises(KeyError, match="'moive' has no vector; did you mean 'movie'"):
        vectors["moive"]
    with pytest.raises(KeyError, match="'xyz' has no vector; no common word is spelt like it"):
        vectors["xyz"]
    with pytest.raises(KeyError, match="'' has no vector"):
        vectors[""]


@pytest.mark.parametrize("words", ["film", [1, 2], [["film"]], 3])
def test_words_that_are_no_strings_are_refused(vectors, words):
    with pytest.raises(ValueError, match="words (must be an iterable of strings|is a single)"):
        vectors.lookup(words)


@pytest.mark.parametrize(
    ("words", "matrix", "message"),
    [
        (["a"], [[1, 2], [3, 4]], r"matrix has shape \(2, 2\); 1 words need \(1, dim\)"),
        (["a"], [1, 2], r"matrix has shape \(2,\)"),
        (["a"], np.empty((1, 0)), r"matrix has shape \(1, 0\)"),
        (["a", "b", "a"], np.zeros((3, 2)), "the word 'a' is in the list twice"),
        (["a", "b"], [[1, 2], [1, np.nan]], "the vector of 'b' holds NaN or infinity"),
    ],
)
def test_what_does_not_fit_is_refused(words, matrix, message):
    with pytest.raises(ValueError, match=message):
        WordVectors(words, matrix)


def test_nothing_can_be_changed(vectors):
    source = np.ones((1, 2), dtype=np.float32)
    made = WordVectors(["a"], source)
    source[:] = 5
    assert made["a"].tolist() == [1, 1]
    for array in (vectors.matrix, vectors["film"], pickle.loads(pickle.dumps(vectors)).matrix):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0
    for name in ("words", "matrix", "dim", "name", "fingerprint"):
        with pytest.raises(AttributeError):
            setattr(vectors, name, None)


def test_copies_are_the_same_object_and_clone_shares_it(vectors):
    class Model(BaseEstimator):
        def __init__(self, vectors=None):
            self.vectors = vectors

    assert copy.copy(vectors) is vectors
    assert copy.deepcopy({"a": vectors})["a"] is vectors
    assert clone(Model(vectors)).vectors is vectors


def test_a_pickle_holds_everything(vectors):
    again = pickle.loads(pickle.dumps(vectors))
    assert again.words.equals(vectors.words)
    assert again.name == "small"
    assert again.fingerprint == vectors.fingerprint
    assert again.lookup(["ROME"]) == [5]


def test_the_fingerprint_tells_words_and_numbers(vectors):
    words, matrix = vectors.words.to_list(), vectors.matrix
    assert WordVectors(words, matrix).fingerprint == vectors.fingerprint
    assert WordVectors(words[::-1], matrix).fingerprint != vectors.fingerprint
    assert WordVectors(words, matrix[::-1]).fingerprint != vectors.fingerprint


def test_nearest_words_by_cosine(vectors):
    table = vectors.most_similar("Film", n=2)
    assert table["word"].tolist() == ["movie", "Rome"]
    expected = (0.6 * 0.7 + 0.8 * 0.7) / (0.7 * np.sqrt(2))
    np.testing.assert_allclose(table["similarity"], [expected, 0.8], rtol=1e-6)
    table = vectors.most_similar([-2, 0], n=99)
    assert table["word"].tolist()[0] == "rome"
    assert len(table) == 6
    assert table.set_index("word")["similarity"]["plot"] == 0
    with pytest.raises(ValueError, match=r"has shape \(3,\); these have \(2,\)"):
        vectors.most_similar([1, 2, 3])
    with pytest.raises(KeyError):
        vectors.most_similar("nowhere")


@pytest.mark.parametrize("form", ["vocabulary", "tokens", "list", "series"])
def test_coverage_counts_types_and_tokens(vectors, form):
    flat = ["The", "film", "film", "ugh", "ugh", "ugh", "<pad>", "aha", "zzz"]
    tokens = Tokens.from_lists([flat[:4], flat[4:]])
    given = {
        "vocabulary": Vocabulary.from_tokens(tokens),
        "tokens": tokens,
        "list": flat,
        "series": pl.Series(flat),
    }[form]
    report = vectors.coverage(given)
    assert (report.n_types, report.n_types_found) == (6, 2)
    assert (report.n_tokens, report.n_tokens_found) == (9, 3)
    assert report.share_of_tokens == 3 / 9
    assert report.table.to_dict("list") == {
        "word": ["ugh", "<pad>", "aha", "zzz"],
        "count": [3, 1, 1, 1],
    }
    assert "ugh (3)" in repr(report)


def test_coverage_of_nothing(vectors):
    report = vectors.coverage([])
    assert (report.share_of_types, report.share_of_tokens) == (0, 0)
    assert "0 distinct words" in repr(report)


@pytest.mark.parametrize("cache", [True, False])
@pytest.mark.parametrize("form", ["vocabulary", "tokens", "list"])
def test_words_keeps_only_those(tmp_path, form, cache):
    path = tmp_path / "vectors.txt"
    path.write_text("the 1 2\nFilm 3 4\nfilm 5 6\nplot 7 8\n")
    words = ["THE", "Film", "ugh"]
    tokens = Tokens.from_lists([words])
    given = {"vocabulary": Vocabulary.from_tokens(tokens), "tokens": tokens, "list": iter(words)}
    vectors = WordVectors.load(path, words=given[form], cache=cache)
    assert vectors.words.to_list() == ["the", "Film", "film"]
    np.testing.assert_array_equal(vectors.matrix, [[1, 2], [3, 4], [5, 6]])
    nothing = WordVectors.load(path, words=["ugh"], cache=cache)
    assert nothing.matrix.shape == (0, 2)
    assert nothing.lookup(["ugh"]).tolist() == [-1]


def test_to_and_from_gensim(vectors, tmp_path):
    # gensim divides by the length of "plot", which is 0.
    vectors = WordVectors.load(vectors, words=["the", "film", "movie", "Rome"])
    keyed = vectors.to_gensim()
    assert keyed.most_similar("film", topn=1)[0][0] == "movie"
    for again in (WordVectors.load(keyed), WordVectors.load(vectors)):
        assert again.fingerprint == vectors.fingerprint
    assert WordVectors.load(vectors) is vectors
    assert WordVectors.load(vectors, words=["FILM"]).words.to_list() == ["film"]
    for binary in (True, False):
        keyed.save_word2vec_format(tmp_path / "a.bin", binary=binary)
        assert WordVectors.load(str(tmp_path / "a.bin")).fingerprint == vectors.fingerprint
    with pytest.raises(ValueError, match=r"cannot load word vectors from a dict; pass the path"):
        WordVectors.load({"a": [1, 2]})


def test_save_is_read_back_exactly(tmp_path):
    rng = np.random.default_rng(0)
    words = ["été", '"', ". . .", "# a", "12", "a\tb", "c ", *(f"w{i}" for i in range(12_000))]
    matrix = np.exp(rng.normal(scale=20, size=(len(words), 3))).astype(np.float32)
    vectors = WordVectors(words, matrix)
    vectors.save(tmp_path / "saved.vec")
    again = WordVectors.load(tmp_path / "saved.vec")
    assert again.words.to_list() == words
    np.testing.assert_array_equal(again.matrix, matrix)
    assert again.name == "saved"
    assert [path.name for path in tmp_path.iterdir()] == ["saved.vec"]


@pytest.mark.parametrize("word", ["a\nb", "", " ", "route 66", "a 1e-5", "x nan", "a\r"])
def test_a_word_that_text_cannot_hold_is_refused(tmp_path, word):
    with pytest.raises(ValueError, match="cannot be written as text"):
        WordVectors(["a", word], np.ones((2, 2))).save(tmp_path / "saved.vec")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("method", ["word2vec", "fasttext"])
def test_training_repeats_in_another_process(method):
    call = f"WordVectors.train({TEXTS}, {method!r}, dim=4, epochs=2, random_state=3)"
    code = f"from textseq import WordVectors; print({call}.fingerprint)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    here = WordVectors.train(TEXTS, method, dim=4, epochs=2, random_state=3)
    assert here.fingerprint == done.stdout.strip()
    other = WordVectors.train(TEXTS, method, dim=4, epochs=2, random_state=4)
    assert other.fingerprint != here.fingerprint


def test_words_without_a_vector_have_one_of_their_pieces():
    texts = ["walking talking", "walked talked", "a cat and a dog"] * 40
    own = WordVectors.train(texts, "fasttext", dim=8, random_state=0)
    made = own.composed(["talks", "doggy"])
    assert made.shape == (2, 8) and made.dtype == np.float32
    assert own.composed([]).shape == (0, 8)
    pieces = own.composed(["talk"])[0]
    assert np.linalg.norm(made[0] - pieces) < np.linalg.norm(made[1] - pieces)
    assert WordVectors.train(texts, dim=8, random_state=0).composed(["talks"]) is None
    kept = pickle.loads(pickle.dumps(own))
    np.testing.assert_array_equal(kept.composed(["talks"]), made[:1])
    assert kept.fingerprint == own.fingerprint


def test_a_fit_makes_vectors_of_pieces_for_words_of_its_texts(tmp_path):
    known = ["walking talking", "walked talked", "a cat and a dog"] * 40
    keyed = FastText([text.split() for text in known], vector_size=8, seed=0, workers=1).wv
    own, texts = WordVectors.load(keyed), ["talks walks", "cats dogs"] * 30
    model = TextClassifier(encoder="gru", vectors=keyed, freeze_vectors=True, max_epochs=1)
    model.fit(texts, [0, 1] * 30)
    table = model.weights_by_name()["embedding"]
    for word in ("talks", "walks", "cats", "dogs"):
        assert word not in own
        np.testing.assert_array_equal(table[model.vocabulary_[word]], own.composed([word])[0])
    again = load_model(model.save(tmp_path / "m"))
    assert (again.predict_proba(texts[:2]) == model.predict_proba(texts[:2])).all()


def test_training_takes_texts_or_tokens():
    options = {"dim": 4, "epochs": 1, "random_state": 0}
    tokens = Tokenizer().tokenize(TEXTS)
    made = [WordVectors.train(form, **options) for form in (TEXTS, tokens, tokens.to_lists())]
    assert len({vectors.fingerprint for vectors in made}) == 1
    assert made[0].dim == 4
    assert set(made[0].words) == set(" ".join(TEXTS).split())
    assert len(WordVectors.train(TEXTS, min_count=20, **options)) == 3


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"method": "glove"}, "method='glove' is unknown; use 'word2vec' or 'fasttext'"),
        ({"min_count": 31}, "no word occurs 31 times in 30 texts; lower min_count"),
        ({"dim": 0}, "dim=0 is too low"),
        ({"epochs": 0}, "epochs=0 is too low"),
    ],
)
def test_training_refuses_what_cannot_work(options, message):
    with pytest.raises(ValueError, match=message):
        WordVectors.train(TEXTS, **options)


def test_repr_tells_name_size_and_words(vectors):
    assert repr(vectors) == (
        "WordVectors 'small' of 6 words, 2 numbers each: 'the', 'film', 'movie', 'plot', "
        "'Rome', ..."
    )


def test_shipped_vectors_go_by_their_name_unless_a_file_has_it(tmp_path, monkeypatch):
    name = "glove.6B.50d.top20k"
    assert WordVectors.load(name).matrix.shape == (20_000, 50)
    model = TextClassifier(encoder="mean", vectors=name, max_epochs=1, n_threads=1)
    assert (
        model.fit(["good film", "bad film"] * 10, [1, 0] * 10).architecture_["embedding_dim"] == 50
    )
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).write_text("good 1 2\nbad 2 1\n")
    assert WordVectors.load(name).matrix.shape == (2, 2)
