"""Rolling origin: forecasts from moments of the past, judged by what came."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import joblib
import numpy as np
import pandas as pd
import polars as pl
from sklearn.base import clone

from textseq.checks import check_flag
from textseq.estimators.finished_fits import FinishedFits, KeptFit
from textseq.estimators.forecasting.cutoffs import Cutoffs, FittedForecaster, Forecasted
from textseq.estimators.forecasting.split import LEAST_REST, ForecastSplit
from textseq.estimators.identity import told_parameters
from textseq.series.panel import Panel
from textseq.training.threads import threads_each

if TYPE_CHECKING:
    from textseq.estimators.forecasting.panel_forecaster import PanelForecaster

# Called as a fit starts with (fits done, fits in all, the model's name).
OnFit = Callable[[int, int, str], None]
# A model's name, and the cutoffs that one fit, at the first of them, is for.
_Task = tuple[str, tuple[int, ...]]


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
    models : dict of str to FittedForecaster
        At the last cutoff that a model was fitted at.
    """

    frame: Any
    seconds: dict[str, float]
    models: dict[str, FittedForecaster]


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
    n_jobs: int | None = None,
    on_fit: OnFit | None = None,
    finished: FinishedFits | None = None,
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
    n_jobs : int, optional
        Fits side by side; None is as many as joblib's active back end is set to.
    on_fit : callable, optional
    finished : FinishedFits, optional
        Where fits are kept; those that are over are not done again.

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
    check_flag("refit", refit)
    before = tuple(first - window * step_size for window in range(n_windows))
    cutoffs = Cutoffs(panel, h, before, tuple(levels), val_size, season_length)
    # A network answers from the cutoff that it is fitted at, or from all behind it too.
    every = range(n_windows)
    networks: list[_Task] = [
        (name, (at,) if refit else tuple(every))
        for at in (every if refit else every[:1])
        for name in models
    ]
    tasks: list[_Task] = [*networks, *((name, (at,)) for at in every for name in baselines)]
    kept = {task: _kept(finished, cutoffs, models, *task) for task in tasks}
    over = {
        task: forecasted
        for task, fit in kept.items()
        if fit is not None and (forecasted := Forecasted.kept(fit)) is not None
    }
    left = [task for task in tasks if task not in over]
    n_side_by_side = joblib.effective_n_jobs(n_jobs)

    def started() -> Iterator[Any]:
        # The networks, some of which may be over, come first.
        for done, task in enumerate(left, start=len(over.keys() & {*networks})):
            name, at = task
            model = models.get(name)
            if model is not None:
                model = clone(model)
                if n_side_by_side > 1:
                    model.set_params(n_threads=threads_each(n_side_by_side))
                if on_fit is not None:
                    on_fit(done, len(networks), name)
            yield joblib.delayed(Cutoffs.forecast)(cutoffs, name, model, at, kept[task])

    over |= zip(left, joblib.Parallel(n_jobs=n_jobs)(started()), strict=True)
    found = [over[task] for task in tasks]
    seconds = dict.fromkeys([*models, *baselines], 0.0)
    fitted: dict[str, FittedForecaster] = {}
    for (name, _), forecasted in zip(tasks, found, strict=True):
        seconds[name] += forecasted.seconds
        if forecasted.fitted is not None:
            fitted[name] = forecasted.fitted
    return Backtest(_frame(cutoffs, tasks, found), seconds, fitted)


def _frame(cutoffs: Cutoffs, tasks: Sequence[_Task], found: Sequence[Forecasted]) -> Any:
    """Return one row a series, cutoff and time, with the truth and what was forecast."""
    every = range(len(cutoffs.before))
    columns: list[dict[str, np.ndarray]] = [{"y": cutoffs.what_came(at)[0]} for at in every]
    for (_, places), forecasted in zip(tasks, found, strict=True):
        for at, own in zip(places, forecasted.columns, strict=True):
            columns[at] |= own
    parts = [cutoffs.known(at).frame(columns[at], cutoffs.h, cutoff=True) for at in every]
    if isinstance(parts[0], pl.DataFrame):
        return pl.DataFrame(
            [pl.concat([part[name] for part in parts]) for name in parts[0].columns]
        )
    return pd.concat(parts, ignore_index=True)


def _kept(
    finished: FinishedFits | None,
    cutoffs: Cutoffs,
    models: Mapping[str, PanelForecaster],
    name: str,
    at: tuple[int, ...],
) -> KeptFit | None:
    """Return where one of the fits is kept."""
    if finished is None:
        return None
    told: dict[str, Any] = cutoffs.told(at)
    if name not in models:
        return finished.fit(name, {"cutoff": at[0]}, kind="baseline", **told)
    model = models[name]
    seed = {} if model.random_state is None else {"seed": int(model.random_state)}
    told |= {"kind": "network", "parameters": told_parameters(model)}
    return finished.fit(name, seed | {"cutoff": at[0]}, **told)


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
