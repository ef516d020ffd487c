"""Normalisation whose statistics never see padding."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, nn

NORMALIZATIONS = ("batch", "layer", "l2")
MOMENTUM = 0.1
EPSILON = 1e-5

_collected_by = threading.local()


@dataclass(frozen=True)
class Statistics:
    """Mean and variance (H,) of the real steps that one layer saw, and their number."""

    layer: BatchNorm
    mean: Tensor
    variance: Tensor
    count: int


@contextmanager
def collecting_statistics() -> Iterator[list[Statistics]]:
    """Collect what every ``BatchNorm`` of this thread sees while training.

    The threads of a batch must not write running statistics at once: they hand
    theirs to the trainer, which folds them in, in the shards' order.
    """
    seen: list[Statistics] = []
    _collected_by.seen = seen
    try:
        yield seen
    finally:
        del _collected_by.seen


class BatchNorm(nn.Module):
    """Scale each unit by the mean and variance of a batch's real steps.

    While training, each thread normalises its shard of the batch by that shard's
    own statistics (the "ghost batches" of Hoffer et al. 2017); the running ones,
    used for prediction, are those of whole batches.

    Parameters
    ----------
    size : int
        Units H.

    References
    ----------
    Ioffe & Szegedy (2015), "Batch Normalization", algorithm 1; Hoffer, Hubara & Soudry
    (2017), "Train longer, generalize better", algorithm 1.
    """

    running_mean: Tensor
    running_variance: Tensor

    def __init__(self, size: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))
        self.bias = nn.Parameter(torch.zeros(size))
        self.register_buffer("running_mean", torch.zeros(size))
        self.register_buffer("running_variance", torch.ones(size))

    def forward(self, x: Tensor, real: Tensor) -> Tensor:
        """Normalise ``x`` (..., H); ``real`` (...) tells its places that are no padding."""
        if not self.training or not real.any():
            scale = torch.rsqrt(self.running_variance + EPSILON) * self.weight
            return (x - self.running_mean) * scale + self.bias
        unpadded = bool(real.all())
        values = x.flatten(0, -2) if unpadded else x[real]  # (N, H)
        normalized, mean, deviation = torch.native_batch_norm(
            values, self.weight, self.bias, None, None, True, MOMENTUM, EPSILON
        )
        seen = getattr(_collected_by, "seen", None)
        if seen is not None:
            variance = deviation.detach() ** -2 - EPSILON
            seen.append(Statistics(self, mean.detach(), variance, len(values)))
        if unpadded:
            return normalized.reshape(x.shape)
        out = normalized.new_zeros(x.shape)
        out[real] = normalized
        return out

    def fold_in(self, parts: list[Statistics]) -> None:
        """Move the running statistics towards those of a batch, given by its shards."""
        counts = torch.tensor([part.count for part in parts], dtype=self.running_mean.dtype)
        counts = counts.to(self.running_mean.device)
        shares = (counts / counts.sum())[:, None]
        means = torch.stack([part.mean for part in parts])
        mean = (shares * means).sum(0)
        variances = torch.stack([part.variance for part in parts]) + (means - mean).square()
        count = float(counts.sum())
        unbiased = (shares * variances).sum(0) * (count / max(count - 1, 1))
        self.running_mean.lerp_(mean, MOMENTUM)
        self.running_variance.lerp_(unbiased, MOMENTUM)


class LayerNorm(nn.LayerNorm):
    """Scale each step by the mean and variance of its own units.

    References
    ----------
    Ba, Kiros & Hinton (2016), "Layer Normalization", equation 3, on the layer's output.
    """

    def forward(self, x: Tensor, real: Tensor) -> Tensor:  # type: ignore[override]
        """Normalise ``x`` (..., H); padding can't matter, as steps stay apart."""
        return super().forward(x)


class L2Norm(nn.Module):
    """Scale each step's states to a euclidean length of 1; zeros stay zeros."""

    def forward(self, x: Tensor, real: Tensor) -> Tensor:
        """Normalise ``x`` (..., H); padding can't matter, as steps stay apart."""
        return nn.functional.normalize(x, dim=-1)


def fold_in(shards: list[list[Statistics]]) -> None:
    """Fold the statistics of a batch's shards into their layers, in the shards' order."""
    by_layer: dict[BatchNorm, list[Statistics]] = {}
    for seen in shards:
        for part in seen:
            by_layer.setdefault(part.layer, []).append(part)
    for layer, parts in by_layer.items():
        layer.fold_in(parts)


def build_normalization(name: str, size: int) -> nn.Module:
    """Build the normalisation of that name for states of that width."""
    if name == "l2":
        return L2Norm()
    return BatchNorm(size) if name == "batch" else LayerNorm(size)
