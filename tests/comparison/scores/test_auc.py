import numpy as np
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression, Perceptron
from sklearn.multiclass import OneVsRestClassifier

from textseq.comparison.scores.auc import auc, class_scores

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 3))
ONE = (X[:, 0] + 0.5 * RNG.normal(size=60) > 0).astype(int)
SEVERAL = np.column_stack([ONE, X[:, 1] > 1, np.zeros(60, dtype=int)])


def chance_to_rank_right(marks, scores):
    """The AUC by its meaning: over all pairs, ties half."""
    above = scores[marks == 1][:, None] - scores[marks == 0]
    return np.mean((above > 0) + 0.5 * (above == 0))


def test_auc_is_the_chance_to_rank_a_pair_right():
    scores = RNG.integers(6, size=60) / 5 + ONE
    assert auc(ONE, scores) == pytest.approx(chance_to_rank_right(ONE, scores))
    assert auc(ONE, np.full(60, 0.3)) == 0.5
    assert auc(ONE, -scores) == pytest.approx(1 - auc(ONE, scores))


def test_labels_that_all_or_no_texts_have_are_left_out_of_the_mean():
    scores = RNG.random((60, 3))
    expected = [chance_to_rank_right(SEVERAL[:, k], scores[:, k]) for k in (0, 1)]
    assert auc(SEVERAL, scores) == pytest.approx(np.mean(expected))


@pytest.mark.parametrize(
    ("marks", "scores"),
    [
        (ONE, None),
        (np.ones(60), RNG.random(60)),
        (np.zeros((60, 2)), RNG.random((60, 2))),
        (ONE, np.full(60, np.nan)),
        (np.zeros(0), np.zeros(0)),
    ],
    ids=["no scores", "one class", "no label", "not finite", "no rows"],
)
def test_no_auc_where_there_is_none(marks, scores):
    assert np.isnan(auc(marks, scores))


def test_scores_are_those_of_the_second_class():
    regression = LogisticRegression().fit(X, ONE)
    assert class_scores(regression, X, False) == pytest.approx(regression.predict_proba(X)[:, 1])
    perceptron = Perceptron().fit(X, ONE)
    assert class_scores(perceptron, X, False) == pytest.approx(perceptron.decision_function(X))


@pytest.mark.parametrize(
    "model",
    [
        OneVsRestClassifier(Perceptron()),
        RandomForestClassifier(5, random_state=0),
        DummyClassifier(strategy="most_frequent"),
    ],
)
def test_several_labels_have_a_column_each(model):
    two = SEVERAL[:, :2]
    scores = class_scores(model.fit(X, two), X, True)
    assert scores.shape == (60, 2)
    expected = 0.5 if isinstance(model, DummyClassifier) else 1.0
    assert auc(two, scores) == pytest.approx(expected, abs=0.1)


def test_a_model_may_have_nothing_to_rank_by():
    class Votes:
        pass

    assert class_scores(Votes(), X, False) is None
