"""Rolling origin: forecasts from moments of the past, judged by what came."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import polars as pl
from sklearn.base import clone

from textseq.checks import check_flag
from textseq.estimators.forecasting.split import LEAST_REST, ForecastSplit
from textseq.series.baselines import forecast_baseline
from textseq.series.panel import Panel

if TYPE_CHECKING:
    from textseq.estimators.forecasting.panel_forecaster import PanelForecaster

# Called as a fit starts with (fits done, fits in all, the model's name).
OnFit = Callable[[int, int, str], None]


@dataclass(frozen=True, eq=False)
class Backtest:
    """Forecasts of several models from the same moments of the past.

    Parameters
    ----------
    frame : DataFrame of pandas or polars
        One row a series, cutoff and time: id, time, ``cutoff``, the truth ``y``, and each
        model's forecasts and intervals.
    seconds : dict of str to float
        What fitting and forecasting took each model, over all cutoffs.
    models : dict of str to PanelForecaster
        Fitted at the last cutoff.
    """

    frame: Any
    seconds: dict[str, float]
    models: dict[str, PanelForecaster]


def backtest(
    models: Mapping[str, PanelForecaster],
    panel: Panel,
    *,
    h: int,
    n_windows: int,
    step_size: int,
    refit: bool = True,
    levels: Sequence[float] = (),
    baselines: Sequence[str] = (),
    val_size: int | None = None,
    season_length: int | None = None,
    on_fit: OnFit | None = None,
) -> Backtest:
    """Forecast from the last cutoffs of a panel, with fresh models.

    Parameters
    ----------
    models : dict of str to PanelForecaster
        Unfitted, or left as they are.
    panel : Panel
    h : int
        Steps ahead.
    n_windows, step_size : int
        Cutoffs, and the steps between them; the last lies ``h`` steps before the end.
    refit : bool
        Whether every cutoff has models of its own.
    levels : sequence of float
    baselines : sequence of str
        Names in ``BASELINES``.
    val_size, season_length : int, optional
    on_fit : callable, optional

    Raises
    ------
    ValueError
        If no series is long enough.
    """
    panel.names.refuse_taken(["y", "cutoff", *models, *baselines])
    first = h + (n_windows - 1) * step_size
    _check_length(panel, first, n_windows)
    if models and levels:
        _check_intervals(panel, first, h, n_windows, val_size)
    parts: list[Any] = []
    seconds = dict.fromkeys([*models, *baselines], 0.0)
    fitted: dict[str, PanelForecaster] = {}
    check_flag("refit", refit)
    total = len(models) * (n_windows if refit else 1)
    done = 0
    for window in range(n_windows):
        before = h + (n_windows - 1 - window) * step_size
        known = panel.until(panel.lengths - before)
        truth, ahead = _what_came(panel, before, h)
        columns: dict[str, np.ndarray] = {"y": truth}
        for name, model in models.items():
            started = time.perf_counter()
            if refit or not window:
                if on_fit is not None:
                    on_fit(done, total, name)
                done += 1
                fitted[name] = clone(model).fit_panel(known, val_size)
                if fitted[name].interrupted_:
                    raise KeyboardInterrupt  # a model cut short has no place in a backtest
            columns |= fitted[name].forecast_panel(known, h, ahead, levels).columns(name)
            seconds[name] += time.perf_counter() - started
        for name in baselines:
            started = time.perf_counter()
            columns |= forecast_baseline(name, known, h, season_length, levels).columns(name)
            seconds[name] += time.perf_counter() - started
        parts.append(known.frame(columns, h, cutoff=True))
    frame: Any = (
        pl.DataFrame([pl.concat([part[name] for part in parts]) for name in parts[0].columns])
        if isinstance(parts[0], pl.DataFrame)
        else pd.concat(parts, ignore_index=True)
    )
    return Backtest(frame, seconds, fitted)


def _check_length(panel: Panel, before: int, n_windows: int) -> None:
    if (panel.lengths - before < 2).all():
        raise ValueError(
            f"the longest series has {int(panel.lengths.max())} rows, too few for {n_windows} "
            f"windows that start {before} rows before its end; use fewer windows or a smaller h"
        )


def _check_intervals(
    panel: Panel, before: int, h: int, n_windows: int, val_size: int | None
) -> None:
    """Refuse intervals that the first cutoff leaves no rows to learn from."""
    known = panel.until(panel.lengths - before)
    if ForecastSplit.of(known, h, val_size).validates:
        return
    if val_size == 0:
        raise ValueError(
            "with val_size=0 there are no validation rows to learn intervals from; "
            "use a larger one, or level=None"
        )
    longest = int(known.lengths.max())
    raise ValueError(
        f"h={h} and n_windows={n_windows} leave at most {longest} rows before the first cutoff, "
        f"and intervals take {LEAST_REST * h} or more; use a smaller h, fewer windows, or "
        "level=None"
    )


def _what_came(panel: Panel, before: int, h: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the targets (S, h, K) and future covariates (S, h, F) behind a cutoff."""
    kept = panel.lengths > before
    first = panel.offsets[1:][kept] - before
    rows = first[:, None] + np.arange(h)
    return panel.y[rows], panel.future[rows]
