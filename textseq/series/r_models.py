"""The models of R's forecast package, through rpy2: an ARIMA and an exponential smoothing."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

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
_INSTALL = (
    "install R with its package forecast (Debian: apt-get install r-base-dev r-cran-forecast; "
    'elsewhere: install.packages("forecast")), and after it pip install "textseq[r]"; '
    "R 4.2 and its like need rpy2==3.6.6 and rpy2-rinterface==3.6.5"
)


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
        If called from another thread than the main one.
    ValueError
        If R fails on a series.

    References
    ----------
    .. [1] R. J. Hyndman, Y. Khandakar, "Automatic Time Series Forecasting: The forecast
       Package for R", J. Statistical Software 27 (2008).
    """
    if threading.current_thread() is not threading.main_thread():
        raise RuntimeError(f"R can only be called from the main thread, not for forecast::{name}")
    interface, function = _r_function()
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
def _r_function() -> tuple[Any, Any]:
    """Start R once; return rpy2's interface and the function that forecasts one series."""
    try:
        from rpy2 import rinterface

        rinterface.initr()
    except Exception as error:
        # Beside an ImportError: rpy2 raises others where it does not find R, or one too old.
        raise ImportError(f"R's models need R and rpy2 ({error}): {_INSTALL}") from error
    here: Any = rinterface.evalr(
        'suppressPackageStartupMessages(requireNamespace("forecast", quietly = TRUE))'
    )
    if not here[0]:
        raise ImportError(f"R has no package forecast: {_INSTALL}")
    return rinterface, rinterface.evalr(_FORECAST)
