"""Models compared by a score other than accuracy, in groups and by splitters."""

import numpy as np
import pytest
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.metrics import f1_score, log_loss, roc_auc_score
from sklearn.model_selection import GroupKFold, StratifiedKFold, TimeSeriesSplit
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

from textseq import SeriesClassifier, TextClassifier, compare
from textseq.comparison.scores.pseudo_values import pseudo_values
from textseq.comparison.scores.result import Comparison
from textseq.comparison.statistics import paired_bootstrap

RNG = np.random.default_rng(0)
WORDS = ["good", "bad", "film", "plot", "the"]
TEXTS = [" ".join([*RNG.choice(WORDS, 6), f"n{place}"]) for place in range(120)]
LABELS = ["p" if t.count("good") > t.count("bad") else "n" for t in TEXTS]
GROUPS = np.arange(120) // 4
NETWORK = TextClassifier(max_epochs=1, n_threads=1)
SVM = {"svm": make_pipeline(CountVectorizer(), LinearSVC())}


def compared(**options):
    given = dict(encoders=["mean"], estimator=NETWORK, n_seeds=1)
    return compare(TEXTS, LABELS, **given | options)


def own_macro_f1(estimator, X, y):
    assert all(text in TEXTS for text in X)
    return f1_score(y, estimator.predict(X), average="macro")


@pytest.mark.parametrize("scoring", ["macro-f1", own_macro_f1])
def test_table_pairs_and_page_are_of_the_score_that_was_asked_for(scoring, tmp_path):
    comparison = compared(scoring=scoring, encoders=["mean", SVM])
    by_model = comparison.predictions.groupby("model")
    expected = {
        name: f1_score(own["truth"], own["prediction"], average="macro") for name, own in by_model
    }
    table = comparison.table.set_index("model")[comparison.metric]
    assert table.to_dict() == pytest.approx(expected)
    for _, pair in comparison.pairs.iterrows():
        difference = expected[pair["first"]] - expected[pair["second"]]
        assert pair["difference"] == pytest.approx(difference)
        assert pair["low"] <= difference <= pair["high"]
    comparison.plot()
    page = comparison.to_html(tmp_path / "page.html").read_text(encoding="utf-8")
    assert ("macro F1" if scoring == "macro-f1" else "own macro f1") in page
    opened = Comparison.from_json(comparison.to_json(tmp_path / "c.json"))
    assert opened.predictions.equals(comparison.predictions)


def test_probabilities_of_every_class_stand_beside_the_predictions():
    comparison = compared(scoring="neg_log_loss", cv=2)
    for model in comparison.models:
        own = comparison.predictions.query("model == @model.name")
        shares = own[["proba_n", "proba_p"]].to_numpy()
        halves = [
            -log_loss(own["truth"].iloc[part], shares[part], labels=["n", "p"])
            for part in (slice(0, 60), slice(60, 120))
        ]
        assert model.scores[0] == pytest.approx(np.mean(halves))


def test_an_auc_is_of_ranks_and_stands_once_in_the_table():
    comparison = compared(scoring="auc", encoders=["mean", SVM])
    assert "auc" not in comparison.table and str(comparison).count("AUC") == 2
    own = comparison.predictions.query("model == 'mean'")
    area = roc_auc_score(own["truth"], own["proba_p"])
    assert comparison.table.set_index("model")["roc_auc"]["mean"] == pytest.approx(area)
    assert comparison.predictions.query("model == 'svm'")["proba_p"].isna().all()


def test_baselines_without_probabilities_are_left_out_and_rows_of_the_callers_refused():
    waves = RNG.normal(size=(60, 1, 8))
    estimator = SeriesClassifier(max_epochs=1, n_threads=1)
    comparison = compare(
        waves, np.arange(60) % 2, ["lstm"], estimator=estimator, scoring="log-loss", n_seeds=1
    )
    assert "1-NN DTW" not in comparison.table["model"].tolist()
    assert any("1-NN DTW has no predict_proba" in line for line in comparison.warnings)
    with pytest.raises(ValueError, match="svm has no predict_proba, which neg_log_loss needs"):
        compared(scoring="neg_log_loss", encoders=SVM)


