"""What fit is told of its rows beside texts and targets: weights and groups."""

import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from textseq import SeriesClassifier, SeriesRegressor, TextClassifier, TextRegressor
from textseq.estimators.sequence.fit_rows import check_groups

SMALL = dict(hidden_size=4, max_epochs=2, random_state=0, n_threads=1)
RNG = np.random.default_rng(0)
TEXTS = [" ".join(RNG.choice(["good", "bad", "film", "plot", "the"], 5)) for _ in range(240)]
LABELS = np.array(["pos" if text.count("good") > 1 else "neg" for text in TEXTS])
SERIES = RNG.normal(size=(240, 1, 9))
NUMBERS = RNG.normal(size=240)


def weights_of(model, X, y, **options):
    return model.fit(X, y, **options).receipt_["weights_sha256"]


MAKERS = {
    "texts, mean": (lambda: TextClassifier(encoder="mean", **SMALL), TEXTS, LABELS),
    "texts, gru": (lambda: TextClassifier(encoder="gru", **SMALL), TEXTS, LABELS),
    "numbers of texts": (lambda: TextRegressor(encoder="mean", **SMALL), TEXTS, NUMBERS),
    "series": (lambda: SeriesClassifier(validation_fraction=0.45, **SMALL), SERIES, LABELS),
    "numbers of series": (lambda: SeriesRegressor(**SMALL), SERIES, NUMBERS),
}


@pytest.mark.parametrize("name", MAKERS)
def test_equal_weights_change_no_bit_and_weight_0_is_absence(name):
    make, X, y = MAKERS[name]
    assert weights_of(make(), X, y, sample_weight=np.full(240, 3.0)) == weights_of(make(), X, y)
    weights = np.where(np.arange(240) % 3 == 0, 0.0, RNG.uniform(1, 4, 240))
    kept = np.flatnonzero(weights)
    own = [X[row] for row in kept]
    given = weights_of(make(), X, y, sample_weight=weights)
    assert given == weights_of(make(), own, y[kept], sample_weight=weights[kept])
    assert given != weights_of(make(), own, y[kept])


@pytest.mark.parametrize("encoder", ["mean", "gru"])
def test_weights_of_rows_are_those_of_their_classes_where_these_agree(encoder):
    rows = np.where(LABELS == "pos", 5.0, 1.0)
    model = TextClassifier(encoder=encoder, **SMALL).fit(TEXTS, LABELS, sample_weight=rows)
    other = TextClassifier(encoder=encoder, class_weight={"pos": 5.0}, **SMALL).fit(TEXTS, LABELS)
    assert model.receipt_["weights_sha256"] == other.receipt_["weights_sha256"]
    assert model.receipt_["score_name"] == "weighted accuracy"


def test_mean_and_spread_of_numbers_are_weighted():
    weights = np.where(NUMBERS > 0, 3.0, 1.0)
    model = TextRegressor(encoder="mean", validation_fraction=0.0, **SMALL)
    model.fit(TEXTS, NUMBERS, sample_weight=weights)
    mean = np.average(NUMBERS, weights=weights)
    assert model.mean_ == pytest.approx(mean)
    assert model.scale_**2 == pytest.approx(np.average((NUMBERS - mean) ** 2, weights=weights))


def test_validation_rows_are_weighted_too():
    weights = RNG.uniform(0, 2, 60)
    model = TextClassifier(encoder="mean", **SMALL)
    model.fit(TEXTS[60:], LABELS[60:], validation_data=(TEXTS[:60], LABELS[:60], weights))
    assert model.receipt_["validation_score"] == pytest.approx(
        model.score(TEXTS[:60], LABELS[:60], sample_weight=weights)
    )


def test_weights_and_groups_reach_fit_through_pipeline_and_search():
    plain = TextClassifier(encoder="mean", **SMALL)
    weights = RNG.uniform(0.5, 2, 240)
    alone = plain.fit(TEXTS, LABELS, sample_weight=weights).receipt_["weights_sha256"]
    pipeline = make_pipeline(FunctionTransformer(), TextClassifier(encoder="mean", **SMALL))
    pipeline.fit(TEXTS, LABELS, textclassifier__sample_weight=weights)
    assert pipeline[-1].receipt_["weights_sha256"] == alone
    with sklearn.config_context(enable_metadata_routing=True):
        routed = TextClassifier(encoder="mean", **SMALL).set_fit_request(sample_weight=True)
        routed.set_score_request(sample_weight=True)
        search = GridSearchCV(routed, {"dropout": [0.0, 0.2]}, cv=2)
        search.fit(TEXTS, LABELS, sample_weight=weights)
        best = TextClassifier(encoder="mean", **SMALL | search.best_params_)
    assert search.best_estimator_.receipt_["weights_sha256"] == weights_of(
        best, TEXTS, LABELS, sample_weight=weights
    )


@pytest.mark.parametrize(
    ("groups", "message"),
    [
        (["a"] * 3, "groups has 3 values, but there are 240 rows"),
        (["a"] * 239 + [None], "groups\\[239\\] is missing"),
    ],
)
def test_groups_that_part_nothing_are_refused(groups, message):
    with pytest.raises(ValueError, match=message):
        TextClassifier(encoder="mean", **SMALL).fit(TEXTS, LABELS, groups=groups)


def test_groups_come_in_any_form():
    letters = pd.Series(["b", "a", "b"], index=[5, 6, 7])
    for groups in (letters.tolist(), letters, np.array([9, 1, 9])):
        assert check_groups(groups, 3).tolist() == [0, 1, 0]


@pytest.mark.parametrize("given", [(TEXTS,), TEXTS, 5])
def test_validation_data_of_another_form_is_refused(given):
    with pytest.raises(ValueError, match="validation_data must be \\(X, y\\)"):
        TextClassifier(encoder="mean", **SMALL).fit(TEXTS, LABELS, validation_data=given)
