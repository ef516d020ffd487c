"""Series to what the network reads: channels scaled by the training series alone."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from textseq.constancy import constant_columns, is_constant
from textseq.ragged import Ragged

# Spreads from the mean up to which values are read as they are.
USUAL = 3.0
# The share of a channel's values that tells its scale where a few outliers would rule it: where
# the spread of the others is under half of what a normal distribution would have.
MIDDLE = 0.9
OF_NORMAL = 0.79  # standard deviation of the middle 90 % of a standard normal distribution
HEAVY = 0.5


@dataclass(frozen=True, eq=False)
class SeriesEncoding:
    """Mean and spread of every channel, and which channels have missing values.

    Where a few outliers rule a channel's spread, mean and spread are those of the middle 90 % of
    its values. Values more than 3 spreads from the mean are drawn in by a logarithm, so that
    outliers, also of series yet to come, do not rule what the network answers.

    A missing value becomes 0, the channel's mean. Where the training series miss values of
    a channel, a further input is 1 at the steps where that channel is missing.

    Parameters
    ----------
    mean, scale : ndarray of shape (n_channels,)
        A scale of 0 is that of a channel that was constant, of which nothing could be learned: it
        is 0 to the network, whatever its values.
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
        """Learn from training rows, with values (n_steps, n_channels).

        Warns of channels that have one value in all of them.
        """
        known = ~np.isnan(rows.values)
        found = [
            _scale_of(column[there]) for column, there in zip(rows.values.T, known.T, strict=True)
        ]
        mean, scale = (np.array(numbers) for numbers in zip(*found, strict=True))
        scale[constant_columns(rows.values)] = 0.0
        for channel in np.flatnonzero(scale == 0):
            value = f"is {mean[channel]:.6g}" if known[:, channel].any() else "is missing"
            warnings.warn(
                f"channel {channel} {value} in all steps to train on, so that nothing can be "
                "learned of it: it is left out, and other values will not change an answer",
                stacklevel=2,
            )
        return cls(mean, scale, ~known.all(0))

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
        learned = self.scale > 0
        apart = (rows.values - self.mean) / np.where(learned, self.scale, 1.0)
        scaled = np.where(unknown | ~learned, 0.0, _drawn_in(apart))
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


def _scale_of(values: np.ndarray) -> tuple[float, float]:
    """Return mean and spread of one channel's known values (n,), 0 of none."""
    if not len(values):
        return 0.0, 0.0
    mean, std = float(values.mean()), float(values.std())
    tail = (1 - MIDDLE) / 2
    low, high = np.quantile(values, (tail, 1 - tail))
    middle = values[(low <= values) & (values <= high)]
    of_most = float(middle.std()) / OF_NORMAL if len(middle) else 0.0
    if of_most < HEAVY * std and not is_constant(of_most, np.abs(middle).max(initial=0.0)):
        mean, std = float(middle.mean()), of_most
    return mean, std


def _drawn_in(values: np.ndarray) -> np.ndarray:
    """Return values unchanged up to ``USUAL``, and from there on with a slope that falls from 1."""
    beyond = np.maximum(np.abs(values) - USUAL, 0.0)
    return np.sign(values) * (np.minimum(np.abs(values), USUAL) + np.log1p(beyond))
