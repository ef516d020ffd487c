"""Several networks whose outputs are averaged: what all are judged by."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Self

import numpy as np
from torch import Tensor

from textseq.batches import NetworkRows
from textseq.estimators.base import Prepared
from textseq.estimators.members import MembersEstimator, PreparedMembers
from textseq.estimators.sequence.fit_rows import ValidationRows
from textseq.nn.network import SequenceNetwork
from textseq.nn.trainable import Inputs
from textseq.training.devices import computing
from textseq.training.outputs import network_outputs
from textseq.training.threads import thread_count


@dataclass(frozen=True, eq=False)
class JudgedMembers(PreparedMembers):
    """As ``PreparedMembers``, with rows that judge all networks.

    Parameters
    ----------
    judged : ValidationRows, optional
        The validation rows of all networks, in their order; or the caller's, which all share.
    """

    judged: ValidationRows | None = field(kw_only=True)

    @property
    def validation_is_shared(self) -> bool:
        """Whether each network answers for all of the validation rows."""
        return all(other.validation is self.validation for other in self.others)

    def of_first(self, n_members: int) -> Self:
        """Return what was prepared of so many networks."""
        if n_members > len(self.others):
            return self
        first, judged = super().of_first(n_members), self.judged
        if judged is not None and not self.validation_is_shared:
            parts: tuple[Prepared, ...] = (first, *first.others)
            n_rows = sum(0 if part.validation is None else len(part.validation) for part in parts)
            judged = judged.first(n_rows) if n_rows else None
        return replace(first, judged=judged)


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


class AveragedEstimator(MembersEstimator):
    """Base of the estimators of ``n_members`` networks whose outputs are averaged."""

    def _judged_outputs(self, prepared: JudgedMembers) -> np.ndarray:
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
