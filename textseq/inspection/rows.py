"""The rows that instruments look at: of a fitted model, and of one to be trained."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sklearn.base import clone

from textseq.batches import NetworkRows, SequenceData
from textseq.estimators.checks import seed_of
from textseq.estimators.forecast_split import ForecastSplit
from textseq.estimators.forecaster import Forecaster
from textseq.estimators.sequence_estimator import SequenceEstimator
from textseq.estimators.series_estimator import SeriesEstimator
from textseq.estimators.text_encoding import read_fields
from textseq.estimators.text_estimator import TextEstimator
from textseq.inspection.wording import ESTIMATORS
from textseq.series.inputs import series_rows
from textseq.series.panel import Panel, read_panel
from textseq.series.wall_clock import WallClock


def rows_of(model: SequenceEstimator | Forecaster, X: Any) -> NetworkRows:
    """Return what a fitted model's network reads of X; windows of a forecaster's frame."""
    return _windows(model, X) if isinstance(model, Forecaster) else model._rows(X)


def rows_with_targets(model: SequenceEstimator | Forecaster, X: Any, y: Any) -> NetworkRows:
    """Return what a fitted model's network reads of X, and should answer.

    Parameters
    ----------
    model : SequenceEstimator or Forecaster
    X : as ``fit`` takes it
    y : as ``fit`` takes it; None with a Forecaster, whose frames hold their own targets
    """
    if isinstance(model, Forecaster):
        return _windows(model, X)
    data = model._rows(X)
    return replace(data, targets=model._encode_targets(y, len(data)))


def _windows(model: Forecaster, X: Any) -> NetworkRows:
    panel = WallClock.of(X if isinstance(X, Panel) else model._read(X, None)).panel
    split = ForecastSplit.of(panel, model.horizon_, 0)
    return split.training(model._source(panel), model._window_shape())


def training_rows(model: Any, X: Any, y: Any) -> tuple[Any, NetworkRows, int]:
    """Prepare an unfitted copy of a model for training, as ``fit`` does.

    Parameters
    ----------
    model : TextClassifier, TextRegressor, SeriesClassifier, SeriesRegressor or Forecaster
    X, y : as for ``rows_with_targets``

    Returns
    -------
    copy : as ``model``
        With a fresh network.
    rows : NetworkRows
        What it would train on.
    seed : int

    Raises
    ------
    ValueError
        As ``fit`` does.
    """
    fresh = clone(model)
    data: SequenceData
    if isinstance(model, Forecaster):
        panel = WallClock.of(_panel(model, X)).panel
        seed = seed_of(fresh.random_state)
        split = fresh._prepare(panel, None, seed)
        source = fresh._source(panel.until(split.n_training))
        return fresh, split.training(source, fresh._window_shape()), seed
    if isinstance(model, SeriesEstimator):
        data, _, seed = fresh._prepare(series_rows(X), y, None)
    elif isinstance(model, TextEstimator):
        data, _, seed = fresh._prepare(read_fields(X), y)
    else:
        raise ValueError(f"got {type(model).__name__}, which is no network; pass a {ESTIMATORS}")
    return fresh, data, seed


def _panel(model: Forecaster, X: Any) -> Panel:
    """Read a frame in the columns that a fitted model knows, or in those of the default names."""
    if isinstance(X, Panel):
        return X
    if hasattr(model, "panel_"):
        return model._read(X, None)
    return read_panel(X, fill_gaps=model.fill_gaps)
