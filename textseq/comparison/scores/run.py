"""One fit of one row: trained, timed, scored."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from textseq.comparison.scores.auc import class_probabilities, class_scores
from textseq.comparison.scores.baselines import steps_of
from textseq.comparison.scores.candidates import Candidate
from textseq.comparison.scores.disk_size import disk_size
from textseq.embedding.api_embedder import ApiEmbedder
from textseq.estimators.base import TrainedEstimator
from textseq.estimators.encoding.text_rows import TextRows
from textseq.estimators.finished_fits import KeptFit
from textseq.estimators.receipt import shown_parameters
from textseq.estimators.sequence.answers import LabelAnswers
from textseq.estimators.sequence.estimator import SequenceEstimator
from textseq.estimators.sequence.wide_estimator import WideEstimator
from textseq.labels.data_warnings import said_elsewhere


@dataclass(frozen=True, eq=False)
class Run:
    """What one fit gave on its test rows.

    Parameters
    ----------
    predictions : ndarray of shape (n_test,) or (n_test, n_labels)
        As ``predict`` returns them.
    probabilities : ndarray of shape (n_test, n_classes) or (n_test, n_labels), or None
        None of numbers, and if the model gives none.
    class_scores : ndarray of shape (n_test,), (n_test, n_classes) or (n_test, n_labels), or None
        What the model ranks the rows by; None of numbers, and if the model gives none.
    classes : ndarray or None
        What the columns of ``probabilities`` belong to.
    fit_seconds, predict_seconds : float
    n_parameters : int or None
    history : DataFrame or None
    parameters : dict
    encode_seconds : float or None
        Part of ``predict_seconds`` that made vectors of the test texts, in a row of a transformer.
    disk_bytes : int or None
        What the fitted model takes on disk.
    service : dict or None
        What training and prediction asked of an embedding service: ``ApiEmbedder.receipt_``.
    network : Run or None
        What the network alone gave, where a wide path stands beside it.
    token_counts : ndarray of shape (n_test,), or None
        Tokens of each text, as a language model cuts it.
    spelt : ndarray of shape (n_test,), or None
        Nats that the tokens of each text take that a language model does not know.
    notes : dict
        What scores of sequences must know of the model, JSON-able.
    """

    predictions: np.ndarray
    probabilities: np.ndarray | None
    class_scores: np.ndarray | None
    classes: np.ndarray | None
    fit_seconds: float
    predict_seconds: float
    n_parameters: int | None = None
    history: pd.DataFrame | None = None
    parameters: dict[str, Any] = field(default_factory=dict)
    encode_seconds: float | None = None
    disk_bytes: int | None = None
    service: dict[str, Any] | None = None
    network: Run | None = None
    token_counts: np.ndarray | None = None
    spelt: np.ndarray | None = None
    notes: dict[str, Any] = field(default_factory=dict)


def run(
    candidate: Candidate,
    seed: int,
    train: tuple[Any, Any],
    test: Any,
    with_scores: bool,
    groups: np.ndarray | None = None,
    kept: KeptFit | None = None,
) -> Run:
    """Fit a candidate with a seed and predict the test rows.

    Parameters
    ----------
    candidate : Candidate
    seed : int
    train : (X, y)
        Texts, Tokens cut already or series, and targets.
    test : texts or series
        Texts are uncut: prediction is timed from the raw text.
    with_scores : bool
        Whether to ask for probabilities or ``class_scores``, which is not timed.
    groups : ndarray, optional
        Of the training rows; networks keep them whole as they set rows aside.
    kept : KeptFit, optional
        Where a network's fit is kept while it goes on.
    """
    if candidate.kind == "estimator" and not candidate.encodes:  # the caller's own
        train, test = (_given(train[0]), train[1]), _given(test)
    network = isinstance(candidate.estimator, SequenceEstimator)
    options: dict[str, Any] = {"groups": groups} if network and groups is not None else {}
    model, fit_seconds = fitted(candidate, seed, train, kept, **options)
    started = time.perf_counter()
    # In two steps, so that the first can be timed, and probabilities need no vectors of their own.
    reader, read = (model[-1], model[0].transform(test)) if candidate.encodes else (model, test)
    encoded = time.perf_counter()
    answered = _predicted(reader, read, with_scores)
    done = time.perf_counter()
    service = _service_receipt(model)
    spent = fit_seconds, done - started
    alone = None
    if isinstance(model, WideEstimator) and model.wide_ is not None:
        part = model.without_wide()
        own = _answers(part, read, *_predicted(part, read, with_scores), with_scores)
        alone = Run(*own, *spent)
    return Run(
        *_answers(reader, read, *answered, with_scores),
        *spent,
        encode_seconds=encoded - started if candidate.encodes else None,
        service=service,
        network=alone,
        **facts_of(model),
    )


def fitted(
    candidate: Candidate,
    seed: int,
    given: tuple[Any, ...],
    kept: KeptFit | None = None,
    **options: Any,
) -> tuple[Any, float]:
    """Fit a candidate with a seed.

    Parameters
    ----------
    candidate, seed, kept
        As ``run`` takes them.
    given : tuple
        What ``fit`` takes, and in ``options`` by name.

    Returns
    -------
    model : estimator
    seconds : float
        Those of earlier processes included.
    """
    model = candidate.build(seed)
    started = time.perf_counter()
    if isinstance(model, TrainedEstimator) and kept is not None:
        started -= kept.seconds_before
        options["checkpoint"] = kept.checkpoint
    try:
        with said_elsewhere():
            model.fit(*given, **options)
    except Exception as error:
        if candidate.kind != "estimator":
            raise
        raise ValueError(
            f"the row {candidate.name!r} could not be fitted: {type(error).__name__}: {error}"
        ) from error
    seconds = time.perf_counter() - started
    if getattr(model, "interrupted_", False):
        raise KeyboardInterrupt  # a model cut short has no place in a comparison
    return model, seconds


def facts_of(model: Any) -> dict[str, Any]:
    """Return what a ``Run`` keeps of a fitted model, whatever it answers."""
    network = isinstance(model, TrainedEstimator)
    return {
        "n_parameters": _count_parameters(model),
        "history": model.history_ if network else None,
        "parameters": shown_parameters(model) if network else {},
        "disk_bytes": disk_size(model),
    }


def _given(X: Any) -> Any:
    """Return rows as a caller's own estimator reads them: those with columns as a frame."""
    return X.shown() if isinstance(X, TextRows) else X


