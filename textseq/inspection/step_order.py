"""What order is worth to a model that answers step by step."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from textseq.batches import NetworkRows
from textseq.comparison.statistics import SIGNIFICANCE
from textseq.inspection.order_result import ROUNDING, OrderMatters, drop_of
from textseq.inspection.wording import words_of
from textseq.nn.trainable import Inputs, Trainable
from textseq.training.devices import computing
from textseq.training.objectives import TAGGING
from textseq.training.outputs import network_outputs, step_outputs
from textseq.training.threads import thread_count


def order_of_steps(
    model: Any, X: Any, y: Any, n_shuffles: int, rng: np.random.Generator
) -> OrderMatters:
    """Score a model on rows in order and shuffled; ``order_matters`` tells the parameters."""
    rows, words = model.rows(X, y), words_of(model)
    if rows.targets is None:
        raise ValueError("y is missing, and without it there is no score; pass the targets of X")
    readings = [rows, *(model.shuffled_rows(X, y, rng) for _ in range(n_shuffles))]
    objective = model.objective()
    measure = _hits if objective is TAGGING else _log_likelihoods
    found = [measure(model, reading) for reading in readings]
    counts = found[0][1]  # (n,), those of every reading
    sums = np.stack([own for own, _ in found])  # (1 + n_shuffles, n)
    same = np.abs(sums - sums[0]) <= ROUNDING * (counts + np.abs(sums[0]))
    # Each item weighs as much as it has answers, so that the mean is one over these.
    items = np.where(same, sums[0], sums) / counts.mean()
    scores = items.mean(1)
    drop, low, high, p_value = test = drop_of(items)
    names = ["in order", *(f"shuffle {number + 1}" for number in range(n_shuffles))]
    table = pd.DataFrame({"reading": names, "score": scores, "drop": scores[0] - scores})
    metric = objective.score_name
    if measure is _log_likelihoods:
        table["perplexity"] = np.exp(-scores)
    verdict = _verdict(table, test, metric, f"{len(counts):,} {words.many}")
    return OrderMatters(
        table, verdict, metric, float(scores[0]), scores[1:], drop, low, high, p_value, words
    )


def _hits(model: Any, rows: NetworkRows) -> tuple[np.ndarray, np.ndarray]:
    """Return how many steps of each row are tagged right, and how many it has."""
    with computing(model.network_, model.device, thread_count(model.n_threads)) as team:
        shares = network_outputs(model.network_, rows, team)[:, 1]
    counts = model.answers_of(rows)
    return np.rint(shares * counts), counts


def _log_likelihoods(model: Any, rows: NetworkRows) -> tuple[np.ndarray, np.ndarray]:
    """Return the log-likelihood of each item, and how many tokens it has.

    An item is a row, or of long texts a window: a book is no single one.
    """

    def losses(network: Trainable, inputs: Inputs) -> Tensor:
        padded, lengths = network.step_losses(inputs)
        return padded[torch.arange(padded.shape[1], device=padded.device) < lengths[:, None]]
