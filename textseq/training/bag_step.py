"""The gradients of a mean of word vectors under a linear layer, by a compiled kernel."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from functools import cache

import numpy as np
import torch
from torch import Tensor

from textseq.batches import SequenceData
from textseq.kernels.library import kernels
from textseq.nn.bags import Bag
from textseq.nn.dropout import drawing_from
from textseq.nn.network import SequenceNetwork
from textseq.training.objectives import OBJECTIVES, Objective
from textseq.training.threads import ThreadTeam


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
        self.network = network
        self.kind = list(OBJECTIVES.values()).index(objective)
        self.slots = np.full(n_trained, -1, dtype=np.int32)
        self.touched = np.empty(n_trained, dtype=np.int64)

    @staticmethod
    def fits(network: SequenceNetwork, weights: Sequence[Tensor], objective: Objective) -> bool:
        """Whether the kernel computes this network, whose dense weights are ``weights``."""
        encoder, output, table = network.encoder, network.head.output, network.inputs.weight
        return (
            _library() is not None
            and isinstance(encoder, Bag)
            and encoder.kind == "mean"
            and [*map(id, weights)] == [id(output.weight), id(output.bias)]
            and output.in_features == encoder.out_dim
            and table is not None
            and all(
                weight.dtype == torch.float32
                and weight.device.type == "cpu"
                and weight.is_contiguous()
                for weight in (table, *weights)
            )
            and objective in OBJECTIVES.values()
        )

    def gradients(
        self,
        data: SequenceData,
        shards: list[np.ndarray],
        generators: list[torch.Generator],
        team: ThreadTeam,
    ) -> tuple[Tensor, list[tuple[float, tuple[Tensor, ...]]]]:
        """Return the touched rows (U,) and of each shard loss and gradients.

        Parameters
        ----------
        data : SequenceData
            With targets; of one field.
        shards : list of ndarray
            Row numbers.
        generators : list of Generator
            One for each shard.
        team : ThreadTeam

        Returns
        -------
        touched : Tensor of shape (U,)
            The table's rows that the third gradient belongs to.
        parts : list of (float, tuple of Tensor)
            Summed loss of each shard, and the gradients of weight (K, D), bias (K,) and
            touched rows (U, D).
        """
        library = _library()
        assert library is not None
        (field,) = data.fields
        ids, offsets = field.values.ctypes.data, field.offsets.ctypes.data
        slots, touched, n_touched = self.slots.ctypes.data, self.touched.ctypes.data, 0
        for rows in shards:
            n_touched = library.number_ids(
                ids, offsets, rows.ctypes.data, len(rows), slots, touched, n_touched
            )
        jobs = list(zip(shards, generators, strict=False))
        if len(jobs) == 1:
            parts = [self._shard(data, n_touched, *jobs[0])]
        else:
            parts = team.map(lambda job: self._shard(data, n_touched, *job), jobs)
        library.forget_ids(slots, touched, n_touched)
        return torch.from_numpy(self.touched[:n_touched]), parts

    def _shard(
        self, data: SequenceData, n_touched: int, rows: np.ndarray, generator: torch.Generator
    ) -> tuple[float, tuple[Tensor, ...]]:
        library = _library()
        assert library is not None and data.targets is not None
        network, (field,) = self.network, data.fields
        encoder, head, table = network.encoder, network.head, network.inputs.weight
        assert isinstance(encoder, Bag) and table is not None
        weight, bias = head.output.weight, head.output.bias
        n_outputs, width = weight.shape
        with drawing_from(generator):
            kept_tokens = encoder.tokens.kept(int(field.lengths[rows].sum()))
            kept_values = head.dropout.kept(len(rows) * width)
        targets = np.ascontiguousarray(data.targets, np.float32 if self.kind else np.int64)
        gradients = (
            torch.empty_like(weight),
            torch.empty_like(bias),
            torch.empty(n_touched, width),
        )
        scratch = np.empty(2 * (width + n_outputs), dtype=np.float32)
        loss: float = library.bag_gradients(
            table.data_ptr(), width,
            field.values.ctypes.data, field.offsets.ctypes.data, rows.ctypes.data, len(rows),
            _address(kept_tokens), encoder.tokens.scale,
            _address(kept_values), head.dropout.scale,
            weight.data_ptr(), bias.data_ptr(), n_outputs,
            self.kind, targets.ctypes.data,
            None if data.weights is None else data.weights.ctypes.data,
            self.slots.ctypes.data, n_touched,
            gradients[2].data_ptr(), gradients[0].data_ptr(), gradients[1].data_ptr(),
            scratch.ctypes.data,
        )  # fmt: skip
        return loss, gradients


def _address(values: Tensor | None) -> int | None:
    return None if values is None else values.data_ptr()


@cache
def _library() -> ctypes.CDLL | None:
    library = kernels()
    if library is not None:
        pointer, count, number = ctypes.c_void_p, ctypes.c_int64, ctypes.c_float
        library.number_ids.argtypes = [pointer, pointer, pointer, count, pointer, pointer, count]
        library.number_ids.restype = count
        library.forget_ids.argtypes = [pointer, pointer, count]
        library.forget_ids.restype = None
        library.bag_gradients.argtypes = [
            pointer, count, pointer, pointer, pointer, count, pointer, number, pointer, number,
            pointer, pointer, count, ctypes.c_int, pointer, pointer, pointer, count,
            pointer, pointer, pointer, pointer,
        ]  # fmt: skip
        library.bag_gradients.restype = ctypes.c_double
    return library
