"""Several networks that answer together: what each learns from, how it is built and trained."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from typing import Any, Self, TypeVar

import numpy as np
from sklearn.utils.validation import check_is_fitted

from textseq.estimators.base import Prepared, TrainedEstimator, arrays_of
from textseq.estimators.build import draw_seed
from textseq.estimators.parameters import MemberParameters
from textseq.files import weights_checksum
from textseq.labels.validation_split import FEWEST_VALIDATION_ROWS, split_rows, without
from textseq.row_arrays import row_numbers

P = TypeVar("P", bound="PreparedMembers")
# What the receipt of several networks says of each.
OF_A_MEMBER = ("seed", "rows", "validation_rows", "epochs", "best_epoch", "validation_score")


@dataclass(frozen=True, eq=False)
class PreparedMembers(Prepared):
    """All that a fit of one network, or of several that answer together, has decided.

    Parameters
    ----------
    others : tuple of Prepared
        Of the networks behind the first.
    """

    others: tuple[Prepared, ...] = field(kw_only=True)

    def of_first(self, n_members: int) -> Self:
        """Return what was prepared of so many networks."""
        return replace(self, others=self.others[: n_members - 1])


def member_seeds(seed: int, n_members: int, rng: np.random.Generator) -> list[int]:
    """Return the seed of the training of each network, of the first the fit's own."""
    return [seed, *rng.integers(2**31, size=n_members - 1).tolist()]


class MembersEstimator(MemberParameters, TrainedEstimator):
    """Base of the estimators of ``n_members`` networks that answer together."""

    def _build_members(
        self, longest: Sequence[int], rng: np.random.Generator, **learned: Any
    ) -> None:
        """Build the networks, with their first weights.

        Parameters
        ----------
        longest : sequence of int
            Steps of the longest row that each learns from.
        rng : numpy Generator
        **learned
            As ``_build_network`` takes them.
        """
        networks = []
        for n_steps in longest:
            self._build_network(n_steps, draw_seed(rng), **learned)
            networks.append(self.network_)
        self.network_, *others = networks
        self.others_ = tuple(others)

    def _train_others(self, prepared: P, max_epochs: int | None) -> P:
        """Train the networks behind the first; return what was prepared of those that learned.

        Ctrl-C ends it, and those that have learned stay.
        """
        receipts = [self.receipt_]
        for other in prepared.others:
            if self.interrupted_:
                break
            member = copy(self)
            member.network_ = other.network
            TrainedEstimator._train(member, other, max_epochs)
            self.interrupted_ = member.interrupted_
            if member.receipt_["best_epoch"]:
                receipts.append(member.receipt_)
        trained = prepared.of_first(len(receipts))
        self.others_ = tuple(other.network for other in trained.others)
        if prepared.others:
            members = [{name: one[name] for name in OF_A_MEMBER} for one in receipts]
            checksum = weights_checksum(arrays_of(self))
            self.receipt_ = self.receipt_ | {"members": members, "weights_sha256": checksum}
        return trained

    def member(self, number: int) -> Self:
        """Return one of ``n_members`` networks as a model of its own, counted from 0.

        A wide path is beside it as it is beside all.
        """
        check_is_fitted(self, "network_")
        alone = copy(self)
        alone.network_, alone.others_ = self.networks[number], ()
        return alone


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
    every = left = row_numbers(len(targets))
    parts = []
    for number in range(n_members):
        share = min(fraction, 1 / n_members) / (max(len(left), 1) / len(every))
        own, own_groups = targets, groups
        if number:
            own, own_groups = targets[left], None if groups is None else groups[left]
        learned, held_out = split_rows(own, min(share, 1.0), rng, fewest, own_groups)
        if number:
            held_out = left[held_out]
            learned = without(every, held_out)
        parts.append((learned, held_out))
        if number + 1 < n_members:
            left = without(left, held_out)
    return parts