@pytest.mark.parametrize("split", [{}, {"cv": 3}, {"cv": GroupKFold(3)}, {"test": 0.4}])
def test_no_group_stands_on_both_sides(split, monkeypatch):
    seen = []
    fit = TextClassifier.fit

    def noted(self, X, y, **options):
        seen.append(set(options["groups"].tolist()))
        return fit(self, X, y, **options)

    monkeypatch.setattr(TextClassifier, "fit", noted)
    comparison = compared(groups=GROUPS, baselines=False, **split)
    tested = [int(GROUPS[TEXTS.index(text)]) for text in comparison.texts]
    for groups in seen:
        size = 4 * (30 - len(groups))
        own, tested = tested[:size], tested[size:]
        assert size and not set(own) & groups
    assert not tested


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (dict(scoring="f1_marco"), "did you mean 'f1_macro'"),
        (dict(scoring="r2"), "unknown scoring 'r2'"),
        (dict(groups=[1]), "groups has 1 values, but there are 120 rows"),
        (dict(groups=[1] * 120), "one group"),
        (dict(groups=GROUPS, cv=31), "31 folds of 30 groups"),
        (
            dict(groups=GROUPS, cv=StratifiedKFold(3, shuffle=True, random_state=0)),
            "group of row .* on both sides",
        ),
        (dict(cv="five"), "number of folds, a splitter"),
        (dict(cv=1), "cv=1 folds of 120 rows: use 2 to 120"),
        (dict(cv=[]), "no folds"),
        (dict(cv=[([0, 1], [1, 2])]), "both trains and tests on row 1"),
        (dict(cv=[([0, 1], [2, 900])]), "names row 900, but the rows are 0 to 119"),
        (dict(cv=[([0, 1], [])]), "no row numbers for test"),
        (dict(test=200), "test=200 is no share"),
        (dict(test=(1, 2, 3, 4)), "tuple of 4"),
        (
            dict(test=(TEXTS[:4], LABELS[:4], GROUPS[:4]), groups=GROUPS),
            "group 0 is in the test set and in the rows to train on",
        ),
    ],
)
def test_scores_groups_and_folds_of_no_use_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        compared(**options)


def test_folds_may_leave_rows_out_and_test_rows_twice():
    comparison = compared(cv=TimeSeriesSplit(3), baselines=False)
    assert list(comparison.texts) == TEXTS[30:]
    halves = [(np.arange(60), np.arange(60, 120)), (np.arange(30), np.arange(60, 120))]
    assert len(compared(cv=halves, baselines=False).texts) == 120


def test_pseudo_values_of_a_mean_are_its_rows_and_of_kinds_the_same_as_of_rows():
    truth, found = RNG.integers(0, 2, (2, 50))
    rows = np.arange(50)

    def score(places):
        return f1_score(truth[places], found[places])

    each = pseudo_values(score, rows)
    np.testing.assert_allclose(pseudo_values(score, rows, 2 * truth + found), each, atol=1e-12)
    assert each.mean() == pytest.approx(score(rows))
    right = (truth == found).astype(float)
    own = pseudo_values(lambda places: right[places].mean(), rows)
    np.testing.assert_allclose(own, right, atol=1e-12)


def test_rows_that_depend_on_each_other_widen_the_interval():
    first = np.repeat(RNG.integers(0, 2, 20), 10).astype(float)
    second = np.zeros(200)
    _, low, high, p_value = paired_bootstrap(first, second)
    clusters = np.repeat(np.arange(20), 10)
    difference, own_low, own_high, own_p = paired_bootstrap(first, second, clusters=clusters)
    assert difference == pytest.approx(first.mean())
    assert own_high - own_low > 2 * (high - low) and own_p > p_value
