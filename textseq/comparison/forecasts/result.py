"""What ``compare_forecasts`` returns: every model's forecasts from the same moments of the past."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from textseq.comparison.forecasts.json_form import (
    frame_from_json,
    frame_to_json,
    model_from_json,
    model_to_json,
    series_from_json,
    series_to_json,
)
from textseq.comparison.forecasts.model import ForecastedModel
from textseq.comparison.forecasts.shown_series import ShownSeries
from textseq.comparison.forecasts.wording import (
    LEAD,
    items_sentence,
    reference_sentence,
    seeds_sentence,
)
from textseq.comparison.json_file import FORMAT, known_format, read_stored
from textseq.comparison.result import Result
from textseq.comparison.statistics import PAIR_COLUMNS, t_interval
from textseq.comparison.wording import lead_sentence, score_text
from textseq.series.panel import Columns

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from rich.console import Console

KIND = "forecasts"
"""What tells its JSON from that of ``Comparison``."""

# Fields that JSON holds as they are.
_PLAIN = ("h", "step", "n_series", "n_windows", "n_items", "receipt")


@dataclass(frozen=True, eq=False, repr=False)
class ForecastComparison(Result[ForecastedModel]):
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

    Examples
    --------
    >>> from textseq import Forecaster, compare_forecasts, load_sample
    >>> passengers = load_sample("airpassengers")
    >>> small = Forecaster(hidden_size=4, max_epochs=1)
    >>> comparison = compare_forecasts(
    ...     passengers, h=12, encoders=["lstm"], estimator=small, n_windows=1, n_seeds=1
    ... )
    >>> comparison.h, comparison.n_series, comparison.n_windows
    (12, 1, 1)
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

    _text_width = 104
    _json_indent = None

    @property
    def frame(self) -> Any:
        """The backtest (of the first seed): a row a series, cutoff and time, as the user's own.

        Columns: id, time, ``cutoff`` (last time that was known), ``variable`` where there are
        several targets, the truth ``y``, and every model's forecasts and interval ends.
        """
        return self.frames[0]

    @property
    def ranked(self) -> list[ForecastedModel]:
        """The models, lowest mean MASE first; those that have none come last."""
        return sorted(self.models, key=lambda model: model.mean_mase)

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
        sentences = (
            lead_sentence(self, f"MASE {score_text(self.best.mase)}", LEAD),
            reference_sentence(self),
            items_sentence(len(self.pairs), self.n_items),
            seeds_sentence(self),
        )
        return tuple(sentence for sentence in sentences if sentence)

    @property
    def table(self) -> pd.DataFrame:
        """One row a model, lowest MASE first.

        Columns: ``model``, ``kind``, ``mase`` (mean over seeds), ``interval`` (half width of
        its 95 % interval over seeds, NaN for one), ``smape``, ``rmse``, ``mae``,
        ``weighted_quantile_loss``, ``coverage-80`` and ``width-80`` for each level (means over
        seeds), ``train_seconds`` (a fit with its forecasts), ``parameters`` and ``seeds``.
        """
        ranked = self.ranked
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

    @property
    def _measure(self) -> str:
        return f"MASE, {self.h} steps ahead of {self.n_series:,} series"

    # A result shows itself, with what is made of it, as in ``Comparison``.

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
        from textseq.comparison.forecasts.page import write_page

        return write_page(self, path, forecasts)

    def _repr_html_(self) -> str:
        from textseq.comparison.forecasts.page import fragment

        return fragment(self)

    def _print(self, console: Console) -> None:
        from textseq.comparison.forecasts.table import render

        render(self, console)

    def _stored(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "kind": KIND,
            "headline": self.headline,
            "models": list(map(model_to_json, self.models)),
            "pairs": self.pairs.to_dict("records"),
            "shown": list(map(series_to_json, self.shown)),
            "names": self.names._asdict(),
            "warnings": self.warnings,
            "frames": [frame_to_json(frame, self.names) for frame in self.frames],
            **{name: getattr(self, name) for name in _PLAIN},
        }

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
        stored = read_stored(path)
        if stored.get("kind") != KIND:
            raise ValueError(
                f"{str(path)!r} is no comparison of forecasts; try Comparison.from_json"
            )
        with known_format(stored, path):
            names = Columns.from_json(stored["names"])
            return cls(
                models=tuple(map(model_from_json, stored["models"])),
                frames=tuple(frame_from_json(frame, names) for frame in stored["frames"]),
                pairs=pd.DataFrame(stored["pairs"], columns=list(PAIR_COLUMNS)),
                shown=tuple(map(series_from_json, stored["shown"])),
                names=names,
                warnings=tuple(stored["warnings"]),
                **{name: stored[name] for name in _PLAIN},
            )
