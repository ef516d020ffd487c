"""Log-mel frames: how loud a wave is, moment by moment, in bands as wide as the ear's."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

# Below the loudest band of a wave by so much (60 dB) nothing is told apart.
QUIETEST = 1e-6
# Of a wave without a sound.
_SILENCE = 1e-10
# Natural logarithms by which frames without any spread are divided.
_LEAST_STD = 0.1
# Frames on either side that a change over time is read from.
_AROUND = 2


@dataclass(frozen=True)
class LogMel:
    """How a wave becomes frames of log-mel energies.

    Parameters
    ----------
    sample_rate : int
        Samples a second of the waves.
    n_mels : int, default 40
        Bands F, evenly spaced on the mel scale from 20 Hz to half of the rate.
    window, hop : float, default 0.025 and 0.010
        Seconds that a frame is of, and from one frame to the next.

    References
    ----------
    Davis & Mermelstein (1980), "Comparison of Parametric Representations for Monosyllabic Word
    Recognition in Continuously Spoken Sentences"; the mel scale is O'Shaughnessy's (1987),
    2595 log10(1 + f / 700), with triangles of height 1, as HTK has them.

    Examples
    --------
    >>> LogMel(8000).frames(np.sin(np.arange(8000) / 2)).shape
    (98, 40)
    """

    sample_rate: int
    n_mels: int = 40
    window: float = 0.025
    hop: float = 0.010

    def frames(self, wave: np.ndarray) -> np.ndarray:
        """Return the frames (T, F), float32, of a wave (n_samples,).

        A wave shorter than a window has silence behind it; what is behind the last whole window
        is not read.
        """
        size, hop = self.window_size, self.hop_size
        wave = np.asarray(wave, dtype=np.float64)
        wave = np.pad(wave, (0, max(size - len(wave), 0)))
        windows = np.lib.stride_tricks.sliding_window_view(wave, size)[::hop]
        spectra = np.fft.rfft(windows * self._taper, self._n_fft)
        energies = (spectra.real**2 + spectra.imag**2) @ self.filters.T
        least = max(QUIETEST * float(energies.max()), _SILENCE)
        return np.log(np.maximum(energies, least)).astype(np.float32)

    @property
    def window_size(self) -> int:
        """Samples of a window."""
        return max(round(self.window * self.sample_rate), 2)

    @property
    def hop_size(self) -> int:
        """Samples from one frame to the next."""
        return max(round(self.hop * self.sample_rate), 1)

    @cached_property
    def centres(self) -> np.ndarray:
        """Middle frequencies (F,) of the bands, in Hz."""
        return self._edges[1:-1]

    @cached_property
    def filters(self) -> np.ndarray:
        """Share (F, n_frequencies) of the power at each frequency that each band has."""
        edges = self._edges
        at = np.arange(self._n_fft // 2 + 1) * self.sample_rate / self._n_fft
        rising = (at - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
        falling = (edges[2:, None] - at) / (edges[2:] - edges[1:-1])[:, None]
        return np.maximum(np.minimum(rising, falling), 0.0)

    @cached_property
    def _edges(self) -> np.ndarray:
        low, high = 20.0, self.sample_rate / 2
        lowest, highest = 2595 * np.log10(1 + np.array([low, high]) / 700)
        mels = np.linspace(lowest, highest, self.n_mels + 2)
        return 700 * (10 ** (mels / 2595) - 1)

    @cached_property
    def _n_fft(self) -> int:
        return int(2 ** np.ceil(np.log2(self.window_size)))

    @cached_property
    def _taper(self) -> np.ndarray:
        """Hann's window, periodic."""
        angles = 2 * np.pi * np.arange(self.window_size) / self.window_size
        return 0.5 - 0.5 * np.cos(angles)


def normalized(frames: np.ndarray, usual: np.ndarray, n_usual: float) -> np.ndarray:
    """Return frames (T, F) less each band's mean over the utterance, over one standard deviation.

    What a microphone and a room do to all frames alike goes with the mean. But a short word's mean
    is of the word itself: the fewer frames there are, the more the usual mean stands for theirs.

    Parameters
    ----------
    frames : ndarray of shape (T, F)
    usual : ndarray of shape (F,)
        Mean of each band over other utterances, each less its ``level``.
    n_usual : float
        Frames that the usual mean counts for.

    References
    ----------
    Atal (1974), "Effectiveness of linear prediction characteristics of the speech wave for
    automatic speaker identification and verification": the mean's subtraction. The share that
    frames have of it is that of the maximum a posteriori estimate of a mean.

    Examples
    --------
    >>> normalized(np.array([[1.0, 5.0], [3.0, 7.0]]), np.zeros(2), n_usual=0).round(2).tolist()
    [[-0.91, -0.91], [0.91, 0.91]]
    """
    frames = frames - level(frames)
    share = len(frames) / (len(frames) + n_usual)
    deviations = frames - (share * frames.mean(axis=0) + (1 - share) * usual)
    return deviations / (deviations.std() + _LEAST_STD)


def level(frames: np.ndarray) -> float:
    """Return the mean of frames (T, F) over time and bands: how loud they are."""
    return float(frames.mean(dtype=np.float64))


def with_deltas(frames: np.ndarray) -> np.ndarray:
    """Return frames (T, F) and, behind them, how each band changes over time: (T, 2 F).

    References
    ----------
    Furui (1986), "Speaker-independent isolated word recognition using dynamic features of speech
    spectrum"; the slope of a line through five frames, as HTK has it.

    Examples
    --------
    >>> with_deltas(np.arange(6.0)[:, None] * 3)[2:4].tolist()
    [[6.0, 3.0], [9.0, 3.0]]
    """
    n_frames = len(frames)
    padded = np.pad(frames, ((_AROUND, _AROUND), (0, 0)), mode="edge")
    slopes = np.zeros_like(frames)
    for apart in range(1, _AROUND + 1):
        later = padded[_AROUND + apart : _AROUND + apart + n_frames]
        earlier = padded[_AROUND - apart : _AROUND - apart + n_frames]
        slopes += apart * (later - earlier)
    slopes /= 2 * sum(apart**2 for apart in range(1, _AROUND + 1))
    return np.concatenate([frames, slopes], axis=1)
