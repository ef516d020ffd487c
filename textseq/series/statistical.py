"""Models chosen by information criteria, through statsforecast: AutoETS and AutoTheta."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from textseq.series.forecasts import Forecasts, forecast_each
from textseq.series.panel import Panel


def forecast_statistical(
    name: str, panel: Panel, h: int, season_length: int, levels: Sequence[float]
) -> Forecasts:
    """Forecast every series by a model of statsforecast.

    Parameters
    ----------
    name : {"AutoETS", "AutoTheta"}
        Class of ``statsforecast.models``.
    panel : Panel
        Missing values are interpolated; after the last value it is repeated.
    h : int
        Steps ahead.
    season_length : int
        Steps in a season.
    levels : sequence of float
        Percent that the prediction intervals are to hold.

    Returns
    -------
    Forecasts

    Raises
    ------
    ImportError
        If statsforecast is missing.
    ValueError
        If the model fails on a series.

    References
    ----------
    .. [1] R. J. Hyndman, A. B. Koehler, R. D. Snyder, S. Grose, "A state space framework for
       automatic forecasting using exponential smoothing methods", Int. J. Forecasting 18 (2002).
    .. [2] J. A. Fiorucci, T. R. Pellegrini, F. Louzada, F. Petropoulos, A. B. Koehler, "Models
       for optimising the theta method and their relationship to state space models",
       Int. J. Forecasting 32 (2016).
    """
    try:
        from statsforecast import models
    except ImportError as error:
        raise ImportError(
            f'{name} needs statsforecast ({error}): pip install "textseq[stats]", '
            "which brings pandas 2"
        ) from error
    # Its keys are written as the levels are: 80, not 80.0.
    order = [int(level) if level % 1 == 0 else level for level in sorted(levels)]

    def forecast(y: np.ndarray) -> np.ndarray:
        model = getattr(models, name)(season_length=season_length)
        out = model.forecast(y=_interpolated(y), h=h, level=order or None)
        ends = [out[f"{end}-{level}"] for end in ("lo", "hi") for level in order]
        return np.vstack([out["mean"], *ends])

    return forecast_each(panel, h, levels, forecast, name)


def _interpolated(y: np.ndarray) -> np.ndarray:
    seen = np.flatnonzero(~np.isnan(y))
    return np.interp(np.arange(len(y)), seen, y[seen])
