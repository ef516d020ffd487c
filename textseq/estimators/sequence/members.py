"""Several networks that answer together: what each learns from, and what all are judged by."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np
from sklearn.utils.validation import check_is_fitted
from torch import Tensor

from textseq.batches import NetworkRows
from textseq.estimators.base import Prepared, TrainedEstimator
from textseq.estimators.build import draw_seed
from textseq.estimators.parameters import MemberParameters
from textseq.estimators.sequence.fit_rows import ValidationRows
from textseq.labels.validation_split import FEWEST_VALIDATION_ROWS, split_rows, without
from textseq.nn.network import SequenceNetwork
from textseq.nn.trainable import Inputs
from textseq.row_arrays import row_numbers
from textseq.training.devices import computing
from textseq.training.outputs import network_outputs
from textseq.training.threads import thread_count

# What the receipt of several networks says of each.
OF_A_MEMBER = ("seed", "rows", "validation_rows", "epochs", "best_epoch", "validation_score")


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


def validation_of(
    parts: Sequence[tuple[np.ndarray, np.ndarray]],
    given: ValidationRows | None,
    held_out: Callable[[np.ndarray], ValidationRows | None],
) -> tuple[list[ValidationRows | None], ValidationRows | None]:
    """Return what validates each network, and what judges all of them.

    Parameters
    ----------
    parts : sequence of (ndarray, ndarray)
        As ``split_members`` returns them.
    given : ValidationRows, optional
        The caller's, in place of rows that were split off.
    held_out : callable
        Numbers of rows to the rows.
    """
    if given is not None:
        return [given] * len(parts), given
    each = [held_out(rows) for _, rows in parts]
    if len(parts) == 1:
        return each, each[0]
    return each, held_out(np.concatenate([rows for _, rows in parts]))


def member_seeds(seed: int, n_members: int, rng: np.random.Generator) -> list[int]:
    """Return the seed of the training of each network, of the first the fit's own."""
    return [seed, *rng.integers(2**31, size=n_members - 1).tolist()]


class MembersEstimator(MemberParameters, TrainedEstimator):
    """Base of the estimators of ``n_members`` networks whose outputs are averaged."""

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

    def _train_others(self, prepared: PreparedMembers, max_epochs: int | None) -> PreparedMembers:
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
            self.receipt_ = self.receipt_ | {"members": members}
        return trained

    def _judged_outputs(self, prepared: PreparedMembers) -> np.ndarray:
        """Return the outputs (n, n_outputs) for the rows that all networks are judged by.

        Each answers for its own, of which it has learned nothing.
        """
        found = [
            self._computed(part.network, part.validation)
            for part in (prepared, *prepared.others)
            if part.validation is not None
        ]
        together = np.mean if prepared.validation_is_shared else np.concatenate
        outputs: np.ndarray = together(found, axis=0)
        return outputs

    def _network_outputs(self, data: NetworkRows) -> np.ndarray:
        """Return the mean of the networks' outputs (n, n_outputs), float64."""
        outputs = [self._computed(network, data).astype(np.float64) for network in self.networks]
        mean: np.ndarray = np.mean(outputs, axis=0)
        return mean

    def _computed(
        self,
        network: SequenceNetwork,
        data: NetworkRows,
        compute: Callable[[SequenceNetwork, Inputs], Tensor] | None = None,
    ) -> np.ndarray:
        """Return a network's outputs (n, n_outputs), or what else is computed of it, float32."""
        with computing(network, self.device, thread_count(self.n_threads)) as team:
            return network_outputs(network, data, team, compute)

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
