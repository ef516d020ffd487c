"""Memory that goes from one batch to the next, instead of back to the system.

What a recurrent layer keeps for its gradient is tens of megabytes a batch. The system hands such
pieces out page by page, each filled with zeros first, which costs a tenth of a training step.
"""

from __future__ import annotations

import threading

import torch
from torch import Tensor

_local = threading.local()


def open_pool() -> None:
    """Let this thread keep what is released, until ``close_pool`` or its end."""
    _local.free = []


def close_pool() -> None:
    """Let go of what this thread has kept, and keep no more."""
    _local.free = None


def acquire_buffer(count: int) -> Tensor:
    """Return a buffer of ``count`` numbers or more: (n,), float32, of any content.

    There are never more buffers than were out at once: where all that lie here are too small,
    the largest makes place for a new one.
    """
    free: list[Tensor] = getattr(_local, "free", None) or []
    fitting = [buffer for buffer in free if len(buffer) >= count]
    taken = min(fitting, key=len) if fitting else max(free, key=len, default=None)
    if taken is not None:
        free[:] = [buffer for buffer in free if buffer is not taken]
    # A little more than asked for: the next batch may be a little longer.
    return taken if taken is not None and fitting else torch.empty(count + count // 8)


def release_buffers(buffers: list[Tensor]) -> None:
    """Hand back what was acquired."""
    free = getattr(_local, "free", None)
    if free is not None:
        free.extend(buffers)
