"""Comparisons for R: run, described, and written as pages from what R keeps of them."""

from __future__ import annotations

import gzip
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd

from textseq.checks import check_choice
from textseq.comparison.forecasts.compare import compare_forecasts
from textseq.comparison.forecasts.result import ForecastComparison
from textseq.comparison.scores.compare import ESTIMATOR_TYPES, compare
from textseq.comparison.scores.cost_plot import cost_message, frontier_names
from textseq.comparison.scores.data import are_fractions
from textseq.comparison.scores.folds import OnFit
from textseq.comparison.scores.inputs import are_series
from textseq.comparison.scores.result import Comparison
from textseq.comparison.scores.wording import metric_text
from textseq.estimators.forecasting.forecaster import Forecaster
from textseq.r.models import data_values
from textseq.r.parameters import parameters_of, python_value
from textseq.series.baselines import BASELINE_SETS
from textseq.training.progress import current_report, reporting

# What R calls the estimators that a comparison of classes or numbers takes.
ESTIMATORS = {
    "text_classifier": ESTIMATOR_TYPES[False, False],
    "text_regressor": ESTIMATOR_TYPES[False, True],
    "series_classifier": ESTIMATOR_TYPES[True, False],
    "series_regressor": ESTIMATOR_TYPES[True, True],
}
RESULTS: dict[str, type[Comparison] | type[ForecastComparison]] = {
    "encoders": Comparison,
    "forecasts": ForecastComparison,
}


def compare_models(
    data: dict[str, Any],
    test: Any,
    encoders: Any,
    estimator: list[str] | None,
    settings: dict[str, Any],
    parameters: dict[str, Any] | None,
) -> dict[str, Any]:
    """Compare encoders.

    Parameters
    ----------
    data : dict
        ``X`` and ``y``.
    test : None, array of one share, or dict of ``X`` and ``y``
    encoders : None, list of str, or dict of a row's name to a name or parameters
    estimator : list of one str, or None
        One of ``ESTIMATORS``; by default what ``X`` and ``y`` look like.
    settings : dict
        What else ``compare`` takes.
    parameters : dict or None
        Of the estimator.

    Returns
    -------
    dict
        As ``_described``, and ``predictions``: of each model and seed for each test row;
        ``texts``; of the figure of cost, ``cost_message`` and ``frontier`` (names of models).
    """
    X, y = data_values(data).values()
    kind = ESTIMATOR_TYPES[are_series(X), are_fractions(y)]
    if estimator is not None:
        check_choice("estimator", estimator[0], ESTIMATORS)
        kind = ESTIMATORS[estimator[0]]
    with _fits_reported() as on_fit:
        comparison = compare(
            X,
            y,
            _encoders(encoders, kind),
            estimator=kind(**parameters_of(kind, parameters or {})),
            test=tuple(data_values(test).values())
            if isinstance(test, dict)
            else python_value(test),
            on_fit=on_fit,
            **{name: python_value(value) for name, value in settings.items()},
        )
    seeds = {model.name: model.scores for model in comparison.models}
    measure = (
        f"{metric_text(comparison.metric)} on {len(comparison.texts):,} test {comparison.units}"
    )
    return _described(comparison, "encoders", comparison.metric, measure, seeds) | {
        "predictions": _predictions(comparison),
        "texts": list(comparison.texts),
        "cost_message": cost_message(comparison),
        "frontier": frontier_names(comparison),
    }


def compare_forecasters(
    data: Any,
    static: Any,
    encoders: Any,
    settings: dict[str, Any],
    parameters: dict[str, Any] | None,
) -> dict[str, Any]:
    """Compare forecasts.

    Parameters
    ----------
    data : DataFrame
    static : DataFrame, list of str, or None
    encoders, settings, parameters
        As ``compare_models`` takes them, for ``compare_forecasts`` and its Forecaster.

    Returns
    -------
    dict
        As ``_described``, and ``predictions``: the backtest of the first seed.
    """
    options = {name: python_value(value) for name, value in settings.items()}
    named = options.get("baselines")
    if isinstance(named, str) and named not in BASELINE_SETS:
        options["baselines"] = [named]
    if static is not None:
        options["static"] = static
    with _fits_reported() as on_fit:
        comparison = compare_forecasts(
            data,
            encoders=_encoders(encoders, Forecaster),
            estimator=Forecaster(**parameters_of(Forecaster, parameters or {})),
            on_fit=on_fit,
            **options,
        )
    seeds = {model.name: model.mase for model in comparison.models}
    measure = "MASE; 1 is the seasonal naive's error in the past"
    described = _described(comparison, "forecasts", "mase", measure, seeds)
    table = comparison.table.rename(columns=lambda name: name.replace("-", "_"))
    return described | {"table": table, "predictions": comparison.frame}


