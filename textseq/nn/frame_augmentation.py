"""Frames of speech as another mouth, tempo, room and microphone would have given them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

# Seconds of a pause between utterances, and before or behind one, at most.
PAUSE = 0.35
# Decibels of speech over noise: drawn between these.
LOUDEST_NOISE, FAINTEST_NOISE = 5.0, 40.0
NOISY_SHARE = 0.85
# Of the power of white noise that a band has at least.
LEAST_SHARE = 1e-6
# Above this share of the highest frequency a warped axis bends back to its end.
_BENDS_AT = 0.8


@dataclass(frozen=True)
class FrameAugmentation:
    """What training does to log-mel frames, drawn anew each time.

    Parameters
    ----------
    centres : ndarray of shape (F,)
        Middle frequencies of the bands, in Hz, rising.
    highest : float
        The highest frequency there is, in Hz: half of the sampling rate.
    widths : ndarray of shape (F,)
        What white noise has in each band, up to a factor.
    hop : float
        Seconds from one frame to the next.
    quietest : float
        Power under the loudest, as a share, where bands end.
    speed : float
        How much faster or slower at most: 0.2 is 20 %, and a further share for each part.
    vocal_tract : float
        How much frequencies are stretched or squeezed at most, as by a shorter or longer vocal
        tract.
    noise : bool
        Whether noise of a drawn strength and colour is added.

    References
    ----------
    Ko et al. (2015), "Audio Augmentation for Speech Recognition": tempo and speed; Jaitly & Hinton
    (2013), "Vocal Tract Length Perturbation (VTLP) improves speech recognition", equation 1; Park
    et al. (2019), "SpecAugment", for ``masked``.
    """

    centres: np.ndarray
    highest: float
    widths: np.ndarray
    hop: float
    quietest: float
    speed: float
    vocal_tract: float
    noise: bool

    def drawn(
        self, parts: Sequence[np.ndarray], rng: np.random.Generator, pauses: bool
    ) -> np.ndarray:
        """Return utterances, each of frames (T_i, F), as one (T, F), said otherwise.

        One drawn vocal tract and tempo are those of all parts. ``pauses`` of drawn lengths stand
        between them and, half of the time each, before the first and behind the last.
        """
        factor = np.exp(rng.uniform(-self.vocal_tract, self.vocal_tract))
        speed = np.exp(rng.uniform(-self.speed, self.speed))
        own = [speed * np.exp(rng.uniform(-0.4, 0.4) * self.speed) for _ in parts]
        said = [
            stretched(self._warped(part, factor), tempo)
            for part, tempo in zip(parts, own, strict=True)
        ]
        frames = np.concatenate(self._with_pauses(said, rng) if pauses else said)
        if self.noise and rng.random() < NOISY_SHARE:
            frames = self._noisy(frames, rng)
        least = frames.max() + np.log(self.quietest)
        return np.maximum(frames, least).astype(np.float32)

    def _with_pauses(
        self, parts: Sequence[np.ndarray], rng: np.random.Generator
    ) -> list[np.ndarray]:
        quiet = min(float(part.min()) for part in parts)

        def pause() -> np.ndarray:
            n_frames = int(rng.uniform(0, PAUSE) / self.hop)
            return np.full((n_frames, len(self.centres)), quiet, dtype=np.float32)

        pieces = [pause()] if rng.random() < 0.5 else []
        for part in parts:
            pieces += [part, pause()]
        return pieces[:-1] if rng.random() < 0.5 else pieces

    def _warped(self, frames: np.ndarray, factor: float) -> np.ndarray:
        """Read each band at its frequency times ``factor``, the highest staying where it is."""
        bend = self.highest * _BENDS_AT * min(1.0, 1.0 / factor)
        slope = (self.highest - bend * factor) / (self.highest - bend)
        read = np.where(
            self.centres <= bend,
            self.centres * factor,
            self.highest - slope * (self.highest - self.centres),
        )
        bands = np.interp(read, self.centres, np.arange(len(self.centres)))
        return _interpolated(frames.T, bands).T

    def _noisy(self, frames: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Add the power of noise whose colour goes from white to a tilt of some decibels."""
        speech = np.log(np.exp(frames).sum(axis=1).mean())
        ratio = rng.uniform(LOUDEST_NOISE, FAINTEST_NOISE) * np.log(10) / 10
        tilt = 0.5 * rng.normal() * np.linspace(-1, 1, frames.shape[1])
        # A band narrower than the spectrum's lines may have none of them.
        white = np.maximum(self.widths / self.widths.sum(), LEAST_SHARE)
        colour = np.log(white) + tilt
        varying = rng.standard_exponential((2, *frames.shape), dtype=np.float32).mean(axis=0)
        return np.logaddexp(frames, speech - ratio + colour + np.log(varying))


def stretched(frames: np.ndarray, speed: float) -> np.ndarray:
    """Return frames (T, F) read ``speed`` times as fast, two at least, between them by lines.

    Examples
    --------
    >>> stretched(np.arange(5.0)[:, None], 2.0)[:, 0].tolist()
    [0.0, 4.0]
    >>> stretched(np.arange(3.0)[:, None], 0.6)[:, 0].tolist()
    [0.0, 0.5, 1.0, 1.5, 2.0]
    """
    n_frames = max(round(len(frames) / speed), 2)
    return _interpolated(frames, np.linspace(0, len(frames) - 1, n_frames))


def masked(frames: np.ndarray, n_masks: int, n_bands: int, rng: np.random.Generator) -> np.ndarray:
    """Return frames (T, D) with stretches of bands and of time at 0, which is their mean.

    Parameters
    ----------
    frames : ndarray of shape (T, D)
        Normalised; D is ``n_bands`` or, with changes over time behind them, a multiple of it.
    n_masks : int
        Of bands, a fifth of them at most, and as many of time, an eighth at most.
    n_bands : int
    rng : numpy Generator
    """
    frames = frames.copy()
    by_band = frames.reshape(len(frames), -1, n_bands)
    for _ in range(n_masks):
        width = int(rng.integers(n_bands // 5 + 1))
        first = int(rng.integers(n_bands - width + 1))
        by_band[:, :, first : first + width] = 0
        length = int(rng.integers(min(len(frames) // 8, 10) + 1))
        begin = int(rng.integers(len(frames) - length + 1))
        frames[begin : begin + length] = 0
    return frames


def _interpolated(rows: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Return what stands at places (n,), between whole ones, of rows (R, ...)."""
    lower = np.floor(places).astype(np.int64)
    upper = np.minimum(lower + 1, len(rows) - 1)
    share = (places - lower).astype(np.float32)[:, None]
    found: np.ndarray = rows[lower] * (1 - share) + rows[upper] * share
    return found
