"""A score by its name in scikit-learn, and what it chooses."""

import numpy as np
import pytest
from sklearn.metrics import f1_score, fbeta_score, make_scorer, mean_absolute_error, roc_auc_score

from textseq import SeriesClassifier, TextClassifier, TextRegressor, load_model
from textseq.estimators.scoring import Answers, find_scoring, scoring_name

SMALL = dict(encoder="mean", max_epochs=3, wide=None, random_state=0, n_threads=1)
RNG = np.random.default_rng(1)
TEXTS = [" ".join(RNG.choice(["good", "bad", "film", "plot", "the"], 5)) for _ in range(160)]
LABELS = np.array(["pos" if text.count("good") > 1 else "neg" for text in TEXTS])
TRAIN, HELD = slice(0, 100), slice(100, 160)


def fitted(scoring, y=LABELS, kind=TextClassifier, **parameters):
    model = kind(scoring=scoring, **SMALL | parameters)
    return model.fit(TEXTS[TRAIN], y[TRAIN], validation_data=(TEXTS[HELD], y[HELD]))


def macro_f1(estimator, X, y):
    assert TEXTS[HELD] == X
    return f1_score(y, estimator.predict(X), average="macro")


@pytest.mark.parametrize("scoring", ["f1_macro", "macro-f1", macro_f1])
def test_the_epoch_is_chosen_by_the_score_and_the_receipt_names_it(scoring):
    model = fitted(scoring, learning_rate=0.1)
    expected = f1_score(LABELS[HELD], model.predict(TEXTS[HELD]), average="macro")
    assert model.receipt_["validation_score"] == pytest.approx(expected)
    assert model.history_["validation_score"].max() == pytest.approx(expected)
    assert model.receipt_["score_name"] in ("f1_macro", "macro_f1")


def test_scores_of_probabilities_and_of_numbers():
    model = fitted("auc")
    shares = model.predict_proba(TEXTS[HELD])[:, 1]
    assert model.receipt_["validation_score"] == pytest.approx(roc_auc_score(LABELS[HELD], shares))
    numbers = RNG.normal(5, 2, 160)
    model = fitted("neg_mean_absolute_error", numbers, TextRegressor)
    expected = -mean_absolute_error(numbers[HELD], model.predict(TEXTS[HELD]))
    assert model.receipt_["validation_score"] == pytest.approx(expected, rel=1e-5)


def test_of_two_classes_of_text_the_second_is_the_positive_one():
    scoring = find_scoring("f1", "classes", np.array(["no", "yes"]))
    targets, found = np.array([0, 1, 1, 1]), np.array([0, 0, 1, 1])
    assert scoring(Answers(found), targets) == f1_score(targets, found)


def test_a_scorer_of_the_callers_is_told_the_labels():
    scorer = make_scorer(fbeta_score, beta=2, pos_label="pos")
    model = fitted(scorer)
    expected = fbeta_score(LABELS[HELD], model.predict(TEXTS[HELD]), beta=2, pos_label="pos")
    assert model.receipt_["validation_score"] == pytest.approx(expected)
    assert model.receipt_["score_name"] == "fbeta_score"


def test_two_labels_a_text_have_an_auc():
    y = np.stack([LABELS == "pos", np.arange(160) % 3 == 0], axis=1).astype(int)
    model = fitted("roc_auc", y, class_weight="balanced")
    expected = roc_auc_score(y[HELD], model.predict_proba(TEXTS[HELD]))
    assert model.receipt_["validation_score"] == pytest.approx(expected)


@pytest.mark.parametrize(
    ("scoring", "y", "message"),
    [
        ("f1_marco", LABELS, "did you mean 'f1_macro'"),
        ("r2", LABELS, "unknown scoring 'r2'; choose from: accuracy, .*f1_macro"),
        ("adjusted_rand_score", LABELS, "unknown scoring"),
        ("roc_auc", np.arange(160) % 3, "can't score these targets: .* or use roc_auc_ovo"),
        ("f1", np.arange(160) % 3, "can't score these targets: .* or use f1_macro"),
        (3, LABELS, "scoring must be None, the name of a score or a callable"),
    ],
)
def test_a_score_that_does_not_fit_is_refused_before_training(scoring, y, message, monkeypatch):
    monkeypatch.setattr("textseq.estimators.base.train", None)
    with pytest.raises(ValueError, match=message):
        fitted(scoring, y)


def test_a_score_of_classes_is_no_score_of_numbers():
    with pytest.raises(ValueError, match="choose from: .*neg_mean_absolute_error.*, r2"):
        fitted("f1_macro", np.arange(160.0), TextRegressor)
    with pytest.raises(ValueError, match="nan on the 60 rows"):
        y = np.array(["pos", "neg"] * 50 + ["pos"] * 60)
        with pytest.warns(UserWarning, match="Only one class"):
            fitted("roc_auc", y)


def test_without_rows_to_score_a_warning_says_so():
    waves = RNG.normal(size=(40, 1, 8))
    model = SeriesClassifier(scoring="f1_macro", max_epochs=1, random_state=0, n_threads=1)
    with pytest.warns(UserWarning, match="too few rows to choose the epoch"):
        model.fit(waves, ["a", "b"] * 20)


def test_the_file_keeps_the_name_and_no_callable(tmp_path):
    assert load_model(fitted("macro-f1").save(tmp_path / "m")).scoring == "macro-f1"
    assert load_model(fitted(macro_f1).save(tmp_path / "m")).scoring is None
    assert scoring_name("neg-log-loss") == "neg_log_loss"


def test_log_probabilities_are_exact_where_probabilities_round():
    model = fitted(None, max_epochs=60, learning_rate=0.5)
    logs, shares = model.predict_log_proba(TEXTS), model.predict_proba(TEXTS)
    np.testing.assert_allclose(np.exp(logs), shares, rtol=1e-12)
    assert np.isfinite(logs).all()