def write_report(kind: list[str], content: bytes, path: list[str]) -> str:
    """Write the HTML page of a comparison.

    Parameters
    ----------
    kind : list of one str
        One of ``RESULTS``.
    content : bytes
        What ``_described`` gave.
    path : list of one str
    """
    with tempfile.TemporaryDirectory() as folder:
        stored = Path(folder) / "comparison.json"
        stored.write_bytes(gzip.decompress(content))
        comparison = RESULTS[kind[0]].from_json(stored)
    return str(comparison.to_html(path[0]))


def _described(
    comparison: Comparison | ForecastComparison,
    result: str,
    metric: str,
    measure: str,
    scores: dict[str, np.ndarray],
) -> dict[str, Any]:
    """Return what R keeps of a comparison.

    Returns
    -------
    dict
        ``result`` (one of ``RESULTS``), ``metric``, ``measure`` (of an axis), ``table``,
        ``scores`` (a row a model and seed), ``pairs``, ``headline``, ``warnings``,
        ``receipt``, ``shown`` (its text) and ``content`` (its packed JSON).
    """
    with tempfile.TemporaryDirectory() as folder:
        stored = comparison.to_json(Path(folder) / "comparison.json").read_bytes()
    return {
        "result": result,
        "metric": metric,
        "measure": measure,
        "table": comparison.table,
        "scores": pd.DataFrame(
            {
                "model": np.repeat(list(scores), [len(found) for found in scores.values()]),
                "seed": [
                    comparison.receipt["seeds"][n] for s in scores.values() for n in range(len(s))
                ],
                "score": np.concatenate(list(scores.values())),
            }
        ),
        "pairs": comparison.pairs,
        "headline": list(comparison.headline),
        "warnings": list(comparison.warnings),
        "receipt": comparison.receipt,
        "shown": str(comparison),
        "content": gzip.compress(stored, mtime=0),
    }


def _predictions(comparison: Comparison) -> pd.DataFrame:
    """Return a row a model, seed and test text (and label, if a text has several)."""
    labels = comparison.classes if comparison.targets.ndim == 2 else ()
    n_test, width = len(comparison.texts), max(len(labels), 1)
    each = n_test * width
    seeds = comparison.receipt["seeds"]
    runs = [
        (model.name, seeds[place], found)
        for model in comparison.models
        for place, found in enumerate(model.predictions)
    ]

    def answers(numbers: np.ndarray) -> Any:
        if labels or not comparison.classes:
            return numbers
        return pd.Categorical.from_codes(numbers, list(comparison.classes))

    frame = {
        "model": np.repeat([name for name, _, _ in runs], each),
        "seed": np.repeat([seed for _, seed, _ in runs], each),
        "row": np.tile(np.repeat(np.arange(1, n_test + 1), width), len(runs)),
        "truth": answers(np.tile(np.ravel(comparison.targets), len(runs))),
        "prediction": answers(np.concatenate([np.ravel(found) for _, _, found in runs])),
    }
    shares = {name: np.full(each * len(runs), np.nan) for name in _shares_of(comparison)}
    known = [
        (None if model.probabilities is None else model.probabilities[place])
        for model in comparison.models
        for place in range(len(model.predictions))
    ]
    for run, found in enumerate(known):
        if found is not None:
            for column, values in enumerate(shares.values()):
                own = np.ravel(found) if labels else found[:, column]
                values[run * each : (run + 1) * each] = own
    if labels:
        frame["label"] = np.tile(labels, n_test * len(runs))
    return pd.DataFrame(frame | shares)


def _shares_of(comparison: Comparison) -> list[str]:
    """Name the columns of probabilities: one a class, or one of all labels."""
    if not comparison.classes:
        return []
    if comparison.targets.ndim == 2:
        return [".pred"]
    return [f".pred_{name}" for name in comparison.classes]


def _encoders(encoders: Any, kind: type) -> Any:
    if not isinstance(encoders, Mapping):
        return encoders
    return {
        name: parameters_of(kind, row) if isinstance(row, Mapping) else python_value(row)
        for name, row in encoders.items()
    }


@contextmanager
def _fits_reported() -> Iterator[OnFit | None]:
    """Let R draw how far all fits together are: fits done, fits in all, share, the row's name."""
    report = current_report()
    if report is None:
        yield None
        return
    tell = cast(Callable[[int, int, float, str], Any], report)
    fit: tuple[int, int, str] = (0, 1, "")

    def on_fit(done: int, total: int, name: str) -> None:
        nonlocal fit
        fit = done, total, name
        tell(done, total, done / total, name)

    def within(epoch: int, epochs: int, done: float, loss: float) -> None:
        before, total, name = fit
        tell(before, total, (before + done) / total, name)

    with reporting(within):
        yield on_fit
