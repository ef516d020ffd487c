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
from textseq.inspection.rows import targets_of
from textseq.inspection.wording import words_of
from textseq.nn.trainable import Inputs, Trainable
from textseq.ragged import offsets_of
from textseq.training.devices import computing
from textseq.training.objectives import LIKELIHOOD
from textseq.training.outputs import network_outputs, step_outputs
from textseq.training.threads import thread_count


def order_of_steps(
    model: Any, X: Any, y: Any, n_shuffles: int, rng: np.random.Generator
) -> OrderMatters:
    """Score a model on rows in order and shuffled; ``order_matters`` tells the parameters."""
    rows, words = model.rows(X, y), words_of(model)
    targets_of(rows)
    # Of texts what is read by steps are windows: a book is more than one item to go by.
    items = model.rows_by_steps(X, y)
    readings = [rows, *(model.shuffled_rows(X, y, rng) for _ in range(n_shuffles))]
    measure = _of_windows if model.reads == "running text" else _of_rows
    found = np.stack([measure(model, reading, items) for reading in readings])
    same = np.abs(found - found[0]) <= ROUNDING * (1 + np.abs(found[0]))
    # Each item weighs as much as it has answers, so that the mean is one over all of these.
    assert items.weights is not None
    weights = items.weights.astype(np.float64)
    scored = np.where(same, found[0], found) * (weights / weights.mean())  # (1 + n_shuffles, n)
    scores = scored.mean(1)
    drop, low, high, p_value = test = drop_of(scored)
    names = ["in order", *(f"shuffle {number + 1}" for number in range(n_shuffles))]
    table = pd.DataFrame({"reading": names, "score": scores, "drop": scores[0] - scores})
    objective = model.objective()
    if objective is LIKELIHOOD:
        table["perplexity"] = np.exp(-scores)
    n_items = f"{len(items):,} {words.many if len(items) > 1 else words.one}"
    verdict = _verdict(table, test, objective.score_name, n_items)
    return OrderMatters(
        table,
        verdict,
        objective.score_name,
        float(scores[0]),
        scores[1:],
        drop,
        low,
        high,
        p_value,
        words,
    )


def _of_rows(model: Any, rows: NetworkRows, items: NetworkRows) -> np.ndarray:
    """Return the score (n,) of each row."""
    with computing(model.network_, model.device, thread_count(model.n_threads)) as team:
        outputs = network_outputs(model.network_, rows, team).astype(np.float64)
    scores: np.ndarray = model.objective().row_scores(outputs)
    return scores


def _of_windows(model: Any, rows: NetworkRows, items: NetworkRows) -> np.ndarray:
    """Return the log-likelihood a token (n,) of each window, after all that is before it."""

    def losses(network: Trainable, inputs: Inputs) -> Tensor:
        padded, lengths = network.step_losses(inputs)
        return padded[torch.arange(padded.shape[1], device=padded.device) < lengths[:, None]]

    with computing(model.network_, model.device, thread_count(model.n_threads)) as team:
        found = step_outputs(model.network_, rows, team, losses, rows.lengths)
    starts = offsets_of(items.lengths)[:-1]
    return -np.add.reduceat(found.values.astype(np.float64), starts) / items.lengths


def _verdict(
    table: pd.DataFrame, test: tuple[float, float, float, float], metric: str, items: str
) -> str:
    """Say whether order is used, and what follows."""
    drop, low, high, p_value = test
    in_order, shuffled = table["score"][0], table["score"][1:].mean()
    change = (
        f"{metric} goes from {in_order:.3f} in order to {shuffled:.3f} shuffled "
        f"(drop {drop:.3f}, 95 % interval {low:.3f} to {high:.3f}"
    )
    if "perplexity" in table:
        change += f"; perplexity from {np.exp(-in_order):.4g} to {np.exp(-shuffled):.4g}"
    if not drop or p_value >= SIGNIFICANCE:
        return f"{change}): no use of order that {items} could show"
    if drop < 0:
        return f"{change}): order misleads this model"
    return f"{change}): it uses order, so keep an encoder that reads it"
