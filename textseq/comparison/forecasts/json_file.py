"""A comparison of forecasts as JSON, and back."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import polars as pl

from textseq.atomic import write_text
from textseq.comparison.statistics import PAIR_COLUMNS
from textseq.estimators.targets import classes_from_json, classes_to_json
from textseq.json_values import plain_values
from textseq.series.columns import read_column, read_ids, read_numbers
from textseq.series.panel import Columns
from textseq.series.times import TimeForm, read_times, write_times

if TYPE_CHECKING:
    from textseq.comparison.forecasts.result import ForecastComparison

FORMAT = 1
"""Version of the JSON form."""

_PLAIN = ("h", "step", "n_series", "n_windows", "n_items", "receipt")


def write_forecast_json(comparison: ForecastComparison, path: str | os.PathLike[str]) -> Path:
    """Write a comparison; what is no number becomes null."""
    stored = {
        "format": FORMAT,
        "kind": "forecasts",
        "headline": comparison.headline,
        "models": [
            {**vars(model), "scores": model.scores.to_dict("list")} for model in comparison.models
        ],
        "pairs": comparison.pairs.to_dict("records"),
        "shown": [
            {**vars(series), "times": _times_to_json(series.times)} for series in comparison.shown
        ],
        "names": comparison.names._asdict(),
        "warnings": comparison.warnings,
        "frames": [_frame_to_json(frame, comparison.names) for frame in comparison.frames],
        **{name: getattr(comparison, name) for name in _PLAIN},
    }
    text = json.dumps(plain_values(stored), ensure_ascii=False, allow_nan=False)
    return write_text(path, text + "\n")


def read_forecast_json(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Return the fields of a comparison, its models' and shown series' each as a dict.

    Raises
    ------
    ValueError
        If the file is no comparison of forecasts, or of another format.
    """
    try:
        stored = json.loads(Path(path).read_text(encoding="utf-8"))
        number, kind = stored["format"], stored.get("kind")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"{str(path)!r} is not a comparison's JSON: {error!r}") from error
    if kind != "forecasts":
        raise ValueError(f"{str(path)!r} is no comparison of forecasts; try Comparison.from_json")
    if number != FORMAT:
        raise ValueError(f"{str(path)!r} has format {number}, this textseq reads {FORMAT}")
    try:
        return _fields(stored)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{str(path)!r} is not a whole comparison: {error!r}") from error


def _fields(stored: dict[str, Any]) -> dict[str, Any]:
    names = Columns.from_json(stored["names"])
    return {
        "models": [
            {
                **model,
                "scores": pd.DataFrame(model["scores"], dtype=np.float64),
                "by_step": np.array(model["by_step"], dtype=np.float64),
                "seconds": np.array(model["seconds"], dtype=np.float64),
            }
            for model in stored["models"]
        ],
        "pairs": pd.DataFrame(stored["pairs"], columns=list(PAIR_COLUMNS)),
        "shown": [
            {
                **series,
                "times": _times_from_json(series["times"]),
                "y": np.array(series["y"], dtype=np.float64),
            }
            for series in stored["shown"]
        ],
        "names": names,
        "warnings": tuple(stored["warnings"]),
        "frames": tuple(_frame_from_json(frame, names) for frame in stored["frames"]),
    } | {name: stored[name] for name in _PLAIN}


def _frame_to_json(frame: Any, names: Columns) -> dict[str, Any]:
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


def _frame_from_json(stored: dict[str, Any], names: Columns) -> Any:
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
