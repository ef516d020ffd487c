"""SequenceTagger's manners: what it takes, what it gives, what it repeats."""

import pickle
import unicodedata
import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import polars as pl
import pytest
from rounding import rounding
from sklearn.base import clone

from textseq import (
    ModelFileError,
    SequenceTagger,
    Tokens,
    WordVectors,
    load_model,
    load_sample,
)
from textseq.text.vocabulary import UNKNOWN_ID


def unspaced(n=240):
    """Lines of Shakespeare without spaces; B begins a word, I goes on with one."""
    lines = load_sample("tinyshakespeare").split("\n")
    words = [line.split() for line in lines if line.strip()][:n]
    X = [list("".join(row)) for row in words]
    return X, [[tag for word in row for tag in "B" + "I" * (len(word) - 1)] for row in words]


def frames(n=40):
    """Utterances of three of the nine speakers, three a row, and the speaker of each frame."""
    (X, y), _ = load_sample("japanese_vowels")
    own = [(series, label) for series, label in zip(X, y, strict=True) if label in ("1", "2", "3")]
    rng = np.random.default_rng(0)
    rows, tags = [], []
    for _ in range(n):
        chosen = [own[place] for place in rng.integers(0, len(own), 3)]
        rows.append(np.concatenate([series for series, _ in chosen], axis=1))
        tags.append([int(label) for series, label in chosen for _ in range(series.shape[1])])
    return rows, tags


def small(head="crf", **parameters):
    defaults = dict(hidden_size=8, embedding_dim=6, max_epochs=2, random_state=0, n_threads=2)
    return SequenceTagger(head, **defaults | parameters)


@pytest.fixture(scope="module")
def data():
    return unspaced()


@pytest.fixture(scope="module")
def model(data):
    return small().fit(*data)


@pytest.mark.parametrize(
    "parameters",
    [
        dict(),
        dict(head="linear"),
        dict(encoder="tcn"),
        dict(encoder="bigru", num_layers=2, normalization="layer"),
        dict(encoder="lstm_fcn"),
    ],
    ids=str,
)
def test_a_row_is_tagged_the_same_alone_in_a_batch_and_beside_long_ones(data, parameters):
    model = small(**parameters).fit(*data)
    X = data[0][:60]
    together = model.predict_proba(X)
    beside = model.predict_proba([*X, list("long") * 200, []])
    tags = model.predict(X)
    assert [len(row) for row in tags] == [len(row) for row in X]
    for row, probabilities in enumerate(together):
        assert np.abs(probabilities.sum(1) - 1).max() < 1e-9
        assert np.abs(beside[row] - probabilities).max() < rounding(1)
        assert np.abs(model.predict_proba([X[row]])[0] - probabilities).max() < rounding(1)
        assert model.predict([X[row]]) == [tags[row]]
    assert beside[-1].shape == (0, 2)


def test_it_learns_where_words_begin_and_neighbours_help():
    X, y = unspaced(1000)
    options = dict(hidden_size=32, encoder="tcn", num_layers=1, max_epochs=4, embedding_dim=16)
    usual = max(np.mean(np.concatenate(y) == tag) for tag in "BI")
    scores = {}
    for head in ("crf", "linear"):
        model = small(head, **options).fit(X[:800], y[:800])
        scores[head] = model.span_f1(X[800:], y[800:])
        assert model.score(X[800:], y[800:]) > usual + 0.05
        truth, found = np.concatenate(y[800:]), np.concatenate(model.predict(X[800:]))
        assert model.score(X[800:], y[800:]) == pytest.approx(np.mean(truth == found))
    assert scores["crf"] > scores["linear"]
    assert model.receipt_["score_name"] == "span_f1"


@pytest.mark.parametrize("n_threads", [1, 2])
def test_a_second_fit_repeats_the_first_to_the_last_bit(data, n_threads):
    model = small(n_threads=n_threads, embedding_dropout=0.3)
    first, again, twin = (
        m.fit(*data).receipt_["weights_sha256"] for m in (model, model, clone(model))
    )
    other = small(n_threads=n_threads, random_state=1).fit(*data).receipt_["weights_sha256"]
    assert first == again == twin != other


def test_rows_come_in_many_forms(data, model):
    X, y = data[0][:30], data[1][:30]
    expected = model.predict(X)
    assert expected == model.predict(Tokens.from_lists(X)) == model.predict(tuple(map(tuple, X)))
    assert expected == model.predict(pd.Series(X)) == model.predict(pl.Series(X))
    assert model.predict([]) == [] == model.predict_proba([])
    assert model.predict([[], ["a"], []])[::2] == [[], []]
    score = model.score(X, y)
    assert score == model.score(pd.Series(X), Tokens.from_lists(y)) == model.score(X, pl.Series(y))
    assert score == model.score(X, [np.array(row) for row in y])


