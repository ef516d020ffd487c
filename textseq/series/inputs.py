"""What a caller may hand in as whole series, turned into rows of steps."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from textseq.message_language import number_of
from textseq.ragged import Ragged, offsets_of
from textseq.series.columns import is_frame

_EXPECTED = (
    "an array of shape (n, channels, time) or (n, time), or a list of arrays of shape "
    "(channels, time_i) or (time_i,)"
)


def series_rows(X: Any, name: str = "X") -> Ragged:
    """Return series as rows of steps, end to end.

    Parameters
    ----------
    X : array-like of shape (n, channels, time) or (n, time), or a list
        A list holds arrays of shape (channels, time_i) or (time_i,), of equal or unequal
        lengths, or frames with a row a step and a column a channel. A frame in place of the array
        has a row a series. NaN is a missing value.
    name : str, default "X"
        What error messages call the argument.

    Returns
    -------
    Ragged
        ``values`` (n_steps, n_channels), float64.

    Raises
    ------
    ValueError
        If there are no series or steps, a value is infinite or no number, or the channels
        differ in number.

    Examples
    --------
    >>> rows = series_rows([[[1, 2, 3], [4, 5, 6]], [[7], [8]]])
    >>> rows[0].tolist(), rows[1].tolist()
    ([[1.0, 4.0], [2.0, 5.0], [3.0, 6.0]], [[7.0, 8.0]])
    """
    rows = _equal(X, name) if _is_block(X) else _unequal(X, name)
    infinite = np.isinf(rows.values)
    if infinite.any():
        step, channel = np.argwhere(infinite)[0]
        row = int(np.searchsorted(rows.offsets, step, side="right")) - 1
        raise ValueError(
            f"{name}[{number_of(row)}] is {rows.values[step, channel]} in channel "
            f"{number_of(channel)} at step {number_of(step - rows.offsets[row])}; replace it, "
            "by NaN if it is missing"
        )
    return rows


def warn_of_turned_series(rows: Ragged, name: str = "X") -> None:
    """Warn where all series have more channels than steps, as series (time, channels) would."""
    n_channels, longest = rows.values.shape[1], int(rows.lengths.max())
    if n_channels > longest:
        warnings.warn(
            f"{name} is read as series of {n_channels} channels and at most {longest} step(s); "
            "if these are steps and channels, turn them to (channels, time): "
            "X.transpose(0, 2, 1) of an array, x.T of each in a list",
            stacklevel=3,
        )


def _is_block(X: Any) -> bool:
    """Whether all series lie in one array of numbers."""
    if isinstance(X, list | tuple):
        return False
    if is_frame(X):
        return True
    return getattr(X, "ndim", 0) > 1 or not hasattr(X, "__len__")


def _equal(X: Any, name: str) -> Ragged:
    block = _numbers(X, name)
    if block.ndim == 2:
        block = block[:, None, :]
    if block.ndim != 3:
        raise ValueError(f"{name} has shape {block.shape}; pass {_EXPECTED}")
    n_rows, n_channels, n_steps = block.shape
    if not block.size:
        raise ValueError(f"{name} of shape {block.shape} holds no values; pass {_EXPECTED}")
    values = block.transpose(0, 2, 1).reshape(n_rows * n_steps, n_channels)
    return Ragged(values, offsets_of(np.full(n_rows, n_steps)))


def _unequal(X: Any, name: str) -> Ragged:
    if not len(X):
        raise ValueError(f"{name} is empty; pass at least one series")
    parts: list[np.ndarray] = []
    for row, series in enumerate(X):
        own = f"{name}[{number_of(row)}]"
        part = _numbers(series, own)
        # A frame has a row a step, and a column a channel.
        part = part.T if is_frame(series) else part
        part = part[None] if part.ndim == 1 else part
        if part.ndim != 2 or not part.size:
            raise ValueError(f"{own} has shape {np.shape(series)}; pass {_EXPECTED}")
        if parts and part.shape[0] != parts[0].shape[1]:
            raise ValueError(
                f"{own} has {part.shape[0]} channels but {name}[{number_of(0)}] has "
                f"{parts[0].shape[1]}; every series is (channels, time) with the same channels"
            )
        parts.append(part.T)
    values = np.ascontiguousarray(np.concatenate(parts))
    return Ragged(values, offsets_of(np.array([len(part) for part in parts])))


def _numbers(values: Any, name: str) -> np.ndarray:
    try:
        numbers = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} can't be read as numbers ({error}); pass {_EXPECTED}") from error
    if not numbers.ndim:
        raise ValueError(f"{name} is {values!r}; pass {_EXPECTED}")
    return numbers
