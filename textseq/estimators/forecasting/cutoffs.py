"""Moments of the past that models forecast from, and what each forecast there."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from textseq.estimators.finished_fits import KeptFit, shown_again
from textseq.estimators.receipt import shown_parameters
from textseq.series.baselines import forecast_baseline
from textseq.series.forecasts import Forecasts
from textseq.series.panel import Panel

if TYPE_CHECKING:
    from textseq.estimators.forecasting.panel_forecaster import PanelForecaster


@dataclass(frozen=True)
class FittedForecaster:
    """What is said of a fitted model.

    Parameters
    ----------
    n_parameters : int
    parameters : dict
        As the fit decided them.
    """

    n_parameters: int
    parameters: dict[str, Any]


@dataclass(frozen=True, eq=False)
class Forecasted:
    """What a model forecast from the cutoffs that one fit is for.

    Parameters
    ----------
    columns : list of dict of str to ndarray
        The columns of a frame, of each cutoff.
    seconds : float
    fitted : FittedForecaster or None
        None of a baseline.
    """

    columns: list[dict[str, np.ndarray]]
    seconds: float
    fitted: FittedForecaster | None = None

    def keep(self, kept: KeptFit) -> None:
        """Write it to a file."""
        facts = {
            "seconds": self.seconds,
            "n_cutoffs": len(self.columns),
            "fitted": None if self.fitted is None else vars(self.fitted),
        }
        arrays = {
            f"{number}/{name}": column
            for number, columns in enumerate(self.columns)
            for name, column in columns.items()
        }
        kept.keep(facts | {"order": list(arrays)}, arrays)

    @classmethod
    def kept(cls, kept: KeptFit) -> Self | None:
        """Return what an earlier process kept; None if the fit is not over."""
        result = kept.result()
        if result is None:
            return None
        facts, arrays = result
        columns: list[dict[str, np.ndarray]] = [{} for _ in range(facts["n_cutoffs"])]
        # The mean comes before its intervals, and of these the narrower.
        for place in facts["order"]:
            number, name = place.split("/", 1)
            columns[int(number)][name] = arrays[place]
        fitted = facts["fitted"]
        if fitted is not None:
            parameters = shown_again(fitted["parameters"])
            fitted = FittedForecaster(fitted["n_parameters"], parameters)
        return cls(columns, facts["seconds"], fitted)


@dataclass(frozen=True, eq=False)
class Cutoffs:
    """Moments of the past, the same for all models.

    Parameters
    ----------
    panel : Panel
    h : int
        Steps ahead.
    before : tuple of int
        Rows of each series behind each cutoff.
    levels : tuple of float
        Of the intervals, in percent.
    val_size, season_length : int or None
    """

    panel: Panel
    h: int
    before: tuple[int, ...]
    levels: tuple[float, ...]
    val_size: int | None
    season_length: int | None

    def known(self, cutoff: int) -> Panel:
        """Return the rows up to a cutoff."""
        return self.panel.until(self.panel.lengths - self.before[cutoff])

    def what_came(self, cutoff: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the targets (S, h, K) and future covariates (S, h, F) behind a cutoff."""
        panel, before = self.panel, self.before[cutoff]
        first = panel.offsets[1:][panel.lengths > before] - before
        rows = first[:, None] + np.arange(self.h)
        return panel.y[rows], panel.future[rows]

    def told(self, cutoffs: Sequence[int]) -> dict[str, Any]:
        """Return what tells forecasts from some cutoffs from others of the panel, JSON-able."""
        return {
            "horizon": self.h,
            "rows_behind_cutoffs": [self.before[cutoff] for cutoff in cutoffs],
            "levels": self.levels,
            "val_size": self.val_size,
            "season": self.season_length,
        }

    def forecast(
        self,
        name: str,
        model: PanelForecaster | None,
        cutoffs: Sequence[int],
        kept: KeptFit | None = None,
    ) -> Forecasted:
        """Forecast from some cutoffs: by the baseline of a name, or a model fitted at the first.

        Parameters
        ----------
        name : str
        model : PanelForecaster or None
            It is fitted here.
        cutoffs : sequence of int
        kept : KeptFit, optional
            Where the fit, and what was forecast, is kept.
        """
        started = time.perf_counter()
        fitted = None
        if model is not None:
            if kept is not None:
                started -= kept.seconds_before
            with model.fitting(None if kept is None else kept.checkpoint):
                model.fit_panel(self.known(cutoffs[0]), self.val_size)
            if model.interrupted_:
                raise KeyboardInterrupt  # a model cut short has no place in a backtest
            fitted = FittedForecaster(model.n_parameters_, shown_parameters(model))
        columns = [self._from(name, model, cutoff).columns(name) for cutoff in cutoffs]
        found = Forecasted(columns, time.perf_counter() - started, fitted)
        if kept is not None:
            found.keep(kept)
        return found

    def _from(self, name: str, model: PanelForecaster | None, cutoff: int) -> Forecasts:
        known = self.known(cutoff)
        if model is None:
            return forecast_baseline(name, known, self.h, self.season_length, self.levels)
        return model.forecast_panel(known, self.h, self.what_came(cutoff)[1], self.levels)
