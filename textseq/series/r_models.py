"""The models of R's forecast package, through rpy2: an ARIMA and an exponential smoothing."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

from textseq.r_session import require_package, start_r
from textseq.series.forecasts import Forecasts, forecast_each
from textseq.series.panel import Panel

# Intervals of some models are simulated: the seed is set, and R's own state put back.
_FORECAST = """
function(name, y, m, h, level) {
  if (exists(".Random.seed", globalenv())) {
    state <- get(".Random.seed", globalenv())
    on.exit(assign(".Random.seed", state, globalenv()))
  } else {
    on.exit(rm(".Random.seed", envir = globalenv()))
  }
  set.seed(0)
  notes <- character()
  out <- withCallingHandlers({
    y <- stats::ts(y, frequency = m)
    # ets would go on from the end of the longest part without a gap.
    if (name == "ets" && anyNA(y)) y <- forecast::na.interp(y)
    fit <- getExportedValue("forecast", name)(y)
    forecast::forecast(fit, h = h, level = level)
  }, warning = function(w) {
    notes <<- c(notes, conditionMessage(w))
    invokeRestart("muffleWarning")
  }, message = function(m) invokeRestart("muffleMessage"))
  list(as.numeric(out$mean), as.numeric(out$lower), as.numeric(out$upper), unique(notes))
}
"""


def forecast_r(
    name: str, panel: Panel, h: int, season_length: int, levels: Sequence[float]
) -> Forecasts:
    """Forecast every series by a model of R's forecast package, its order chosen by AICc.

    Parameters
    ----------
    name : {"auto.arima", "ets"}
        Function of the package.
    panel : Panel
        Missing values are left to ``auto.arima``, and interpolated for ``ets``.
    h : int
        Steps ahead.
    season_length : int
        Frequency of R's ``ts``. ``ets`` takes no seasons longer than 24 steps, and seconds a
        series for those that long;
        ``auto.arima`` takes minutes.
    levels : sequence of float
        Percent that the prediction intervals are to hold.

    Returns
    -------
    Forecasts

    Warns
    -----
    UserWarning
        What R warned of, once.

    Raises
    ------
    ImportError
        If rpy2, R or the package is missing, or they do not fit each other.
    RuntimeError
        If called from another thread than the main one, or from a Python that an older
        reticulate runs inside of R.
    ValueError
        If R fails on a series.

    References
    ----------
    .. [1] R. J. Hyndman, Y. Khandakar, "Automatic Time Series Forecasting: The forecast
       Package for R", J. Statistical Software 27 (2008).
    """
    interface = start_r(f"forecast::{name}")
    require_package(interface, "forecast", f"the baseline {name}")
    function = _r_function()
    notes: dict[str, None] = {}

    def forecast(y: np.ndarray) -> np.ndarray:
        # R wants a level; without one asked for, its interval is dropped below.
        result = function(
            interface.StrSexpVector([name]),
            interface.FloatSexpVector(y),
            interface.FloatSexpVector([season_length]),
            interface.IntSexpVector([h]),
            interface.FloatSexpVector(sorted(levels) or [95.0]),
        )
        notes.update(dict.fromkeys(result[3]))
        mean, lower, upper = (np.array(part.memoryview()) for part in list(result)[:3])
        ends = np.concatenate([lower, upper]).reshape(2, -1, h)[:, : len(levels)]
        return np.vstack([mean, ends.reshape(-1, h)])

    forecasts = forecast_each(panel, h, levels, forecast, f"R's forecast::{name}")
    for note in notes:
        warnings.warn(f"R's forecast::{name}: {note}", stacklevel=2)
    return forecasts


@cache
def _r_function() -> Any:
    """Return the function that forecasts one series."""
    return start_r("forecast").evalr(_FORECAST)
