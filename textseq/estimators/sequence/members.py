"""Several networks that answer together: what each learns from, and what all are judged by."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Self

import numpy as np

from textseq.estimators.base import Prepared
from textseq.estimators.sequence.fit_rows import ValidationRows
from textseq.labels.validation_split import FEWEST_VALIDATION_ROWS, split_rows


@dataclass(frozen=True, eq=False)
class PreparedMembers(Prepared):
    """All that a fit of one network, or of several that answer together, has decided.

    Parameters
    ----------
    others : tuple of Prepared
        Of the networks behind the first.
    judged : ValidationRows, optional
        The validation rows of all networks, in their order; or the caller's, which all share.
    """

    others: tuple[Prepared, ...] = field(kw_only=True)
    judged: ValidationRows | None = field(kw_only=True)

    @property
    def validation_is_shared(self) -> bool:
        """Whether each network answers for all of the validation rows."""
        return all(other.validation is self.validation for other in self.others)

    def of_first(self, n_members: int) -> Self:
        """Return what was prepared of so many networks."""
        if n_members > len(self.others):
            return self
        others, judged = self.others[: n_members - 1], self.judged
        if judged is not None and not self.validation_is_shared:
            parts: tuple[Prepared, ...] = (self, *others)
            n_rows = sum(0 if part.validation is None else len(part.validation) for part in parts)
            judged = judged.first(n_rows) if n_rows else None
        return replace(self, others=others, judged=judged)


def member_seeds(seed: int, n_members: int, rng: np.random.Generator) -> list[int]:
    """Return the seed of the training of each network, of the first the fit's own."""
    return [seed, *rng.integers(2**31, size=n_members - 1).tolist()]


def split_members(
    targets: np.ndarray,
    fraction: float,
    rng: np.random.Generator,
    n_members: int = 1,
    groups: np.ndarray | None = None,
    fewest: int = FEWEST_VALIDATION_ROWS,
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Split rows for each network; no row validates two of them.

    Parameters
    ----------
    targets, fraction, rng, groups, fewest
        As ``split_rows`` takes them. Of many members each has a smaller share than ``fraction``.
    n_members : int

    Returns
    -------
    list of (training, validation)
        Row numbers, ascending.

    Examples
    --------
    >>> parts = split_members(np.zeros(400, dtype=int), 0.1, np.random.default_rng(0), 3)
    >>> [len(training) for training, _ in parts]
    [360, 360, 360]
    >>> len(np.unique(np.concatenate([validation for _, validation in parts])))
    120
    """
    every = left = np.arange(len(targets))
    parts = []
    for _ in range(n_members):
        share = min(fraction, 1 / n_members) / (max(len(left), 1) / len(every))
        own_groups = None if groups is None else groups[left]
        _, chosen = split_rows(targets[left], min(share, 1.0), rng, fewest, own_groups)
        held_out = left[chosen]
        parts.append((np.setdiff1d(every, held_out), held_out))
        left = np.setdiff1d(left, held_out)
    return parts
