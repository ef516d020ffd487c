"""Whether a model reads the order of words or steps: its score with them shuffled."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_is_fitted

from textseq.checks import check_count
from textseq.comparison.statistics import SIGNIFICANCE, item_scores, paired_bootstrap
from textseq.estimators.base import TrainedEstimator
from textseq.estimators.sequence.estimator import SequenceEstimator
from textseq.estimators.sequence.text import TextEstimator
from textseq.inspection.order_result import ROUNDING, OrderMatters, drop_of
from textseq.inspection.rows import targets_of
from textseq.inspection.step_order import order_of_steps
from textseq.inspection.wording import ESTIMATORS, words_of
from textseq.nn.bags import Bag
from textseq.ragged import Ragged
from textseq.training.objectives import OBJECTIVES


def order_matters(
    model: Any, X: Any, y: Any = None, n_shuffles: int = 5, random_state: int = 0
) -> OrderMatters:
    """Score a model on texts or series in random order within, against the same in order.

    The tokens that the model reads are shuffled within each text (of a pair, within each of
    the two), and so are the steps of a series, all channels of a step together. A drop says
    that this model leans on order, not that the task needs it: a model without order, fitted
    to the same rows, may still score as high. Best on rows that the model was not fitted to.

    Of a SequenceTagger the tags go with their tokens, and what is lost is what the tokens beside
    one told of its tag. Of a Seq2Seq the sources are shuffled, and targets have their
    log-likelihood; of a LanguageModel the tokens of a text, window by window of
    ``truncated_bptt_steps``.

    Parameters
    ----------
    model : any estimator but a Forecaster
        Fitted, with any encoder, if on tokens then such as are no n-grams.
    X : n texts, series, rows of tokens or sources, as ``fit`` takes them
    y : targets, as ``fit`` takes them
        Not with a LanguageModel.
    n_shuffles : int, default 5
        Times that every row is shuffled anew.
    random_state : int, default 0

    Returns
    -------
    OrderMatters

    Raises
    ------
    ValueError
        If the model is not fitted or reads n-grams, ``y`` does not go with ``X``, or
        ``n_shuffles`` is less than 1.

    References
    ----------
    Pham, Bui, Mai & Nguyen (2021), "Out of Order: How Important Is the Sequential Order of
    Words in a Sentence in Natural Language Understanding Tasks?". The interval and the p-value
    are those of ``textseq.comparison.statistics.paired_bootstrap``.

    Examples
    --------
    >>> from textseq import TextClassifier
    >>> texts, labels = ["so good", "so bad"] * 20, ["pos", "neg"] * 20
    >>> model = TextClassifier(encoder="mean", random_state=0).fit(texts, labels)
    >>> order_matters(model, texts, labels).drop
    0.0
    """
    if not isinstance(model, TrainedEstimator):
        raise ValueError(f"got {type(model).__name__}, which is no network; pass a {ESTIMATORS}")
    check_is_fitted(model, "network_")
    n_shuffles = check_count("n_shuffles", n_shuffles)
    rng = np.random.default_rng(check_count("random_state", random_state, least=0))
    if model.network_kind.answers_steps:
        return order_of_steps(model, X, y, n_shuffles, rng)
    if model.reads == "waves":
        raise ValueError(
            f"got {type(model).__name__}, whose symbols are said in the order of its steps: "
            f"without it there is nothing to hear; pass a {ESTIMATORS}"
        )
    if not isinstance(model, SequenceEstimator):
        raise ValueError(
            f"got {type(model).__name__}, whose windows are forecast from their last values on: "
            f"without their order there is nothing to go on from; pass a {ESTIMATORS}"
        )
    return _order_of_rows(model, X, y, n_shuffles, rng)


def _order_of_rows(
    model: SequenceEstimator, X: Any, y: Any, n_shuffles: int, rng: np.random.Generator
) -> OrderMatters:
    """Score a model that has one answer a row."""
    ngrams = model.encoding_.ngram_range if model.reads == "texts" else (1, 1)
    if ngrams != (1, 1):
        raise ValueError(
            f"this model reads n-grams (ngram_range={ngrams}), which hold order within, so "
            "shuffling them says nothing; compare it with one of ngram_range=(1, 1) instead"
        )
    data, words = model.rows(X, y), words_of(model)
    targets = targets_of(data)
    fields, n_read = data.fields, None
    if isinstance(model, TextEstimator):
        fields, n_read = model.whole_ids(X), model.encoding_.n_read
    readings = [fields]
    for _ in range(n_shuffles):
        readings.append(tuple(_shuffled(field, rng, n_read) for field in fields))
    parts = np.stack([model.outputs_of(reading, data.columns) for reading in readings])
    parts = np.stack([_unrounded(part, parts[0]) for part in parts])  # (1 + n_shuffles, P, n, K)
    outputs = parts.sum(1)
    # All rows count the same here, whatever their class weighs in training.
    metric = OBJECTIVES[model.target_kind()[0]].score_name
    predictions = _predictions(model, outputs)
    items = item_scores(predictions, targets, metric)  # (1 + n_shuffles, n)
    drop, low, high, p_value = test = drop_of(items)
    # R squared is 1 less the mean of what item_scores returns.
    scores = items.mean(1) + (metric == "r2")
    changed = predictions != predictions[:1]
    table = pd.DataFrame(
        {
            "reading": ["in order", *(f"shuffle {number + 1}" for number in range(n_shuffles))],
            "score": scores,
            "drop": scores[0] - scores,
            "changed": changed.reshape(*changed.shape[:2], -1).any(2).mean(1),
        }
    )
    both, bag = parts.shape[1] > 1, isinstance(model.network_.encoder, Bag)
    by_network = not bag
    if both:
        # Alone, each is what it was before it was multiplied by its share.
        for number, (part, share) in enumerate(model.wide_.shares._asdict().items()):
            alone = item_scores(_predictions(model, parts[:, number] / share), targets, metric)
            table[part] = alone.mean(1) + (metric == "r2")
            if part == "network":
                by_network = not bag and drop_of(alone)[3] < SIGNIFICANCE
    if bag and not both:
        verdict = (
            f"{metric} is {scores[0]:.3f} in any order, as encoder={model.encoder!r} reads none; "
            "compare it with encoder='lstm' to see whether order would help"
        )
    elif p_value >= SIGNIFICANCE and not _above_constant(items[0], targets, metric):
        verdict = (
            f"{metric} {scores[0]:.3f} in order is not shown to be above that of one answer to "
            f"all {words.many}, so there is nothing for shuffling to cost: see gradient_flow"
        )
    else:
        verdict = _verdict(scores, test, metric, f"{len(data):,} {words.many}", bag, by_network)
    if both:
        verdict += _alone(table)
    return OrderMatters(
        table, verdict, metric, float(scores[0]), scores[1:], drop, low, high, p_value, words
    )


def _verdict(
    scores: np.ndarray,
    test: tuple[float, float, float, float],
    metric: str,
    rows: str,
    bag: bool,
    by_network: bool,
) -> str:
    """Say whether order is used, whether by the network itself, and what follows."""
    drop, low, high, p_value = test
    change = (
        f"{metric} goes from {scores[0]:.3f} in order to {scores[1:].mean():.3f} shuffled "
        f"(drop {drop:.3f}, 95 % interval {low:.3f} to {high:.3f})"
    )
    if p_value >= SIGNIFICANCE:
        cheaper = "; encoder='mean' is cheaper and may be as good, so compare the two"
        return f"{change}: no use of order that {rows} could show{'' if bag else cheaper}"
    if drop < 0:
        other = "; compare it with encoder='mean'"
        return f"{change}: order misleads this model{'' if bag else other}"
    if by_network:
        return f"{change}: it uses order, so keep an encoder that reads it"
    same = "; encoder='mean' would have that too, so compare the two"
    return f"{change}: it uses order, by its n-grams{'' if bag else same}"


def _above_constant(items: np.ndarray, targets: np.ndarray, metric: str) -> bool:
    """Whether scores of rows (n,) are shown to be above those of the best constant answer."""
    if metric == "r2":
        answer = targets.mean()
    else:
        distinct, counts = np.unique(targets, axis=0, return_counts=True)
        answer = distinct[counts.argmax()]
    constant = item_scores(np.broadcast_to(answer, targets.shape), targets, metric)
    difference, _, _, p_value = paired_bootstrap(items, constant)
    return difference > 0 and p_value < SIGNIFICANCE


def _alone(table: pd.DataFrame) -> str:
    """Tell what each part of a model scores without the other."""
    told = [
        f"{name} goes from {table[part][0]:.3f} to {table[part][1:].mean():.3f}"
        for part, name in (("network", "the network"), ("wide", "the wide path"))
    ]
    return f"; alone, {' and '.join(told)}"


def _shuffled(rows: Ragged, rng: np.random.Generator, n_read: int | None) -> Ragged:
    """Return the steps of every row in random order; those from ``n_read`` on among themselves."""
    within = None if n_read is None else rows.places() >= n_read
    return Ragged(rows.values[rows.shuffled_places(rng, within)], rows.offsets)


def _unrounded(outputs: np.ndarray, in_order: np.ndarray) -> np.ndarray:
    """Return outputs (..., K), but those in order where the two differ by rounding only."""
    differences = np.abs(outputs - in_order).max(-1, keepdims=True)
    same = differences <= ROUNDING * (1 + np.abs(in_order).max(-1, keepdims=True))
    return np.where(same, in_order, outputs)


def _predictions(model: SequenceEstimator, outputs: np.ndarray) -> np.ndarray:
    """Turn outputs (..., n, K) into what ``_encode_targets`` makes of targets."""
    kind, _ = model.target_kind()
    if kind == "number":
        return outputs[..., 0]
    return outputs.argmax(-1) if kind == "classes" else outputs > 0
