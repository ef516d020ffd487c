"""What is answered to probabilities: by thresholds and by costs."""

import numpy as np
import pandas as pd
import pytest

from textseq.labels.decisions import DecisionRule, check_decision, given_rule, is_tuned

TWO, THREE = np.array(["ham", "spam"]), np.array(["a", "b", "c"])


def rule(value, classes=TWO, several=False):
    return given_rule("decision_threshold", value, classes, several)


def test_the_second_class_is_answered_from_its_threshold_on():
    found = rule(0.3).answers(np.array([[0.71, 0.29], [0.7, 0.3], [0.1, 0.9]]))
    assert found.tolist() == [0, 1, 1]


def test_each_label_is_answered_from_its_threshold_on():
    probabilities = np.array([[0.2, 0.6], [0.3, 0.1]])
    assert rule(0.3, several=True).answers(probabilities).tolist() == [[0, 1], [1, 0]]
    several = DecisionRule(thresholds=np.array([0.2, 0.7]))
    assert several.answers(probabilities).tolist() == [[1, 0], [1, 0]]


def test_the_answer_of_least_expected_cost_is_given():
    # Of (.5, .3, .2) the answers cost .3 * 4 + .2 * 1 = 1.4, .5 * 1 + .2 * 1 = .7 and
    # .5 * 2 + .3 * 1 = 1.3.
    costs = [[0, 1, 2], [4, 0, 1], [1, 1, 0]]
    probabilities = np.array([[0.5, 0.3, 0.2], [0.9, 0.1, 0.0], [0.1, 0.1, 0.8]])
    # Of (.9, .1, 0) they cost .4, .9 and 1.9; of (.1, .1, .8) 1.2, .9 and .3.
    assert rule(costs, THREE).answers(probabilities).tolist() == [1, 0, 2]


def test_costs_of_1_for_any_mistake_answer_the_most_probable():
    probabilities = np.random.default_rng(0).dirichlet(np.ones(3), 200)
    assert (rule(1 - np.eye(3), THREE).answers(probabilities) == probabilities.argmax(1)).all()


def test_costs_of_two_classes_are_a_threshold():
    # Elkan (2001), equation 2: of costs 1 and 9 it is 1 / (1 + 9).
    probabilities = np.linspace(0.001, 0.999, 1000)
    both = np.stack([1 - probabilities, probabilities], 1)
    found = rule([[0, 1], [9, 0]]).answers(both)
    assert (found == (probabilities > 0.1)).all()


@pytest.mark.parametrize(
    "costs",
    [
        np.array([[0, 10], [1, 0]]),
        {"ham": {"spam": 10}, "spam": {"ham": 1}},
        {"spam": {"ham": 1, "spam": 0}, "ham": {"spam": 10.0}},
        pd.DataFrame([[0, 1], [10, 0]], ["spam", "ham"], ["spam", "ham"]),
    ],
)
def test_costs_have_many_forms(costs):
    check_decision("decision_threshold", costs)
    assert not is_tuned(costs)
    assert rule(costs).costs.tolist() == [[0, 10], [1, 0]]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (0, "decision_threshold must be a number above 0 and under 1, got 0"),
        (1.0, "under 1, got 1.0"),
        (True, "under 1, got True"),
        ("F1", "must be None, a number above 0 and under 1, 'f1', {'precision': 0.9} or"),
        ({"precision": 90}, "the precision of decision_threshold must be at most 1, got 90"),
        ({"recall": 0}, "the recall of decision_threshold must be a number above 0"),
        ({"precision": 0.9, "recall": 0.9}, "or costs, whose rows are"),
        ({"accuracy": 0.9}, "or costs, whose rows are"),
        ({}, "or costs, whose rows are"),
        ([0.3, 0.4], r"costs of shape \(2,\); give a finite number for each true class"),
        ([[0, 1, 2], [1, 0, 2]], r"costs of shape \(2, 3\)"),
        ([[0, np.nan], [1, 0]], "not all of them finite numbers"),
        ([["x", "y"], [1, 0]], "could not convert"),
    ],
)
def test_what_is_none_of_the_forms_is_refused(value, message):
    with pytest.raises(ValueError, match=message):
        check_decision("decision_threshold", value)


@pytest.mark.parametrize(
    ("value", "classes", "several", "message"),
    [
        (0.3, THREE, False, "=0.3 is for two classes or several labels a row, and there are 3"),
        ("f1", THREE, False, "='f1' is for two classes .* pass a matrix of costs"),
        ([[0, 1], [1, 0]], THREE, False, r"shape \(2, 2\), and there are 3 classes"),
        ([[0, 1], [1, 0]], TWO, True, "costs, which are of one class a row"),
        ({"ham": {"eggs": 1}}, TWO, False, "names 'eggs', which is not among the classes 'ham'"),
        ({"ham": {"spam": 1}}, TWO, False, "to answer 'ham' where 'spam' is true; right answers"),
        ([[0, 1], [1, 5]], TWO, False, "cost more to answer 'spam' where that is true than to"),
    ],
)
def test_what_does_not_go_with_the_classes_is_refused(value, classes, several, message):
    with pytest.raises(ValueError, match=message):
        rule(value, classes, several)


@pytest.mark.parametrize("value", ["f1", {"precision": 0.9}, {"recall": 0.95}])
def test_what_rows_are_to_choose_is_no_rule_yet(value):
    check_decision("decision_threshold", value)
    assert is_tuned(value)
    assert rule(value) is None and rule(None) is None


def test_a_file_has_it_and_what_does_not_fit_is_refused():
    for one, shape in ((rule(0.3), (2, False)), (rule(0.3, several=True), (2, True)),
                       (rule(1 - np.eye(3), THREE), (3, False))):  # fmt: skip
        again = DecisionRule.from_dict(one.to_dict(), *shape)
        assert again.to_dict() == one.to_dict()
    for stored, n_classes, several in (
        ({"thresholds": [0.3]}, 3, False),
        ({"thresholds": [0.3, 0.2]}, 2, False),
        ({"thresholds": [0.3]}, 2, True),
        ({"thresholds": [float("nan")]}, 2, False),
        ({"costs": [[0, 1], [1, 0]]}, 3, False),
        ({"costs": [[0, 1], [1, 0]]}, 2, True),
        ({"costs": [[0, 1], [1, 0]], "thresholds": [0.3]}, 2, False),
    ):
        with pytest.raises(ValueError, match="do not fit its classes"):
            DecisionRule.from_dict(stored, n_classes, several)
