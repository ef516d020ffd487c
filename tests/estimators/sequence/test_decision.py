"""Classifiers that answer by a threshold or by costs."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.metrics import f1_score, precision_score, recall_score
from sklearn.model_selection import (
    FixedThresholdClassifier,
    GridSearchCV,
    TunedThresholdClassifierCV,
)

from textseq import SeriesClassifier, TextClassifier, load_model
from textseq.files import ModelFileError

QUICK = {"encoder": "mean", "max_epochs": 3, "random_state": 0, "n_threads": 1}
COSTS = {"ham": {"spam": 1}, "spam": {"ham": 10}}


def corpus(n, seed=0):
    """Texts of a word that says the label in four of five cases, one of five labels "spam"."""
    rng = np.random.default_rng(seed)
    labels = rng.choice(["ham", "spam"], n, p=[0.8, 0.2])
    said = np.where(rng.random(n) < 0.8, labels, rng.choice(["ham", "spam"], n))
    noise = rng.choice(list("abcdefghijklmnop"), (n, 3))
    return [" ".join([word, *more]) for word, more in zip(said, noise, strict=True)], labels


TRAIN, HELD_OUT, TEST = corpus(1_200), corpus(400, seed=1), corpus(500, seed=2)
MARKS = [np.column_stack([y == "spam", y == "ham"]) * 1 for _, y in (TRAIN, HELD_OUT)]


def fitted(decision_threshold, **parameters):
    model = TextClassifier(decision_threshold=decision_threshold, **QUICK | parameters)
    return model.fit(*TRAIN, HELD_OUT)


@pytest.fixture(scope="module")
def plain():
    return fitted(None)


@pytest.mark.parametrize("given", [0.2, "f1", {"precision": 0.9}, {"recall": 0.95}, COSTS])
def test_answers_change_and_probabilities_do_not(plain, given, tmp_path):
    model = fitted(given)
    probabilities = model.predict_proba(TEST[0])
    assert (probabilities == plain.predict_proba(TEST[0])).all()
    if given is COSTS:
        spam = probabilities[:, 1] * 10 > probabilities[:, 0]
    else:
        spam = probabilities[:, 1] >= model.receipt_["decision"]["threshold"]
    expected = np.where(spam, "spam", "ham")
    assert (model.predict(TEST[0]) == expected).all()
    assert (expected != plain.predict(TEST[0])).any()
    assert (model.decide(probabilities) == expected).all()
    assert model.score(*TEST) == (expected == TEST[1]).mean()
    again = load_model(model.save(tmp_path / "m"))
    assert (again.predict(TEST[0]) == expected).all()
    assert again.decision_threshold == given
    sure = model.predict(TEST[0], abstain=0.8)
    assert [label is None for label in sure] == (probabilities.max(1) < 0.8).tolist()


def test_the_receipt_has_what_is_reached_on_the_validation_rows():
    texts, labels = HELD_OUT
    truth = labels == "spam"
    found = {}
    for given in ("f1", "precision", "recall"):
        model = fitted(given if given == "f1" else {given: 0.85})
        said = model.predict(texts) == "spam"
        found[given] = model.receipt_["decision"]
        assert found[given]["f1"] == pytest.approx(f1_score(truth, said))
        assert found[given]["precision"] == pytest.approx(precision_score(truth, said))
        assert found[given]["recall"] == pytest.approx(recall_score(truth, said))
    for other in (0.1, 0.3, 0.5, 0.7, 0.9):
        reached = fitted(other).receipt_["decision"]
        assert reached["f1"] <= found["f1"]["f1"]
        for held, most in (("precision", "recall"), ("recall", "precision")):
            assert found[held][held] >= 0.85
            if reached[held] >= 0.85:
                assert reached[most] <= found[held][most]
    costs = fitted(COSTS).receipt_["decision"]
    cost = np.where(truth, 10, 1) * (fitted(COSTS).predict(texts) != labels)
    assert costs["mean_cost"] == pytest.approx(cost.mean())
    usual = np.where(truth, 10, 1) * (fitted(None).predict(texts) != labels)
    assert costs["mean_cost_of_most_probable"] == pytest.approx(usual.mean())
    assert costs["mean_cost"] < costs["mean_cost_of_most_probable"]


def test_the_threshold_is_that_of_calibrated_probabilities():
    for calibrate in (False, True):
        model = fitted({"recall": 0.9}, calibrate=calibrate, learning_rate=0.1, wide=None)
        said = model.predict(HELD_OUT[0]) == "spam"
        assert recall_score(HELD_OUT[1] == "spam", said) >= 0.9
        found = model.receipt_["decision"]
        assert found["precision"] == pytest.approx(precision_score(HELD_OUT[1] == "spam", said))


def test_weights_of_rows_count_and_those_of_classes_do_not():
    heavy = np.where(np.arange(400) < 50, 5.0, 1.0)
    model = TextClassifier(decision_threshold=0.3, class_weight="balanced", **QUICK)
    model.fit(*TRAIN, (*HELD_OUT, heavy))
    said = model.predict(HELD_OUT[0]) == "spam"
    expected = precision_score(HELD_OUT[1] == "spam", said, sample_weight=heavy)
    assert model.receipt_["decision"]["precision"] == pytest.approx(expected)


def test_the_epoch_is_chosen_by_the_most_probable():
    for given in (None, 0.05):
        model = fitted(given)
        score = (model.classes_[model.predict_proba(HELD_OUT[0]).argmax(1)] == HELD_OUT[1]).mean()
        assert model.receipt_["validation_score"] == pytest.approx(score)


def test_each_label_has_its_own_threshold(tmp_path):
    model = TextClassifier(decision_threshold="f1", **QUICK)
    model.fit(TRAIN[0], MARKS[0], (HELD_OUT[0], MARKS[1]))
    found = model.receipt_["decision"]
    shares = model.predict_proba(TEST[0])
    expected = (shares >= found["thresholds"]).astype(int)
    assert len(set(found["thresholds"])) == 2
    assert (model.predict(TEST[0]) == expected).all() and (model.decide(shares) == expected).all()
    assert (load_model(model.save(tmp_path / "m")).predict(TEST[0]) == expected).all()
    assert found["f1"] == pytest.approx(
        f1_score(MARKS[1], model.predict(HELD_OUT[0]), average=None)
    )


def test_a_label_without_rows_keeps_its_half():
    marks = MARKS[1] * [1, 0]
    with pytest.warns(UserWarning, match="no validation row has the label 1, which is answered"):
        model = TextClassifier(decision_threshold="f1", **QUICK).fit(
            TRAIN[0], MARKS[0], (HELD_OUT[0], marks)
        )
    assert model.receipt_["decision"]["thresholds"][1] == 0.5


def test_a_precision_that_is_not_reached_is_told():
    # The surest answers to rows of validation are wrong ones.
    texts = ["spam spam"] * 5 + ["ham spam"] * 14
    labels = ["ham"] * 5 + ["spam"] * 5 + ["ham"] * 9
    with pytest.warns(UserWarning, match="no threshold answers 'spam' at a precision of 0.9 on "
                      "the 19 validation rows; .* reaches 0.263 at a recall of 1.000"):  # fmt: skip
        TextClassifier(decision_threshold={"precision": 0.9}, **QUICK).fit(*TRAIN, (texts, labels))


@pytest.mark.parametrize(
    ("given", "y", "validation_data", "message"),
    [
        ("f1", TRAIN[1][:60], None, "='f1' is found on validation rows, and there are too few"),
        ("f1", TRAIN[1][:60], (["a"] * 3, ["ham"] * 3), "all 3 of them are 'ham'"),
        (0.3, ["a", "b", "c"] * 20, None, "is for two classes or several labels a row"),
        (1 - np.eye(2), ["a", "b", "c"] * 20, None, "and there are 3 classes"),
        (1 - np.eye(2), MARKS[0][:60], None, "marks several labels a row"),
        (30, TRAIN[1][:60], None, "under 1, got 30"),
    ],
)
def test_what_can_not_be_is_refused_before_training(given, y, validation_data, message):
    model = TextClassifier(decision_threshold=given, **QUICK)
    with pytest.raises(ValueError, match=message):
        model.prepare(TRAIN[0][:60], y, validation_data)


def test_a_file_whose_rule_does_not_fit_is_refused(tmp_path):
    model = fitted(0.3)
    model.decision_rule_ = type(model.decision_rule_)(thresholds=np.array([0.3, 0.3]))
    with pytest.raises(ModelFileError, match="do not fit its classes"):
        load_model(model.save(tmp_path / "m"))
    features = load_model(fitted(0.3).save(tmp_path / "f", features_only=True))
    assert features.decision_rule_ is None


def test_series_are_answered_so_too():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(1_200, 1, 8)).cumsum(2)
    up = np.where(X[:, 0, -1] + rng.normal(size=1_200) > 0, "up", "down")
    quick = {"encoder": "gru", "hidden_size": 4, "max_epochs": 3, "random_state": 0}
    model = SeriesClassifier(decision_threshold={"recall": 0.95}, **quick).fit(X, up)
    assert model.receipt_["decision"]["recall"] >= 0.95
    said = model.predict(X) == "up"
    assert (said == (model.predict_proba(X)[:, 1] >= model.receipt_["decision"]["threshold"])).all()


def test_scikit_learn_has_its_way():
    model = TextClassifier(**QUICK)
    fixed = FixedThresholdClassifier(model, threshold=0.2).fit(*TRAIN)
    own = clone(model).set_params(decision_threshold=0.2).fit(*TRAIN)
    assert (fixed.predict(TEST[0]) == own.predict(TEST[0])).all()
    tuned = TunedThresholdClassifierCV(model, scoring="balanced_accuracy", cv=2, thresholds=9)
    assert tuned.fit(*TRAIN).score(*TEST) > 0.6
    # A threshold of one's own stays below the one that is laid over it.
    inside = TunedThresholdClassifierCV(own, scoring="balanced_accuracy", cv=2, thresholds=9)
    assert inside.fit(*TRAIN).best_threshold_ == tuned.best_threshold_
    search = GridSearchCV(model, {"decision_threshold": [None, COSTS, 0.9]}, cv=2)
    assert search.fit(*TRAIN).best_score_ > 0.7
