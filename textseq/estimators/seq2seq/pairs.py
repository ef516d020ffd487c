"""Sources beside their targets: which train and which validate, and what tells them from others."""

from __future__ import annotations

import numpy as np

from textseq.estimators.receipt import data_fingerprint, series_fingerprint
from textseq.estimators.seq2seq.encoding import Source, groups_of
from textseq.labels.validation_split import split_rows
from textseq.ragged import Ragged
from textseq.text.row_forms import Field
from textseq.text.tokens import Tokens


def split_pairs(
    source: Source, fraction: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Split rows into training and validation, those of the same source together."""
    groups = groups_of(source)
    n_groups = int(groups.max()) + 1
    _, held_out = split_rows(np.zeros((n_groups, 1)), fraction, rng)
    is_held_out = np.isin(groups, held_out)
    return np.flatnonzero(~is_held_out), np.flatnonzero(is_held_out)


def pairs_fingerprint(source: Source, target: Field) -> str:
    """Return what a receipt keeps of the data."""
    texts = target.joined("\x1f") if isinstance(target, Tokens) else target
    if isinstance(source, Ragged):
        return series_fingerprint(source, texts.to_numpy())
    return data_fingerprint(source.fields, texts.to_numpy())