def _predicted(model: Any, texts: Any, with_scores: bool) -> tuple[np.ndarray, np.ndarray | None]:
    """Return predictions, and the probabilities of a network that made them, if they are wanted.

    So a network reads the texts once.
    """
    if with_scores and isinstance(model, LabelAnswers):
        probabilities = model.predict_proba(texts)
        return model.decide(probabilities), probabilities
    return np.asarray(model.predict(texts)), None


def _answers(
    model: Any,
    texts: Any,
    predictions: np.ndarray,
    probabilities: np.ndarray | None,
    with_scores: bool,
) -> tuple[np.ndarray, np.ndarray | None, np.ndarray | None, np.ndarray | None]:
    """Return a ``Run``'s predictions, probabilities, class scores and classes."""
    if not with_scores:
        return predictions, None, None, None
    if probabilities is None:
        probabilities = class_probabilities(model, texts)
    scores = class_scores(model, texts, predictions.ndim == 2, probabilities)
    return predictions, probabilities, scores, getattr(model, "classes_", None)


def _service_receipt(model: Any) -> dict[str, Any] | None:
    """Return the receipt of the embedding service that a pipeline reads, if it reads one."""
    return next((step.receipt_ for step in steps_of(model) if isinstance(step, ApiEmbedder)), None)


def _count_parameters(model: Any) -> int | None:
    if isinstance(model, TrainedEstimator):
        return model.n_parameters_
    last = steps_of(model)[-1]
    parts = getattr(last, "estimators_", [last])
    arrays = [getattr(part, name, None) for part in parts for name in ("coef_", "intercept_")]
    found = [np.size(array) for array in arrays if array is not None]
    return int(sum(found)) if found else None
