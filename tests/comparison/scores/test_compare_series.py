"""``compare`` on series: splits, seeds and pairs as for texts, baselines of its own."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from textseq import Comparison, SeriesClassifier, SeriesRegressor, compare
from textseq.comparison.scores import time_warping
from textseq.comparison.scores.series_baselines import SeriesStatistics

QUICK = SeriesClassifier(hidden_size=8, max_epochs=4)


def waves(n=100, seed=0):
    """Series of unequal lengths, whose label is their speed."""
    rng = np.random.default_rng(seed)
    y = np.array(["slow", "fast"])[rng.integers(0, 2, n)]
    X = [
        np.sin((0.3 + 0.6 * (label == "fast")) * np.arange(rng.integers(12, 25)))[None]
        + 0.05 * rng.normal()
        for label in y
    ]
    return X, y


@pytest.fixture(scope="module")
def comparison():
    own = make_pipeline(SeriesStatistics(), LogisticRegression(max_iter=1000))
    rows = ["lstm_fcn", {"small gru": {"encoder": "gru", "hidden_size": 4}, "mine": own}]
    return compare(*waves(), rows, estimator=QUICK, n_seeds=2)


def test_rows_baselines_and_figures(comparison):
    names = [model.name for model in comparison.models]
    assert names == [
        "majority class", "1-NN DTW", "statistics + LR", "values + LR", "changes + LR",
        "lstm_fcn", "small gru", "mine",
    ]  # fmt: skip
    kinds = [model.kind for model in comparison.models]
    assert kinds == ["baseline"] * 5 + ["network"] * 2 + ["estimator"]
    assert [len(model.scores) for model in comparison.models] == [1, 1, 1, 1, 1, 2, 2, 2]
    assert comparison.models[0].scores[0] < 0.7 < 0.9 < comparison.models[1].scores[0]
    assert len(comparison.pairs) == 28 and len(comparison.targets) == 20
    assert comparison.has_auc and comparison.models[5].aucs.shape == (2,)
    assert comparison.models[6].parameters["hidden_size"] == 4
    assert comparison.receipt["train_rows"] == 80
    assert all(name.startswith("series ") for name in comparison.texts)


def test_page_and_json_speak_of_series(comparison, tmp_path):
    page = comparison.to_html(tmp_path / "page.html").read_text()
    assert "20 test series" in page and "µs a series" in page
    assert "us/series" in str(comparison) and "µs/series" in comparison._repr_html_()
    assert "test texts" not in page and "each text" not in page
    again = Comparison.from_json(comparison.to_json(tmp_path / "table.json"))
    assert again.unit == "series" and again.texts == comparison.texts
    assert again.to_html(tmp_path / "again.html").read_text() == page
    assert "20 test series" in repr(comparison)


def test_by_default_all_is_decided_from_the_data():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(60, 2, 10)), np.arange(60) % 2
    X[y == 1, 1] += 2
    template = SeriesClassifier(hidden_size=4, max_epochs=1)
    found = compare(X, y, n_seeds=1, baselines=False, estimator=template)
    assert [model.name for model in found.models] == ["lstm_fcn", "lstm", "gru"]
    found = compare(X, X[:, 0].mean(1), {"gru": {"encoder": "gru", "max_epochs": 1}}, n_seeds=1)
    assert found.metric == "r2"
    names = [model.name for model in found.models]
    cheap = ["mean target", "1-NN DTW", "statistics + ridge", "values + ridge", "changes + ridge"]
    assert names == [*cheap, "gru"] and not found.warnings
    regressor = SeriesRegressor(hidden_size=4, max_epochs=1)
    whole = compare(X[:, 0], np.arange(60.0), ["mean"], estimator=regressor, n_seeds=1, cv=3)
    assert whole.metric == "r2" and len(whole.targets) == 60


def test_time_warping_that_would_take_long_is_banded_or_left_out_and_said_so(monkeypatch):
    X, y = waves()
    cells = 80 * 20 * len(np.ravel(X[0])) ** 2

    def compared(budget, baselines=True):
        monkeypatch.setattr(time_warping, "MOST_CELLS", budget)
        return compare(X, y, {}, n_seeds=1, baselines=baselines)

    banded, left_out, fast = compared(0.5 * cells), compared(1), compared(1, "fast")
    assert "1-NN DTW aligns steps at most 10 % of a series apart" in "".join(banded.warnings)
    assert "1-NN DTW is left out: to align 80 x 20 series" in "".join(left_out.warnings)
    names = [[model.name for model in found.models] for found in (banded, left_out, fast)]
    assert "1-NN DTW" in names[0] and names[1] == names[2] and len(names[1]) == 4
    assert not fast.warnings


def test_a_given_test_set_and_what_is_wrong_with_it():
    X, y = waves()
    train, test = (X[:60], y[:60]), ([*X[60:], X[0]], [*y[60:], y[0]])
    found = compare(*train, ["mean"], estimator=QUICK, test=test, n_seeds=1, baselines=False)
    assert found.texts[0] == "test series 0" and len(found.texts) == 41
    assert any("1 of 41 test series" in line for line in found.warnings)
    with pytest.raises(ValueError, match="X has 1 channels, the test set 2"):
        compare(*train, ["mean"], estimator=QUICK, test=([np.ones((2, 5))], ["slow"]))
    with pytest.raises(ValueError, match="vectors are of words"):
        compare(*train, ["mean"], estimator=QUICK, vectors="glove.txt")
    with pytest.raises(ValueError, match="unknown encoder 'lstmm'"):
        compare(*train, ["lstmm"], estimator=QUICK)
