"""The gradients of a mean of word vectors under a linear layer, by a compiled kernel."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from textseq.batches import SequenceData
from textseq.kernels.layout import LossKind
from textseq.kernels.library import kernels
from textseq.nn.bags import Bag
from textseq.nn.dropout import drawing_from
from textseq.nn.network import SequenceNetwork
from textseq.training.objectives import OBJECTIVES, Objective
from textseq.training.threads import ThreadTeam

_LOSS_KINDS = {
    OBJECTIVES["classes"].losses: LossKind.CROSS_ENTROPY,
    OBJECTIVES["labels"].losses: LossKind.BINARY_CROSS_ENTROPY,
    OBJECTIVES["number"].losses: LossKind.SQUARED_ERROR,
}


class BagStep:
    """What autograd computes of ``Bag("mean")`` and a linear head, in one pass over the texts.

    A step of so small a network is over before autograd has taken it down. The same
    masks are drawn, and the gradients differ by rounding only.

    Parameters
    ----------
    network : SequenceNetwork
        One that ``fits`` accepts.
    objective : Objective
    n_trained : int
        Rows of the embedding table, from its start, that ids may name.
    """

    def __init__(self, network: SequenceNetwork, objective: Objective, n_trained: int) -> None:
        encoder, head, table = network.encoder, network.head, network.inputs.weight
        assert isinstance(encoder, Bag) and table is not None
        self.tokens, self.values = encoder.tokens, head.dropout
        self.table, self.weight, self.bias = table, head.output.weight, head.output.bias
        self.n_outputs, self.width = self.weight.shape
        self.loss_kind = _LOSS_KINDS[objective.losses]
        self.slots = np.full(n_trained, -1, dtype=np.int32)
        # The kernel writes one beyond the last.
        self.touched = np.empty(n_trained + 1, dtype=np.int64)
        self.data: _Addresses | None = None

    @staticmethod
    def fits(network: SequenceNetwork, weights: Sequence[Tensor], objective: Objective) -> bool:
        """Whether the kernel computes this network, whose dense weights are ``weights``."""
        encoder, output, table = network.encoder, network.head.output, network.inputs.weight
        return (
            kernels() is not None
            and isinstance(encoder, Bag)
            and encoder.kind == "mean"
            and [*map(id, weights)] == [id(output.weight), id(output.bias)]
            and output.in_features == encoder.out_dim
            and network.head.standards is None
            and table is not None
            and all(
                weight.dtype == torch.float32
                and weight.device.type == "cpu"
                and weight.is_contiguous()
                for weight in (table, *weights)
            )
            # Whatever chooses the epoch, training minimises the losses.
            and objective.losses in _LOSS_KINDS
        )

    def gradients(
        self,
        data: SequenceData,
        shards: list[np.ndarray],
        generators: list[torch.Generator],
        team: ThreadTeam,
        own: slice = slice(None),
    ) -> tuple[float, Tensor, Tensor]:
        """Return the summed loss of a batch and the gradient of its mean.

        Parameters
        ----------
        data : SequenceData
            With targets; of one field.
        shards : list of ndarray
            Row numbers of each thread's share, contiguous.
        generators : list of Generator
            One for each shard.
        team : ThreadTeam
        own : slice, default all
            The shards that are computed; the rest lend the rows of the gradient their order.

        Returns
        -------
        loss : float
        touched : Tensor of shape (U,)
            The table's rows that have a gradient.
        flat : Tensor
            The gradients of the head's weight (K, D) and bias (K,) and of the touched rows
            (U, D), end to end.
        """
        library = kernels()
        assert library is not None
        if self.data is None or self.data.data is not data:
            has_classes = self.loss_kind is LossKind.CROSS_ENTROPY
            self.data = _Addresses(data, np.int64 if has_classes else np.float32)
        addresses = self.data
        ids, offsets = addresses.ids, addresses.offsets
        # Each distinct id gets the next row of the gradient: touched (U,) holds the ids by row,
        # slots (V,) the row by id, -1 for others. In one thread, so that rows have one order.
        slots, touched, n_touched = self.slots.ctypes.data, self.touched.ctypes.data, 0
        for rows in shards:
            n_touched = library.number_ids(
                ids, offsets, rows.ctypes.data, len(rows), slots, touched, n_touched
            )
        scale = 1 / sum(map(len, shards))
        jobs = [*zip(shards, generators, strict=False)][own]
        parts = (team.map if len(jobs) > 1 else map)(
            lambda job: self._shard(library, addresses, n_touched, scale, *job), jobs
        )
        # Summed in the shards' order, whichever thread was the first.
        (loss, flat), *others = [*parts] or [(0.0, torch.zeros(self._n_numbers(n_touched)))]
        for other_loss, other in others:
            loss, flat = loss + other_loss, flat.add_(other)
        # All of slots is -1 again for the next batch, at the cost of U, not of V.
        library.forget_ids(slots, touched, n_touched)
        return loss, torch.from_numpy(self.touched[:n_touched]), flat

    def _n_numbers(self, n_touched: int) -> int:
        """Return how many numbers the gradients are."""
        return (self.n_outputs + n_touched) * self.width + self.n_outputs

    def _shard(
        self,
        library: ctypes.CDLL,
        data: _Addresses,
        n_touched: int,
        scale: float,
        rows: np.ndarray,
        generator: torch.Generator,
    ) -> tuple[float, Tensor]:
        kept_tokens = kept_values = None
        if self.tokens.p or self.values.p:
            with drawing_from(generator):
                kept_tokens = self.tokens.kept(int(data.lengths[rows].sum()))
                kept_values = self.values.kept(len(rows) * self.width)
        n_outputs, width = self.n_outputs, self.width
        flat = torch.empty(self._n_numbers(n_touched))
        start = flat.data_ptr()
        bias_start = start + 4 * n_outputs * width
        scratch = np.empty(2 * (width + n_outputs), dtype=np.float32)
        loss: float = library.bag_gradients(
            self.table.data_ptr(), width,
            data.ids, data.offsets, rows.ctypes.data, len(rows),
            _address(kept_tokens), self.tokens.scale if kept_tokens is not None else 1.0,
            _address(kept_values), self.values.scale,
            self.weight.data_ptr(), self.bias.data_ptr(), n_outputs,
            self.loss_kind, data.targets, data.weights, scale, self.slots.ctypes.data, n_touched,
            start, bias_start, bias_start + 4 * n_outputs, scratch.ctypes.data,
        )  # fmt: skip
        return loss, flat


class _Addresses:
    """Where data lie: asked once, as asking takes NumPy longer than some steps."""

    def __init__(self, data: SequenceData, target_type: type) -> None:
        (field,) = data.fields
        assert data.targets is not None
        self.data = data
        self.lengths = field.lengths
        self.arrays = [
            np.ascontiguousarray(field.values, np.int64),
            np.ascontiguousarray(field.offsets, np.int64),
            np.ascontiguousarray(data.targets, target_type),
        ]
        self.ids, self.offsets, self.targets = (array.ctypes.data for array in self.arrays)
        self.weights = None
        if data.weights is not None:
            self.arrays.append(np.ascontiguousarray(data.weights, np.float32))
            self.weights = self.arrays[-1].ctypes.data


def _address(values: Tensor | None) -> int | None:
    return None if values is None else values.data_ptr()
