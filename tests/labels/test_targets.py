import numpy as np
import pandas as pd
import polars as pl
import pytest

from textseq import TextClassifier, TextRegressor, compare, load_model
from textseq.labels.targets import check_labels, class_numbers, find_classes

TEXTS = ["good film", "bad film", "good", "bad"] * 20
P = np.array([1, 0, 1, 0] * 20)
FRAMES = [pd.DataFrame, pl.DataFrame]


def text_model(**parameters):
    given = {"encoder": "mean", "max_epochs": 3, "n_threads": 1, "random_state": 0}
    return TextClassifier(**given | parameters)


@pytest.mark.parametrize("frame", FRAMES)
def test_indicators_are_matched_by_the_names_of_their_columns(frame, tmp_path):
    Y = frame({"pos": P, "neg": 1 - P})
    swapped = Y[["neg", "pos"]]
    model = text_model().fit(TEXTS, Y, validation_data=(TEXTS, Y))
    other = text_model().fit(TEXTS, Y, validation_data=(TEXTS, swapped))
    assert (
        other.history_["validation_score"].tolist() == model.history_["validation_score"].tolist()
    )
    loaded = load_model(model.save(tmp_path / "m.textseq"))
    assert loaded.score(TEXTS, swapped) == model.score(TEXTS, Y) > 0.9
    with pytest.raises(ValueError, match="columns 'pos', 'bad', but .* learned are 'pos', 'neg'"):
        loaded.score(TEXTS, frame({"pos": P, "bad": 1 - P}))


def test_columns_without_names_go_by_their_places():
    Y = np.stack([P, 1 - P], axis=1)
    named = text_model().fit(TEXTS, pd.DataFrame(Y, columns=["pos", "neg"]))
    assert named.score(TEXTS, Y) == named.score(TEXTS, pd.DataFrame(Y)) > 0.9
    unnamed = text_model().fit(TEXTS, Y)
    assert unnamed.score(TEXTS, pd.DataFrame(Y, columns=["pos", "neg"])) > 0.9


def test_two_columns_of_one_name_are_refused():
    with pytest.raises(ValueError, match="two columns 'a'"):
        text_model().fit(TEXTS, pd.DataFrame(np.stack([P, P], 1), columns=["a", "a"]))


@pytest.mark.parametrize("frame", FRAMES)
def test_pairs_of_texts_are_matched_by_the_names_of_their_columns(frame, tmp_path):
    pairs = frame({"question": TEXTS, "answer": ["yes it is", "no"] * 40})
    model = text_model(encoder="lstm", hidden_size=4, max_epochs=1).fit(pairs, P)
    loaded = load_model(model.save(tmp_path / "m.textseq"))
    expected = model.predict_proba(pairs)
    for columns in (["question", "answer"], ["answer", "question"]):
        np.testing.assert_array_equal(loaded.predict_proba(pairs[columns]), expected)
    places = list(zip(TEXTS, ["yes it is", "no"] * 40, strict=True))
    np.testing.assert_array_equal(loaded.predict_proba(places), expected)
    others = frame({"question": TEXTS, "reply": TEXTS})
    with pytest.raises(ValueError, match="'question' and 'reply', but .* 'question' and 'answer'"):
        loaded.predict(others)


def test_a_comparison_matches_its_test_set_by_name():
    pairs = pd.DataFrame({"question": TEXTS, "answer": ["yes it is", "no"] * 40})
    Y = pd.DataFrame({"pos": P, "neg": 1 - P})
    model = text_model(max_epochs=1)
    ones = {"estimator": model, "n_seeds": 1, "baselines": False}
    plain = compare(pairs, Y, ["mean"], test=(pairs, Y), **ones)
    swapped = compare(
        pairs, Y, ["mean"], test=(pairs[["answer", "question"]], Y[["neg", "pos"]]), **ones
    )
    np.testing.assert_array_equal(plain.models[0].predictions, swapped.models[0].predictions)
    np.testing.assert_array_equal(plain.targets, swapped.targets)
    assert plain.texts == swapped.texts
    with pytest.raises(ValueError, match="the y of test has the columns"):
        compare(pairs, Y, ["mean"], test=(pairs, Y.rename(columns={"pos": "x"})), **ones)


def test_a_comparison_takes_labels_of_any_type():
    days = np.array(["2024-01-02", "2024-01-01"] * 40, dtype="datetime64[D]")
    found = compare(TEXTS, days, ["mean"], n_seeds=1, estimator=text_model())
    assert found.classes == ("2024-01-01", "2024-01-02")


def test_decimals_are_sent_to_a_regression():
    y = np.round(np.linspace(0, 5, 80), 2)
    with pytest.raises(ValueError, match=r"such as 0.06: 80 different ones.* use TextRegressor"):
        text_model().fit(TEXTS, y)
    with pytest.raises(ValueError, match=r"numbers with decimals.* y.astype\(str\)"):
        find_classes(np.array([0.5, 1.0]))
    assert find_classes(np.array([2.0, 1.0])).tolist() == [1.0, 2.0]


def test_unknown_labels_of_validation_are_named_and_counted():
    y = np.array(["pos", "neg"] * 40)
    with pytest.raises(ValueError, match=r"the validation y holds 'Pos ' \(did you mean 'pos'\?\)"):
        text_model().fit(TEXTS, y, validation_data=(TEXTS[:2], ["Pos ", "neg"]))
    with pytest.raises(ValueError, match="the validation y holds 1, .*: 1 of 2 rows"):
        text_model().fit(TEXTS, y, validation_data=(TEXTS[:2], np.array([1, "neg"], dtype=object)))
    with pytest.raises(ValueError, match=r"the validation y\[1\] is missing"):
        text_model().fit(TEXTS, y, validation_data=(TEXTS[:2], ["pos", None]))
    with pytest.raises(ValueError, match="the validation y must be numbers"):
        TextRegressor(encoder="mean").fit(TEXTS, P, validation_data=(TEXTS[:1], ["x"]))


def test_a_label_that_differs_by_spaces_or_case_counts_as_wrong_and_is_told():
    model = text_model().fit(TEXTS, np.where(P, "pos", "neg"))
    with pytest.warns(UserWarning, match="'POS' for 'pos'"):
        assert model.score(TEXTS[:2], ["POS", "neg"]) == 0.5


def test_numbers_of_labels_of_several_types():
    classes = np.array(["a", "b"], dtype=object)
    assert class_numbers(np.array(["b", "a"]), classes).tolist() == [1, 0]
    assert check_labels([["0"]], 1).tolist() == ["0"]