def test_it_survives_its_file_pickling_and_copying(data, model, tmp_path):
    X = data[0][:20]
    path = model.save(tmp_path / "m.textseq")
    opened = load_model(path)
    for other in (opened, pickle.loads(pickle.dumps(model))):
        assert other.predict(X) == model.predict(X)
        for a, b in zip(other.predict_proba(X), model.predict_proba(X), strict=True):
            assert np.array_equal(a, b)
    assert opened.vocabulary_ == model.vocabulary_
    assert opened.fitted_parameters_ == model.fitted_parameters_
    assert opened.get_params() == model.get_params()
    assert path.read_bytes() == opened.save(tmp_path / "again.textseq").read_bytes()


def test_a_file_whose_parts_do_not_fit_is_refused(data, tmp_path):
    model = small().fit(*data)
    model.classes_ = np.array(["B", "I", "O"])
    with pytest.raises(ModelFileError, match="differ in number"):
        load_model(model.save(tmp_path / "m.textseq"))
    model.classes_ = model.classes_[:2]
    assert load_model(model.save(tmp_path / "m.textseq")).predict([["a"]])
    more = model.vocabulary_.extended(["zz"])
    model.encoding_ = replace(model.encoding_, vocabulary=more)
    with pytest.raises(ModelFileError, match="differ in number"):
        load_model(model.save(tmp_path / "m.textseq"))


def test_frames_are_tagged_with_tags_of_their_own_type():
    X, y = frames()
    X[0][2, 3] = np.nan
    model = small(hidden_size=16, max_epochs=8).fit(
        X[:30], y[:30], validation_data=(X[30:], y[30:])
    )
    found = model.predict(X[30:])
    assert {type(tag) for row in found for tag in row} == {int}
    assert model.score(X[30:], y[30:]) > 0.8
    assert model.predict_proba(X[30:])[0].shape == (X[30].shape[1], 3)
    again = pickle.loads(pickle.dumps(model)).predict([series.tolist() for series in X[30:]])
    assert again == found
    with pytest.raises(AttributeError, match="has no vocabulary_"):
        model.vocabulary_  # noqa: B018
    assert "steps_per_second" in model.history_
    with pytest.raises(ValueError, match="fitted to arrays of frames, but X holds tokens"):
        model.predict([["a"]])
    with pytest.raises(ValueError, match="X has 3 channels, but the model was fitted to 12"):
        model.predict([np.zeros((3, 5))])


def test_a_frame_models_file_opens_as_it_was(tmp_path):
    X, y = frames(30)
    model = small().fit(X, y)
    opened = load_model(model.save(tmp_path / "m.textseq"))
    assert opened.predict(X) == model.predict(X)
    assert opened.n_parameters_ == model.n_parameters_


def test_rare_words_teach_what_unknown_words_are():
    rng = np.random.default_rng(0)
    names = [f"name{number}" for number in range(200)]
    verbs = ["sees", "meets", "likes"]
    X = [[names[i], verbs[rng.integers(3)], names[199 - i]] for i in range(50)] * 2
    X += [[names[i], verbs[rng.integers(3)], names[199 - i]] for i in range(50, 100)]
    model = small(hidden_size=16, max_epochs=10, validation_fraction=0.0)
    prepared = model.prepare(X, [["N", "V", "N"]] * 150)
    words = model.vocabulary_.tokens
    assert set(words[2:]) == {*names, *verbs}
    read, epochs = prepared.rows.inputs.inputs.values, np.random.default_rng(1)
    first, second = (prepared.rows.drawn(epochs, 0.0).inputs.inputs.values for _ in range(2))
    is_verb = np.arange(450) % 3 == 1
    for drawn in (first, second):
        assert set(drawn[drawn != read].tolist()) == {UNKNOWN_ID}
        # Of 200 names that two rows have a third, of 100 that one has a half, verbs hardly ever.
        assert 45 < (drawn != read)[:300][~is_verb[:300]].sum() < 90
        assert 30 < (drawn != read)[300:][~is_verb[300:]].sum() < 70
        assert (drawn != read)[is_verb].sum() < 12
    assert (first != second).any() and (read != UNKNOWN_ID).all()
    model.fit(X, [["N", "V", "N"]] * 150)
    assert model.network_.inputs.weight[UNKNOWN_ID].abs().sum() > 0
    assert model.predict([["Ana", "sees", "Bob"]]) == [["N", "V", "N"]]


