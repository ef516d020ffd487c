"""Series to what the network reads: channels scaled by the training series alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from textseq.ragged import Ragged

# Spreads from the mean up to which values are read as they are.
USUAL = 3.0


@dataclass(frozen=True, eq=False)
class SeriesEncoding:
    """Mean and spread of every channel, and which channels have missing values.

    Values more than 3 spreads from the mean are drawn in by a logarithm, so that a few outliers,
    also of series yet to come, do not rule what the network answers. A missing value becomes 0,
    the channel's mean. Where the training series miss values of
    a channel, a further input is 1 at the steps where that channel is missing.

    Parameters
    ----------
    mean, scale : ndarray of shape (n_channels,)
    missing : ndarray of shape (n_channels,), bool
        Channels with missing values in the training series.

    Examples
    --------
    >>> rows = Ragged(np.array([[1.0, 0.0], [3.0, np.nan], [5.0, 2.0]]), np.array([0, 3]))
    >>> encoding = SeriesEncoding.learn(rows)
    >>> encoding.encode(rows).values.round(2).tolist()
    [[-1.22..., -1.0, 0.0], [0.0, 0.0, 1.0], [1.22..., 1.0, 0.0]]
    """

    mean: np.ndarray
    scale: np.ndarray
    missing: np.ndarray

    @classmethod
    def learn(cls, rows: Ragged) -> Self:
        """Learn from training rows, with values (n_steps, n_channels)."""
        known = ~np.isnan(rows.values)
        counts = np.maximum(known.sum(0), 1)
        mean = np.where(known, rows.values, 0.0).sum(0) / counts
        squares = np.where(known, rows.values - mean, 0.0) ** 2
        spread = np.sqrt(squares.sum(0) / counts)
        # A constant channel has no spread to divide by; rounding may leave it a little.
        constant = spread <= 1e-12 * np.abs(mean)
        return cls(mean, np.where(constant, 1.0, spread), ~known.all(0))

    @property
    def n_channels(self) -> int:
        """Channels that a series must have."""
        return len(self.mean)

    @property
    def n_inputs(self) -> int:
        """Numbers that the network reads of a step."""
        return self.n_channels + int(self.missing.sum())

    def encode(self, rows: Ragged) -> Ragged:
        """Return rows of float32 values (n_steps, n_inputs).

        Raises
        ------
        ValueError
            If the series have another number of channels.
        """
        n_channels = rows.values.shape[1]
        if n_channels != self.n_channels:
            raise ValueError(
                f"X has {n_channels} channels, but the model was fitted to {self.n_channels}; "
                "pass series of shape (channels, time)"
            )
        unknown = np.isnan(rows.values)
        scaled = np.where(unknown, 0.0, _drawn_in((rows.values - self.mean) / self.scale))
        inputs = np.concatenate([scaled, unknown[:, self.missing]], axis=1)
        return Ragged(np.ascontiguousarray(inputs, dtype=np.float32), rows.offsets)

    def to_dict(self) -> dict[str, Any]:
        """Return all of it, JSON-able."""
        return {
            "mean": self.mean.tolist(),
            "scale": self.scale.tolist(),
            "missing": self.missing.tolist(),
        }

    @classmethod
    def from_dict(cls, stored: dict[str, Any]) -> Self:
        """Rebuild what ``to_dict`` returned."""
        mean, scale = (np.array(stored[name], dtype=np.float64) for name in ("mean", "scale"))
        missing = np.array(stored["missing"], dtype=bool)
        if mean.ndim != 1 or not mean.shape == scale.shape == missing.shape:
            raise ValueError("mean, scale and missing differ in their number of channels")
        return cls(mean, scale, missing)


def _drawn_in(values: np.ndarray) -> np.ndarray:
    """Return values unchanged up to ``USUAL``, and from there on with a slope that falls from 1."""
    beyond = np.maximum(np.abs(values) - USUAL, 0.0)
    return np.sign(values) * (np.minimum(np.abs(values), USUAL) + np.log1p(beyond))
