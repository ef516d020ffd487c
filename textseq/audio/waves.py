"""What a caller may hand in as waves, turned into rows of samples at one rate."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from textseq.checks import check_count
from textseq.message_language import number_of
from textseq.ragged import Ragged

_EXPECTED = (
    "a list whose items are paths of audio files, arrays of samples, or pairs (samples, rate)"
)


def read_waves(X: Any, sample_rate: int | None = None, name: str = "X") -> tuple[Ragged, int]:
    """Return waves as rows of samples, end to end, all at one rate.

    Parameters
    ----------
    X : list of n waves, or array of shape (n, samples)
        Each wave is the path of a WAV, FLAC, OGG or MP3 file (``pip install textseq[audio]``),
        whose channels are averaged; an array of samples; or a pair (samples, samples a second).
        Whole numbers are read as parts of their type's largest, as files of 16 bits hold them.
    sample_rate : int, optional
        Samples a second that waves are read at: those of another rate are resampled, and arrays
        alone have it. By default it is that of the first wave that tells its own.
    name : str, default "X"
        What error messages call the argument.

    Returns
    -------
    waves : Ragged
        ``values`` (n_samples,), float32, mostly between -1 and 1.
    sample_rate : int

    Raises
    ------
    ValueError
        If a wave is none, is empty, holds what is no finite number, or has no known rate.
    ImportError
        If a file is to be read, and soundfile is not installed.

    Examples
    --------
    >>> waves, rate = read_waves([(np.zeros(8000), 8000), (np.zeros(16000), 16000)])
    >>> waves.lengths.tolist(), rate
    ([8000, 8000], 8000)
    """
    if isinstance(X, str | os.PathLike) or not isinstance(X, Iterable):
        raise ValueError(f"{name} is {X!r:.60}; pass {_EXPECTED}")
    own = [_wave(one, f"{name}[{number_of(row)}]") for row, one in enumerate(X)]
    if not own:
        return Ragged.from_rows([], np.float32), sample_rate or 0
    if sample_rate is None:
        told = [rate for _, rate in own if rate is not None]
        if not told:
            raise ValueError(
                f"{name} holds arrays alone, which do not tell their rate; pass pairs "
                "(samples, rate), or sample_rate, in samples a second, to the model"
            )
        sample_rate = told[0]
    samples = [_resampled(wave, rate or sample_rate, sample_rate) for wave, rate in own]
    return Ragged.from_rows(samples, np.float32), sample_rate


def _wave(one: Any, name: str) -> tuple[np.ndarray, int | None]:
    """Return the samples (n,), float64, of one wave, and its rate, if it tells one."""
    rate: int | None = None
    if isinstance(one, str | os.PathLike):
        samples, rate = _read_file(Path(one), name)
    elif isinstance(one, tuple) and len(one) == 2 and np.ndim(one[1]) == 0:
        samples, rate = one[0], check_count(f"the rate of {name}", one[1])
    else:
        samples = one
    return _samples(samples, name), rate


def _read_file(path: Path, name: str) -> tuple[np.ndarray, int]:
    try:
        import soundfile
    except ImportError as error:
        raise ImportError(
            f"reading {path} needs soundfile: pip install textseq[audio]; or pass samples as arrays"
        ) from error
    if not path.is_file():
        raise ValueError(f"{name} is {str(path)!r}, and there is no such file")
    try:
        samples, rate = soundfile.read(path, dtype="float64", always_2d=True)
    except soundfile.LibsndfileError as error:
        raise ValueError(
            f"{name} is {str(path)!r}, which can't be read as audio ({error.error_string}); "
            "convert it to WAV or FLAC"
        ) from error
    return samples.mean(axis=1), int(rate)


def _samples(values: Any, name: str) -> np.ndarray:
    array = np.asarray(values)
    if array.ndim != 1 or array.dtype.kind not in "iuf":
        raise ValueError(
            f"{name} has shape {array.shape} and holds {array.dtype}; pass {_EXPECTED}; of "
            "several channels pass one, or their mean"
        )
    if not len(array):
        raise ValueError(f"{name} holds no sample; leave it out")
    if array.dtype.kind in "iu":
        info = np.iinfo(array.dtype)
        middle = 0.0 if info.min else (info.max + 1) / 2
        return (array - middle) / (info.max + 1 - middle)
    if not np.isfinite(array).all():
        place = int(np.flatnonzero(~np.isfinite(array))[0])
        raise ValueError(
            f"{name} is {array[place]} at sample {number_of(place)}; replace it, by 0 if it is "
            "missing"
        )
    return array.astype(np.float64)


def _resampled(samples: np.ndarray, rate: int, wanted: int) -> np.ndarray:
    """Return samples at another rate, low-passed where that is lower."""
    if rate == wanted:
        return samples
    from scipy.signal import resample_poly

    common = math.gcd(rate, wanted)
    resampled: np.ndarray = resample_poly(samples, wanted // common, rate // common)
    return resampled