def test_pretrained_vectors_know_words_beyond_the_training_rows():
    words = ["red", "green", "blue", "cat", "dog", "cow"]
    matrix = np.repeat(np.eye(2, dtype=np.float32), 3, axis=0)
    vectors = WordVectors(words, matrix)
    X, y = [["Red", "cat"], ["green"]] * 20, [["A", "N"], ["A"]] * 20
    once = [["red", word] for word in ("dog", "cow")]
    for known, shares in ((None, {1 / 2, 1 / 3, 1 / 21}), (vectors, {0})):
        model = small(vectors=known, validation_fraction=0.0)
        rows = model.prepare(X + once, y + [["A", "N"]] * 2).rows
        assert set(rows.unknown_shares.tolist()) == shares
        assert {"dog", "cow"} <= set(model.vocabulary_.tokens)
    model = small(vectors=vectors, lowercase=True, max_epochs=30, learning_rate=0.02).fit(X, y)
    assert "cow" in model.vocabulary_
    assert model.predict([["COW", "Blue"], ["cow"]]) == [["N", "A"], ["N"]]
    frozen = small(vectors=vectors, freeze_vectors=True, lowercase=True).fit(X, y)
    assert np.array_equal(frozen.network_.inputs.weight[frozen.vocabulary_["blue"]], [1, 0])
    with pytest.raises(ValueError, match="vectors are of tokens, but X holds frames"):
        small(vectors=vectors).fit(*frames(4))


def test_spans_are_scored_as_seqeval_does():
    X, y = unspaced(60)
    model = small().fit(X, y)
    from seqeval.metrics import f1_score
    from seqeval.scheme import IOB2

    found = model.predict(X)
    assert model.span_f1(X, y) == pytest.approx(f1_score(y, found))
    strictly = f1_score(y, found, mode="strict", scheme=IOB2)
    assert model.span_f1(X, y, "IOB2") == pytest.approx(strictly)
    with pytest.raises(ValueError, match="unknown scheme 'IOB'"):
        model.span_f1(X, y, "IOB")
    with pytest.raises(ValueError, match="no span is marked"):
        model.span_f1(X, [["O"] * len(row) for row in y], "IOB2")
    with pytest.raises(ValueError, match="mark no spans"):
        model.span_f1(X, [["verb"] * len(row) for row in y])


def test_spans_that_are_never_found_score_zero_without_a_warning():
    X, y = [["a", "b"]] * 40, [["O", "O"]] * 39 + [["B-x", "O"]]
    model = small(max_epochs=10).fit(X, y)
    assert {tag for row in model.predict(X) for tag in row} == {"O"}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert model.span_f1(X, y) == 0.0


def test_tags_come_in_many_forms(data, model):
    rows, tags = [["a", "b"], ["c", "d"]], [["B", "I"], ["B", "B"]]
    expected = model.score(rows, tags)
    forms = [np.array(tags), pd.Series(tags), pl.Series(tags), pd.DataFrame({"tags": tags})]
    forms += [pl.DataFrame({"tags": tags}), pd.Series([np.array(row) for row in tags])]
    assert [model.score(rows, form) for form in forms] == [expected] * len(forms)


def ids_of_words(n=150):
    """Rows of ids of words, and the kind of each word, which its id tells nothing of."""
    rng = np.random.default_rng(0)
    kinds = rng.integers(0, 3, 60)
    rows = [rng.integers(0, 60, rng.integers(4, 12)).tolist() for _ in range(n)]
    return rows, [["xyz"[kinds[number]] for number in row] for row in rows]


def test_whole_numbers_are_ids_of_tokens_and_no_magnitudes():
    rows, tags = ids_of_words()
    words = [[str(number) for number in row] for row in rows]
    options = dict(max_epochs=8, hidden_size=16)
    by_ids, by_words = small(**options).fit(rows, tags), small(**options).fit(words, tags)
    assert by_ids.receipt_["weights_sha256"] == by_words.receipt_["weights_sha256"]
    assert by_ids.score(rows, tags) == by_words.score(rows, tags) > 0.9
    arrays = [np.array(row) for row in rows]
    for form in (words, arrays, pl.Series(rows), pd.Series(arrays)):
        assert by_ids.predict(form) == by_ids.predict(rows)
    assert by_ids.predict(np.array([row[:4] for row in rows])) == by_ids.predict(
        [row[:4] for row in rows]
    )
    with pytest.raises(ValueError, match="fitted to tokens, but X holds arrays of frames"):
        by_ids.predict([[0.5, 2.0]])


