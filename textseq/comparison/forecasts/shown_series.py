"""The series that a comparison of forecasts draws, from the smallest error to the largest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from textseq.comparison.forecasts.errors import BacktestErrors
from textseq.comparison.forecasts.model import ForecastedModel
from textseq.series.extension import last_rows
from textseq.series.panel import Panel
from textseq.series.times import wall_times

QUANTILES = {
    0.0: "smallest error",
    0.25: "a quarter have less error",
    0.5: "median error",
    0.75: "a quarter have more error",
    1.0: "largest error",
}
# Rows before the first cutoff: this many horizons, or seasons if those are longer.
BEFORE = 2


@dataclass(frozen=True, eq=False)
class ShownSeries:
    """A series that is drawn, with the last of its rows.

    Parameters
    ----------
    id : str or number
    target : str
        The column that was forecast.
    place : str
        Why it was chosen, such as ``"median error"``.
    error : float
        Mean absolute scaled error of the best network there (of the best model if there is
        none).
    times : ndarray of shape (T,), int64 or datetime64[us]
        As the clocks of its time zone show them.
    y : ndarray of shape (T,)
    """

    id: Any
    target: str
    place: str
    error: float
    times: np.ndarray
    y: np.ndarray


def choose_series(
    panel: Panel,
    errors: BacktestErrors,
    scaled: Mapping[str, np.ndarray],
    models: tuple[ForecastedModel, ...],
    h: int,
    season_length: int,
) -> tuple[ShownSeries, ...]:
    """Choose at most five series by the error of the best network, with their last rows.

    Parameters
    ----------
    panel : Panel
    errors : BacktestErrors
    scaled : dict of model to ndarray of shape (B, h, K)
        Scaled errors.
    models : tuple of ForecastedModel
    h, season_length : int
    """
    networks = [model for model in models if model.kind == "network"] or models
    best = min(networks, key=lambda model: model.mean_mase)
    by_series = errors.by_series(scaled[best.name], len(panel)).ravel()
    ranked = np.argsort(by_series, kind="stable")
    ranked = ranked[np.isfinite(by_series[ranked])]
    n_targets = len(panel.names.targets)
    if len(ranked) <= len(QUANTILES):
        chosen = dict.fromkeys(ranked.tolist(), "")
    else:
        chosen = {
            int(ranked[round(at * (len(ranked) - 1))]): name for at, name in QUANTILES.items()
        }
    first_window = int(errors.window.max()) * errors.step_size + h
    n_rows = first_window + max(BEFORE * h, BEFORE * season_length)
    return tuple(
        _shown(panel, index // n_targets, index % n_targets, why, float(by_series[index]), n_rows)
        for index, why in chosen.items()
    )


def _shown(
    panel: Panel, series: int, target: int, why: str, error: float, n_rows: int
) -> ShownSeries:
    part = last_rows(panel.take([series]), n_rows)
    times, frequency = part.times, panel.frequency
    if frequency.zone is not None and not frequency.is_wall_time:
        times = wall_times(times, frequency.zone)
    return ShownSeries(
        id=panel.ids[series : series + 1].tolist()[0],
        target=panel.names.targets[target],
        place=why,
        error=error,
        times=times,
        y=part.y[:, target],
    )
