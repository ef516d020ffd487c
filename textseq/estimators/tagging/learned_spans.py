"""Spans among the answers to validation rows, by which the epoch is chosen and "O" is weighed."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from textseq.estimators.tagging.rows import TaggedRows
from textseq.estimators.tagging.scores import f1_of
from textseq.labels.spans import SpanRules
from textseq.nn.tagging import TaggingNetwork
from textseq.nn.trainable import Inputs
from textseq.ragged import Ragged, offsets_of
from textseq.training.objectives import Objective
from textseq.training.outputs import by_batch
from textseq.training.threads import ThreadTeam

SPAN_F1 = "span_f1"
# What may be added to the scores of "O", in nats; and true spans that it takes to choose.
SHIFTS = np.arange(-3.0, 1.51, 0.5)
FEWEST_SPANS = 100


@dataclass(frozen=True, eq=False)
class SpanCounter:
    """Counts the spans of rows that are right, found and true.

    Parameters
    ----------
    rules : SpanRules
    """

    rules: SpanRules

    def __call__(self, found: Tensor, truth: Tensor, lengths: Tensor) -> Tensor:
        """Count spans.

        Parameters
        ----------
        found, truth : Tensor of shape (B, T), int64
            Numbers of tags.
        lengths : Tensor of shape (B,)

        Returns
        -------
        Tensor of shape (B, 3)
        """
        real = torch.arange(truth.shape[1], device=truth.device) < lengths[:, None]
        offsets = offsets_of(lengths.cpu().numpy())
        said, true = (
            self.rules.find(Ragged(tags[real].cpu().numpy(), offsets)) for tags in (found, truth)
        )
        right = said.among(true, int(offsets[-1]))
        counts = [
            np.bincount(rows, minlength=len(lengths))
            for rows in (said.rows[right], said.rows, true.rows)
        ]
        return torch.from_numpy(np.stack(counts, axis=1))

    def found_in(self, rows: TaggedRows) -> bool:
        """Whether the tags of rows mark a span."""
        return len(self.rules.find(rows.tags).rows) > 0


def outside_shift(
    network: TaggingNetwork,
    validation: TaggedRows,
    counter: SpanCounter,
    outside: int,
    team: ThreadTeam,
) -> float:
    """Return what is to be added to the scores of "O" for the best F1 of spans.

    The likeliest tags are not those of the best F1 where spans are rare and hard to tell: a span
    pays if it is more probable than half of the F1 that can be reached. Validation rows tell, by
    the mean over each shift and its neighbours, which is steadier than the best of all.

    Parameters
    ----------
    network : TaggingNetwork
    validation : TaggedRows
    counter : SpanCounter
    outside : int
        The number of "O".
    team : ThreadTeam

    References
    ----------
    Lipton, Elkan & Naryanaswamy (2014), "Optimal Thresholding of Classifiers to Maximize F1
    Measure", section 4.
    """

    def counts(network: TaggingNetwork, fields: Inputs) -> np.ndarray:
        emissions, truth, lengths = network.scored_steps(fields)
        found = []
        for shift in SHIFTS.tolist():
            shifted = emissions.clone()
            shifted[:, :, outside] += shift
            tags = network.tags.best(shifted, lengths)
            found.append(counter(tags, truth, lengths).sum(0).numpy())
        return np.stack(found)

    _, parts = by_batch(network, validation, team, counts)
    totals = np.sum(parts, axis=0)  # (n_shifts, 3)
    if totals[0, 2] < FEWEST_SPANS:
        return 0.0
    scores = np.array([f1_of(*row) for row in totals.tolist()])
    steady = np.convolve(scores, np.ones(3) / 3, mode="valid")
    inner = SHIFTS[1:-1]
    # Of shifts that are as good, the least.
    return float(min(inner[steady == steady.max()], key=abs))


def by_spans(objective: Objective, counter: SpanCounter, validation: TaggedRows) -> Objective:
    """Return the objective with the F1 of spans as its score, of outputs with a counter's counts.

    Raises
    ------
    ValueError
        If the validation rows mark no span.
    """
    if not counter.found_in(validation):
        raise ValueError(
            f"scoring={SPAN_F1!r} counts spans, and the validation rows mark none; give other "
            "validation_data, raise validation_fraction, or leave scoring out"
        )
    return replace(
        objective,
        score_name=SPAN_F1,
        score=lambda outputs, *_: f1_of(*outputs[:, -3:].sum(axis=0).tolist()),
    )
