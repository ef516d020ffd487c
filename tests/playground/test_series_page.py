"""The page's script answers to series as Python does."""

import numpy as np
import pytest

from textseq import SeriesClassifier, SeriesRegressor

RNG = np.random.default_rng(0)
SERIES = [RNG.normal(size=(2, n)) * 5 + 3 for n in RNG.integers(4, 15, 40)]
SERIES[3][0, 2] = np.nan
TWENTY = [RNG.normal(size=(2, n)) * 8 for n in RNG.integers(1, 15, 20)]
TWENTY[1][:, 0] = np.nan
TWENTY[2][1] = 400.0
SMALL = {"max_epochs": 1, "random_state": 0, "n_threads": 1}


def answers(page, model):
    series = [[[None if v != v else v for v in channel] for channel in one] for one in TWENTY]
    return page.ask(
        "return arguments[0].map((s) => model.run(model.read(s)).answer.map((a) => a.value));",
        series,
    )


@pytest.mark.parametrize("encoder", ["bilstm", "tcn", "mean", "lstm_fcn"])
def test_series_are_classified_as_in_python(page, encoder):
    labels = ["high" if np.nanmean(one) > 3 else "low" for one in SERIES]
    model = SeriesClassifier(encoder=encoder, hidden_size=32, **SMALL).fit(SERIES, labels)
    form = page.open(model, SERIES, labels)
    assert any(None in channel for one in form["examples"] for channel in one["input"])
    found = answers(page, model)
    np.testing.assert_allclose(found, model.predict_proba(TWENTY), atol=1e-5)
    gradient = page.ask("return model.gradient(model.run(model.read([[1, 2, 3], [3, 2, 1]])));")
    assert len(gradient["x"]) == 3 and min(gradient["x"]) > 0


def test_series_are_told_numbers_as_in_python(page):
    heights = [float(np.nanmean(one)) for one in SERIES]
    model = SeriesRegressor(encoder="gru", hidden_size=5, **SMALL).fit(SERIES, heights)
    page.open(model)
    np.testing.assert_allclose(np.ravel(answers(page, model)), model.predict(TWENTY), rtol=1e-5)
    after = page.ask("return model.afterEach(model.read(arguments[0]));", TWENTY[4].tolist())
    parts = [TWENTY[4][:, : k + 1] for k in range(TWENTY[4].shape[1])]
    np.testing.assert_allclose([a[0]["value"] for a in after], model.predict(parts), rtol=1e-5)