def test_numbers_that_are_measured_stay_series():
    steps = np.arange(12.0)
    series = [np.sin(steps + shift) * 100 for shift in range(20)]
    tags = [["up" if value > 0 else "down" for value in row] for row in series]
    model = small(max_epochs=1).fit(series, tags)
    rounded = [row.round().astype(int) for row in series]
    # Below zero they are no ids; and what was fitted to frames reads whole numbers as numbers.
    assert small(max_epochs=1).fit(rounded, tags).encoding_.n_inputs == 1
    above = [row + 200 for row in rounded]
    assert len(model.predict(above)) == len(model.predict([row.tolist() for row in above])) == 20
    with pytest.warns(UserWarning, match="neighbours are alike.*pass floats"):
        small(max_epochs=1).fit(above, tags)
    frames = small(max_epochs=1).fit([row.astype(float) for row in above], tags)
    assert frames.predict(above) == frames.predict([row.astype(float) for row in above])


def test_accents_may_be_written_apart_in_training_or_afterwards():
    rows = [["josé", "é"], ["café", "ñu"]] * 20
    tags = [["B", "O"], ["O", "B"]] * 20
    apart = [[unicodedata.normalize("NFD", token) for token in row] for row in rows]
    options = dict(max_epochs=6, learning_rate=0.02)
    model, other = small(**options).fit(rows, tags), small(**options).fit(apart, tags)
    assert model.predict(apart) == model.predict(rows) == tags
    assert other.predict(apart) == other.predict(rows) == tags
    assert {"josé", "ñu"} <= set(other.vocabulary_.tokens)


@pytest.mark.parametrize(
    ("X", "y", "message"),
    [
        ([["a", "b"], ["c"]], [["A", "B"], ["A", "B"]], "row 1 has 1 steps but 2 tags"),
        ([["a"], ["b"]], [["A"]], "X has 2 rows but y has 1"),
        (["ab", "c"], [["A", "B"], ["A"]], r"X\[0\] is one string, 'ab'; cut it first"),
        ([["a", None]], [["A", "B"]], r"X\[0\]\[1\] is None, no string"),
        ([["a"], ["b", "c"]], [["A"], ["B", None]], r"y\[1\]\[1\] is missing"),
        ([["a"], ["b", "c"]], [["A"], ["B", np.nan]], r"y\[1\]\[1\] is missing"),
        ([["a"], ["b", "c"]], [["A"], ["B", 3]], r"y\[1\]\[1\] is 3, and others are strings"),
        ([["a", "b"]], [[["A"], ["B"]]], "a tag of y is a list itself"),
        ([[], []], [[], []], "X holds no step to learn from"),
        ([["a", "b"]], [["A", "A"]], "only one class"),
        ([["a", "b"]], ["AB"], r"y\[0\] is one string, 'AB'; pass the tags of each row as a list"),
        ([["a", "b"]], ["A", "B"], "pass the tags of each row as a list"),
        ([["a", "b"]], [1, 2], r"y\[0\] is 1; pass the tags of each row as a list"),
        ([["a", "b"]], [{"A", "B"}], r"y\[0\] is a set, which has no order; pass the tags of"),
        ([["a", "b"]], "A B", r"y is one string, 'A B'; pass a list of lists: \[text.split\(\)\]"),
        (
            ["the", "sea"],
            [["A"]],
            r"of one sentence, pass it as one row: \[\['the', 'sea'\]\]",
        ),
        ("abc", ["A"], r"X is one string, 'abc'; pass a list of lists: \[text.split"),
        ([np.zeros((2, 3))], [["A", "B"]], "row 0 has 3 steps but 2 tags"),
        ([["a"], 3], [["A"], ["B"]], r"X\[1\] is 3"),
    ],
    ids=str,
)
def test_bad_rows_are_named(X, y, message):
    with pytest.raises(ValueError, match=message):
        small().fit(X, y)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        (dict(head="cfr"), "unknown head 'cfr'; did you mean 'crf'?"),
        (dict(encoder="mean"), "makes one vector of a whole row"),
        (dict(embedding_dim=0), "embedding_dim must be a whole number"),
        (dict(dropout=1.0), "dropout must be a number"),
    ],
    ids=str,
)
def test_bad_parameters_are_named(parameters, message):
    with pytest.raises(ValueError, match=message.replace("?", r"\?")):
        small(**parameters).fit([["a", "b"]], [["A", "B"]])


def test_validation_rows_may_be_given(data, model):
    X, y = data
    fitted = small().fit(X[:100], y[:100], validation_data=(X[100:140], y[100:140]))
    assert fitted.receipt_["validation_rows"] == 40
    best = fitted.history_["validation_score"].max()
    assert fitted.span_f1(X[100:140], y[100:140]) == pytest.approx(best)
    fitted = small(scoring=None).fit(X[:100], y[:100], validation_data=(X[100:140], y[100:140]))
    best = fitted.history_["validation_score"].max()
    assert fitted.score(X[100:140], y[100:140]) == pytest.approx(best)
    with pytest.raises(ValueError, match="validation y holds 'X', a label that fit did not meet"):
        small().fit(X, y, validation_data=([["a"]], [["X"]]))
