"""The frames, models and series of a comparison of forecasts in JSON's form, and back."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl

from textseq.comparison.forecasts.model import ForecastedModel
from textseq.comparison.forecasts.shown_series import ShownSeries
from textseq.labels.targets import classes_from_json, classes_to_json
from textseq.series.columns import read_column, read_ids, read_numbers
from textseq.series.panel import Columns
from textseq.series.times import TimeForm, read_times, write_times


def model_to_json(model: ForecastedModel) -> dict[str, Any]:
    """Return the fields of a model."""
    return {**vars(model), "scores": model.scores.to_dict("list")}


def model_from_json(stored: dict[str, Any]) -> ForecastedModel:
    """Return what ``model_to_json`` stored; parameters as plain values."""
    arrays = {name: np.array(stored[name], dtype=np.float64) for name in ("by_step", "seconds")}
    scores = pd.DataFrame(stored["scores"], dtype=np.float64)
    return ForecastedModel(**{**stored, "scores": scores, **arrays})


def series_to_json(series: ShownSeries) -> dict[str, Any]:
    """Return the fields of a series that is drawn."""
    return {**vars(series), "times": _times_to_json(series.times)}


def series_from_json(stored: dict[str, Any]) -> ShownSeries:
    """Return what ``series_to_json`` stored."""
    times, y = _times_from_json(stored["times"]), np.array(stored["y"], dtype=np.float64)
    return ShownSeries(**{**stored, "times": times, "y": y})


def frame_to_json(frame: Any, names: Columns) -> dict[str, Any]:
    """Return the frame of a backtest as lists, whatever library it is of."""
    ids, codes = read_ids(frame, names.id)
    stored: dict[str, Any] = {"ids": classes_to_json(ids), "series": codes}
    for name in (names.time, "cutoff"):
        times = read_times(frame, name)
        stored[name] = times._asdict() | {"values": _times_to_json(times.values)}
    stored["variable"] = None
    if len(names.targets) > 1:
        stored["variable"] = read_column(frame, "variable").tolist()
    own = {names.id, names.time, "cutoff", "variable"}
    numbers = [name for name in frame.columns if name not in own]
    return stored | {"numbers": {name: read_numbers(frame, name) for name in numbers}}


def frame_from_json(stored: dict[str, Any], names: Columns) -> Any:
    """Return what ``frame_to_json`` stored, as a frame of the library that it was of."""
    ids = classes_from_json(stored["ids"])
    if ids.dtype.kind == "U":
        ids = ids.astype(object)
    polars = names.frame == "polars"
    columns = {names.id: ids[np.array(stored["series"], dtype=np.int64)]}
    for name in (names.time, "cutoff"):
        times = stored[name]
        columns[name] = write_times(
            _times_from_json(times["values"]),
            times["zone"],
            wall=False,
            form=TimeForm(*times["form"]) if "form" in times else TimeForm(times["unit"]),
            polars=polars,
        )
    if stored["variable"] is not None:
        columns["variable"] = np.array(stored["variable"], dtype=object)
    columns |= {
        name: np.array(values, dtype=np.float64) for name, values in stored["numbers"].items()
    }
    return pl.DataFrame(columns) if polars else pd.DataFrame(columns)


def _times_to_json(times: np.ndarray) -> dict[str, Any]:
    return {"dtype": times.dtype.str, "values": times.view(np.int64)}


def _times_from_json(stored: dict[str, Any]) -> np.ndarray:
    return np.array(stored["values"], dtype=np.int64).view(np.dtype(stored["dtype"]))
