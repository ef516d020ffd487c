"""Spans among the answers to validation rows, by which the best epoch may be chosen."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from textseq.estimators.tagging.rows import TaggedRows
from textseq.estimators.tagging.scores import f1_of
from textseq.labels.spans import SpanRules
from textseq.ragged import Ragged, offsets_of
from textseq.training.objectives import Objective

SPAN_F1 = "span_f1"


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
