"""How well a model answers rows whose outcomes are known, for R."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from sklearn import metrics

from textseq.checks import check_choice
from textseq.comparison.scores.auc import auc
from textseq.corpus.source import TextSource
from textseq.labels.data_warnings import unknown_lines, warn_of_data
from textseq.r.models import data_values, model_of
from textseq.r.text_files import targets_of

EVALUATED = ("TextClassifier", "TextRegressor", "SeriesClassifier", "SeriesRegressor")


def evaluate(id: list[str], data: dict[str, Any]) -> pd.DataFrame:
    """Score an open classifier or regressor.

    Parameters
    ----------
    id : list of one str
        Of the model.
    data : dict
        ``X`` and ``y``; or ``X`` alone, files that are opened with their target.

    Returns
    -------
    DataFrame
        A row a ``metric``, with its ``score`` and ``n``, the number of rows: of classes accuracy,
        macro-F1 and, of two, the AUC; of several labels subset accuracy, macro-F1 and the mean
        AUC; of numbers R squared, mean absolute error and root mean squared error.
    """
    model: Any = model_of(id[0])
    check_choice("model", type(model).__name__, EVALUATED)
    values = data_values(data)
    X = values["X"]
    is_read = isinstance(X, TextSource)
    y: Any = targets_of(X, getattr(model, "classes_", None)) if is_read else values["y"]
    if not hasattr(model, "classes_"):
        truth, found = np.asarray(y, dtype=np.float64), model.predict(X)
        scores = {
            "r2": metrics.r2_score(truth, found),
            "mae": metrics.mean_absolute_error(truth, found),
            "rmse": metrics.root_mean_squared_error(truth, found),
        }
    elif model.multilabel_:
        shares, truth = model.predict_proba(X), np.asarray(y)
        found = model.decide(shares)
        scores = {
            "subset accuracy": metrics.accuracy_score(truth, found),
            "macro-F1": metrics.f1_score(truth, found, average="macro", zero_division=0),
            "auc": auc(truth, shares),
        }
    else:
        shares = model.predict_proba(X)
        found = list(map(str, model.decide(shares)))
        scores = _of_classes(list(map(str, y)), shares, found, model.classes_)
    return pd.DataFrame(
        {"metric": list(scores), "score": list(map(float, scores.values())), "n": len(y)}
    )


def _of_classes(
    truth: list[str], shares: np.ndarray, found: list[str], classes: Any
) -> dict[str, float]:
    names = np.array([str(name) for name in classes])
    unknown = np.setdiff1d(truth, names)
    warn_of_data(unknown_lines(unknown, names), stacklevel=3)
    present = sorted({*truth, *found})
    scores = {
        "accuracy": metrics.accuracy_score(truth, found),
        "macro-F1": metrics.f1_score(
            truth, found, labels=present, average="macro", zero_division=0
        ),
    }
    if len(names) == 2:
        known = np.isin(truth, names)
        scores["auc"] = auc(np.array(truth)[known] == names[1], shares[known, 1])
    return scores
