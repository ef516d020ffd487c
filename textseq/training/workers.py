"""Processes that share every batch, on one machine or on several."""

from __future__ import annotations

import atexit
import os
from collections.abc import Sequence
from typing import Any

import torch
import torch.distributed as group
from torch import Tensor


class Workers:
    """The processes of torch's group, each with the same rows and the same network.

    Each takes the gradients of its share of a batch; their sums reach all, so that all take the
    same step.
    """

    def __init__(self) -> None:
        self.rank, self.size = group.get_rank(), group.get_world_size()

    def add(self, tensors: Sequence[Tensor]) -> None:
        """Replace each tensor by its sum over the workers, in one message."""
        flat = torch.cat([tensor.flatten() for tensor in tensors])
        group.all_reduce(flat)
        for tensor, total in zip(tensors, flat.split([t.numel() for t in tensors]), strict=True):
            tensor.copy_(total.view_as(tensor))

    def gathered(self, value: Any) -> list[Any]:
        """Return what each worker has, by rank."""
        found: list[Any] = [None] * self.size
        group.all_gather_object(found, value)
        return found


def find_workers() -> Workers | None:
    """Return the processes that were started together with this one, as by torchrun.

    Ray Train joins them in a group before a fit; those of torchrun, which the environment tells,
    are joined here, once. None of a process that is alone.
    """
    if not group.is_initialized():
        if "RANK" not in os.environ or "WORLD_SIZE" not in os.environ:
            return None
        if torch.cuda.is_available():
            torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", 0)))
        group.init_process_group("nccl" if torch.cuda.is_available() else "gloo")
        # A second group could not be made by the same store.
        atexit.register(group.destroy_process_group)
    return Workers()
