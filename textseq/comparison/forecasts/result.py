"""What ``compare_forecasts`` returns: every model's forecasts from the same moments of the past."""

from __future__ import annotations

import io
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from textseq.comparison.forecasts.json_file import read_forecast_json, write_forecast_json
from textseq.comparison.forecasts.wording import forecast_headline, forecast_ranking
from textseq.comparison.statistics import t_interval
from textseq.series.panel import Columns

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, eq=False)
class ForecastedModel:
    """One row of a comparison of forecasts.

    Parameters
    ----------
    name : str
        Of its columns in ``ForecastComparison.frame``.
    kind : {"network", "baseline"}
    scores : DataFrame
        One row a seed: ``mase``, ``smape``, ``rmse``, ``mae``, and where there are intervals
        ``weighted_quantile_loss``, ``coverage-80`` and ``width-80`` for each level. A baseline
        draws no random numbers and has one row.
    by_step : ndarray of shape (h,)
        Mean absolute scaled error of each step ahead.
    seconds : ndarray of shape (n_seeds,)
        What a fit and its forecasts took, the mean over cutoffs.
    n_parameters : int or None
    parameters : dict
        As used, after "auto" was resolved.
    """

    name: str
    kind: str
    scores: pd.DataFrame
    by_step: np.ndarray
    seconds: np.ndarray
    n_parameters: int | None = None
    parameters: dict[str, Any] = field(default_factory=dict)

    @property
    def mase(self) -> np.ndarray:
        """Mean absolute scaled error of every seed, shape (n_seeds,)."""
        return self.scores["mase"].to_numpy()


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


@dataclass(frozen=True, eq=False)
class ForecastComparison:
    """Models that forecast the same series from the same moments of the past.

    Parameters
    ----------
    models : tuple of ForecastedModel
        In the order they were asked for, baselines first.
    frames : tuple of DataFrame
        The backtest of every seed; the baselines are in the first alone.
    pairs : DataFrame
        One row a pair: ``first``, ``second``, ``difference`` (MASE of the first minus that of
        the second, mean over seeds), ``low``, ``high`` (95 % interval), ``p_value``,
        ``p_adjusted`` (Holm) and ``verdict``.
    shown : tuple of ShownSeries
        At most five series to draw, by their error.
    names : Columns
        What the user's columns are called.
    h : int
        Steps ahead.
    step : str
        The time between steps, as in ``"1 hour"``; a number for integer times.
    n_series, n_windows, n_items : int
        Series; cutoffs; and the forecasts that the pairs are tested on, a series and cutoff
        each.
    warnings : tuple of str
        What the data's owner should know before trusting the table.
    receipt : dict
        Seeds, versions, thread count, windows, data fingerprint, seconds.
    """

    models: tuple[ForecastedModel, ...]
    frames: tuple[Any, ...]
    pairs: pd.DataFrame
    shown: tuple[ShownSeries, ...]
    names: Columns
    h: int
    step: str
    n_series: int
    n_windows: int
    n_items: int
    warnings: tuple[str, ...]
    receipt: dict[str, Any]

    @property
    def frame(self) -> Any:
        """The backtest (of the first seed): a row a series, cutoff and time, as the user's own.

        Columns: id, time, ``cutoff`` (last time that was known), ``variable`` where there are
        several targets, the truth ``y``, and every model's forecasts and interval ends.
        """
        return self.frames[0]

    @property
    def best(self) -> ForecastedModel:
        """The model of the lowest mean MASE."""
        return forecast_ranking(self)[0]

    @property
    def n_seeds(self) -> int:
        """Number of seeds of the networks."""
        return len(self.frames)

    @property
    def levels(self) -> tuple[str, ...]:
        """Levels of the prediction intervals in percent, as the columns have them."""
        names = dict.fromkeys(name for model in self.models for name in model.scores)
        return tuple(
            name.removeprefix("coverage-") for name in names if name.startswith("coverage-")
        )

    @property
    def headline(self) -> tuple[str, ...]:
        """Plain sentences: which model is best, whether it beats the seasonal naive forecast."""
        return forecast_headline(self)

    @property
    def table(self) -> pd.DataFrame:
        """One row a model, lowest MASE first.

        Columns: ``model``, ``kind``, ``mase`` (mean over seeds), ``interval`` (half width of
        its 95 % interval over seeds, NaN for one), ``smape``, ``rmse``, ``mae``,
        ``weighted_quantile_loss``, ``coverage-80`` and ``width-80`` for each level (means over
        seeds), ``train_seconds`` (a fit with its forecasts), ``parameters`` and ``seeds``.
        """
        ranked = forecast_ranking(self)
        means = pd.DataFrame([model.scores.mean() for model in ranked])
        table = pd.DataFrame(
            {
                "model": [model.name for model in ranked],
                "kind": [model.kind for model in ranked],
                "mase": means.pop("mase"),
                "interval": [t_interval(model.mase)[1] for model in ranked],
            }
        ).join(means)
        table["train_seconds"] = [float(model.seconds.mean()) for model in ranked]
        table["parameters"] = pd.array([model.n_parameters for model in ranked], dtype="Int64")
        table["seeds"] = [len(model.scores) for model in ranked]
        return table

    # Drawing lives a floor above, as in ``Comparison``.

    def plot(self) -> Figure:
        """Draw every model's MASE with its interval over seeds."""
        from textseq.comparison.forecasts.score_plots import mase_plot

        return mase_plot(self)

    def to_html(self, path: str | os.PathLike[str], forecasts: Any = None) -> Path:
        """Write the comparison as one HTML page that needs no other file.

        Parameters
        ----------
        path : path-like
            A file of that name is replaced; it stays whole if writing fails.
        forecasts : DataFrame, optional
            What ``Forecaster.predict`` gave of the steps ahead, to be drawn as well.

        Returns
        -------
        Path
            Where it was written.
        """
        from textseq.comparison.forecasts.page import write_forecast_page

        return write_forecast_page(self, path, forecasts)

    def __str__(self) -> str:
        from rich.console import Console

        from textseq.comparison.forecasts.table import render_forecasts

        written = io.StringIO()
        render_forecasts(self, Console(file=written, width=104, color_system=None))
        return written.getvalue().rstrip("\n")

    def __repr__(self) -> str:
        names = ", ".join(model.name for model in self.models)
        return (
            f"<ForecastComparison of {names} by MASE, {self.h} steps ahead of "
            f"{self.n_series:,} series>"
        )

    def _repr_html_(self) -> str:
        from textseq.comparison.forecasts.page import forecast_fragment

        return forecast_fragment(self)

    def to_json(self, path: str | os.PathLike[str]) -> Path:
        """Write the comparison as JSON, which ``from_json`` reads back.

        Parameters
        ----------
        path : path-like
            A file of that name is replaced; it stays whole if writing fails.

        Returns
        -------
        Path
            Where it was written.
        """
        return write_forecast_json(self, path)

    @classmethod
    def from_json(cls, path: str | os.PathLike[str]) -> ForecastComparison:
        """Read a comparison that ``to_json`` wrote.

        Parameters
        ----------
        path : path-like

        Returns
        -------
        ForecastComparison
            Equal table, frames and page; parameters as plain values.

        Raises
        ------
        ValueError
            If the file is no comparison of forecasts, or of another format.
        """
        stored = read_forecast_json(path)
        models = tuple(ForecastedModel(**model) for model in stored.pop("models"))
        shown = tuple(ShownSeries(**series) for series in stored.pop("shown"))
        return cls(models=models, shown=shown, **stored)
