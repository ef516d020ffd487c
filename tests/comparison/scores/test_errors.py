import dataclasses

import numpy as np
import pytest
from comparisons import make_comparison
from drawn import texts_of

from textseq.comparison.scores.errors import confusion, error_plot


def model_of(comparison, predictions, name="lstm"):
    model = next(model for model in comparison.models if model.name == name)
    return dataclasses.replace(model, predictions=np.asarray(predictions))


def test_confusion_counts_by_true_and_predicted_class():
    comparison = dataclasses.replace(make_comparison(), targets=np.array([0, 0, 1, 1]))
    model = model_of(comparison, [[0, 1, 1, 1], [0, 0, 1, 0]])
    assert confusion(comparison, model).tolist() == [[1.5, 0.5], [0.5, 1.5]]


def test_rows_of_the_matrix_are_shares_of_the_true_class():
    comparison = dataclasses.replace(make_comparison(), targets=np.array([0, 0, 0, 0, 1]))
    words = texts_of(error_plot(comparison, model_of(comparison, [[0, 0, 0, 1, 1]])))
    assert words[0] == "lstm takes 25 % of “negative” for “positive”"
    assert {"75", "25", "100", "true class"} <= set(words)
    assert "0" not in words


def test_the_title_weighs_classes_by_their_texts():
    targets = np.array([0] + [1] * 10)
    comparison = dataclasses.replace(make_comparison(), targets=targets)
    words = texts_of(error_plot(comparison, model_of(comparison, [[1] + [0] * 4 + [1] * 6])))
    assert words[0] == "lstm takes 40 % of “positive” for “negative”"


def test_twelve_classes_have_numbers_and_twenty_have_not():
    for n_classes, numbered in ((12, True), (20, False)):
        classes = tuple(f"class {i}" for i in range(n_classes))
        comparison = make_comparison("multiclass", classes=classes)
        words = texts_of(error_plot(comparison, comparison.best))
        assert set(classes) <= set(words)
        assert any(word.isdigit() for word in words) == numbered


def test_many_classes_show_the_pairs_most_confused():
    comparison = make_comparison("multiclass")
    targets, predictions = comparison.targets, comparison.targets.copy()
    of_class = np.flatnonzero(targets == 5)
    predictions[of_class[:9]] = 60
    words = texts_of(error_plot(comparison, model_of(comparison, [predictions])))
    assert "intent 05: card not working → intent 60: card not working" in words
    assert f"9 of {len(of_class)}" in words
    share = round(100 * 9 / len(of_class))
    assert words[0].startswith(f"lstm takes {share} % of “intent 05: card not working” for")


@pytest.mark.parametrize("kind", ["binary", "multiclass"])
def test_no_error_at_all(kind):
    comparison = make_comparison(kind)
    words = texts_of(error_plot(comparison, model_of(comparison, [comparison.targets])))
    assert words[0] == "lstm makes no error"


def test_labels_found_and_right():
    comparison = make_comparison("multilabel")
    predictions = comparison.targets.copy()
    joy = np.flatnonzero(predictions[:, 0])
    predictions[joy[: len(joy) // 2], 0] = 0
    words = texts_of(error_plot(comparison, model_of(comparison, [predictions])))
    missed = round(100 * (len(joy) // 2) / len(joy))
    assert words[0] == f"lstm misses {missed} % of the texts labelled “joy”"
    assert {"● found", "□ right", *comparison.classes} <= set(words)


def test_numbers_against_the_truth():
    comparison = make_comparison("regression")
    model = model_of(comparison, [comparison.targets + 0.25, comparison.targets + 0.75])
    words = texts_of(error_plot(comparison, model))
    assert words[0] == "half of lstm's predictions lie within 0.5 of the truth"
    assert "true value (400 of 1,000 test texts)" in words


def test_constant_models():
    for kind in ("binary", "multilabel", "regression"):
        models = make_comparison(kind).models
        assert [model.is_constant for model in models] == [True] + [False] * 7


def test_odd_class_names():
    classes = ("$x_$", "a" * 200, "<script>", "two\nlines", 'quote"', "a&b")
    comparison = make_comparison("multiclass", classes=classes)
    words = texts_of(error_plot(comparison, comparison.best))
    assert {"$x_$", "<script>", "two lines", 'quote"', "a&b"} <= set(words)
    assert max(map(len, words)) < 120
