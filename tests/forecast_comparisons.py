"""Comparisons of forecasts of small series, for the tests of results, reports and the shell."""

from functools import cache

import numpy as np
import pandas as pd

from textseq import Forecaster
from textseq.comparison.forecasts.compare import compare_forecasts

QUICK = Forecaster(hidden_size=4, max_epochs=1, batch_size=64, n_threads=1)


def weekly(n_series=4, n_rows=120, noise=0.3, zone=None):
    """Daily series with a week's season, as a long frame."""
    rng = np.random.default_rng(0)
    ds = pd.date_range("2024-01-01", periods=n_rows, freq="D", tz=zone)
    wave = 10 * np.sin(np.arange(n_rows) * 2 * np.pi / 7) + 20
    parts = [
        pd.DataFrame(
            {"unique_id": f"s{place}", "ds": ds, "y": wave + rng.normal(0, noise, n_rows) + place}
        )
        for place in range(n_series)
    ]
    return pd.concat(parts, ignore_index=True)


@cache
def made(n_series=7, n_windows=3, n_seeds=2, encoders=("gru", "lstm"), level=(80, 95), zone=None):
    """Compare networks that learned next to nothing, once for all tests."""
    return compare_forecasts(
        weekly(n_series, zone=zone),
        7,
        encoders,
        estimator=QUICK,
        n_windows=n_windows,
        n_seeds=n_seeds,
        level=level,
    )


def forecasts_of(comparison):
    """Forecast the steps after the rows that a comparison of `made` was made on."""
    model = Forecaster(**QUICK.get_params()).set_params(h=comparison.h, random_state=0)
    return model.fit(weekly(comparison.n_series)).predict(level=(80, 95))
