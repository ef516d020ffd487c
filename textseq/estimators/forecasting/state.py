"""What a fitted forecaster knows beside its network, for its file: scales, last rows, errors."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from textseq.estimators.forecasting.encoding import ColumnScale, WindowEncoding
from textseq.labels.inputs import check_label_types, check_label_values, objects
from textseq.labels.targets import classes_from_json, classes_to_json
from textseq.series.calibration import POINT, Calibration
from textseq.series.frequency import Frequency
from textseq.series.mondrian import MondrianCalibration
from textseq.series.panel import Columns, Panel
from textseq.series.scales import TypicalSeries

_COVARIATES = ("past", "future", "static")
# Names in files, and of the attributes.
_TYPICAL = {
    "spread": "std", "of_size": "of_size", "roughness": "roughness", "error_rate": "error_rate"
}  # fmt: skip
_PANEL = ("offsets", "y", "past", "future", "static")


def check_ids(ids: np.ndarray) -> None:
    """Raise ValueError if ids (S,) of series would not come back from a model file as they are."""
    for part in _parts(ids) or [ids]:
        check_label_types(part, "the id column")
        check_label_values(part, "the id column")


def _parts(ids: np.ndarray) -> list[np.ndarray]:
    """Return the columns of ids that are tuples of one length; none of others."""
    values = ids.tolist()
    if not all(isinstance(one, tuple) for one in values) or len(set(map(len, values))) != 1:
        return []
    return [objects(part) for part in zip(*values, strict=True)]


def _ids_to_json(ids: np.ndarray) -> dict[str, Any]:
    parts = _parts(ids)
    return {"parts": [classes_to_json(part) for part in parts]} if parts else classes_to_json(ids)


def _ids_from_json(stored: dict[str, Any]) -> np.ndarray:
    if "parts" not in stored:
        return classes_from_json(stored)
    parts = [classes_from_json(part).tolist() for part in stored["parts"]]
    return objects(list(zip(*parts, strict=True)))


def state_to_json(encoding: WindowEncoding, panel: Panel) -> dict[str, Any]:
    """Return names, identifiers and the frequency, JSON-able."""
    return {
        "series": {
            "trained_ids": _ids_to_json(encoding.ids),
            "ids": _ids_to_json(panel.ids),
            "frequency": asdict(encoding.frequency),
            "columns": panel.names._asdict(),
            "times": panel.times.dtype.str,
            "marks_missing": encoding.marks_missing,
            "with_calendar": encoding.with_calendar,
        }
    }


def state_arrays(
    encoding: WindowEncoding, panel: Panel, calibration: MondrianCalibration | None
) -> dict[str, np.ndarray]:
    """Return scales, the last rows of each series and the calibration as arrays."""
    arrays = {"location": encoding.location, "scale": encoding.scale}
    if encoding.roughness is not None and encoding.error_rate is not None:
        assert encoding.typical is not None
        arrays["roughness"], arrays["error_rate"] = encoding.roughness, encoding.error_rate
        arrays |= {
            f"typical.{name}": getattr(encoding.typical, own) for name, own in _TYPICAL.items()
        }
    for name in _COVARIATES:
        part: ColumnScale = getattr(encoding, name)
        arrays[f"{name}.location"], arrays[f"{name}.scale"] = part.location, part.scale
    arrays |= {f"panel.{name}": getattr(panel, name) for name in _PANEL}
    arrays["panel.times"] = panel.times.view(np.int64)
    if calibration is not None:
        arrays["calibration.lengths"], arrays["calibration.cuts"] = (
            calibration.lengths,
            calibration.cuts,
        )
        for row, groups in enumerate(calibration.groups):
            for column, group in enumerate(groups):
                arrays |= _group_arrays(group, f"calibration.{row}.{column}.")
    return arrays


def state_from_file(
    header: dict[str, Any], arrays: dict[str, np.ndarray]
) -> tuple[WindowEncoding, Panel, MondrianCalibration | None]:
    """Rebuild what ``state_to_json`` and ``state_arrays`` gave."""
    stored = header["series"]
    frequency = Frequency(**stored["frequency"])
    encoding = WindowEncoding(
        ids=_ids_from_json(stored["trained_ids"]),
        location=arrays["location"],
        scale=arrays["scale"],
        roughness=arrays.get("roughness"),
        error_rate=arrays.get("error_rate"),
        typical=_typical(arrays),
        **{
            name: ColumnScale(arrays[f"{name}.location"], arrays[f"{name}.scale"])
            for name in _COVARIATES
        },
        frequency=frequency,
        marks_missing=stored["marks_missing"],
        with_calendar=stored["with_calendar"],
    )
    panel = Panel(
        ids=_ids_from_json(stored["ids"]),
        times=arrays["panel.times"].view(np.dtype(stored["times"])),
        frequency=frequency,
        names=Columns.from_json(stored["columns"]),
        **{name: arrays[f"panel.{name}"] for name in _PANEL},
    )
    return encoding, panel, _calibration(arrays)


def _typical(arrays: dict[str, np.ndarray]) -> TypicalSeries | None:
    if "typical.spread" not in arrays:
        return None
    return TypicalSeries(**{own: arrays[f"typical.{name}"] for name, own in _TYPICAL.items()})


def _group_arrays(group: Calibration, prefix: str) -> dict[str, np.ndarray]:
    arrays = {"spread": group.spread, "n_apart": np.array([group.n_apart])}
    arrays |= {str(name): scores for name, scores in group.scores.items()}
    return {prefix + name: array for name, array in arrays.items()}


def _calibration(arrays: dict[str, np.ndarray]) -> MondrianCalibration | None:
    if "calibration.spread" in arrays:  # an older file, of one group
        only = _group(arrays, "calibration.")
        return MondrianCalibration(np.array([1]), np.empty(0), ((only,),))
    if "calibration.lengths" not in arrays:
        return None
    lengths, cuts = arrays["calibration.lengths"], arrays["calibration.cuts"]
    groups = tuple(
        tuple(_group(arrays, f"calibration.{row}.{column}.") for column in range(len(cuts) + 1))
        for row in range(len(lengths))
    )
    return MondrianCalibration(lengths, cuts, groups)


def _group(arrays: dict[str, np.ndarray], prefix: str) -> Calibration:
    named = {
        name.removeprefix(prefix): array
        for name, array in arrays.items()
        if name.startswith(prefix)
    }
    spread, n_apart = named.pop("spread"), float(named.pop("n_apart")[0])
    scores = {name if name == POINT else float(name): part for name, part in named.items()}
    return Calibration(spread, scores, n_apart)
