import numpy as np
import pytest

from textseq.audio.spectrogram import QUIETEST, LogMel, normalized, with_deltas

RNG = np.random.default_rng(0)


def slow_frames(wave, rate, n_mels, window, hop):
    """The definition, sum by sum: a discrete Fourier transform and triangles, in float64."""
    size, step = round(window * rate), round(hop * rate)
    n_fft = 1
    while n_fft < size:
        n_fft *= 2
    at = np.arange(n_fft // 2 + 1) * rate / n_fft
    mel = [2595 * np.log10(1 + f / 700) for f in (20, rate / 2)]
    edges = [
        700 * (10 ** ((mel[0] + (mel[1] - mel[0]) * n / (n_mels + 1)) / 2595) - 1)
        for n in range(n_mels + 2)
    ]
    rows = []
    for start in range(0, len(wave) - size + 1, step):
        piece = wave[start : start + size] * (
            0.5 - 0.5 * np.cos(2 * np.pi * np.arange(size) / size)
        )
        turns = np.exp(-2j * np.pi * np.outer(at / rate, np.arange(size)))
        power = np.abs(turns @ piece) ** 2
        row = []
        for left, middle, right in zip(edges, edges[1:], edges[2:], strict=False):
            up, down = (at - left) / (middle - left), (right - at) / (right - middle)
            row.append((power * np.clip(np.minimum(up, down), 0, None)).sum())
        rows.append(row)
    energies = np.array(rows)
    return np.log(np.maximum(energies, QUIETEST * energies.max()))


@pytest.mark.parametrize("rate, n_mels", [(8000, 40), (16000, 24), (11025, 13)])
def test_frames_are_those_of_the_definition(rate, n_mels):
    wave = RNG.normal(size=1500)
    found = LogMel(rate, n_mels).frames(wave)
    np.testing.assert_allclose(found, slow_frames(wave, rate, n_mels, 0.025, 0.010), atol=1e-5)


def test_a_tone_is_loudest_in_its_band():
    mel = LogMel(8000)
    for band in (5, 20, 33):
        tone = np.sin(2 * np.pi * mel.centres[band] * np.arange(4000) / 8000)
        assert set(mel.frames(tone).argmax(1)) <= {band - 1, band, band + 1}


def test_louder_waves_have_the_same_frames_once_normalised():
    wave = RNG.normal(size=4000)
    mel = LogMel(8000)
    quiet, loud = (
        normalized(mel.frames(factor * wave), np.arange(40.0), 60) for factor in (0.01, 1.0)
    )
    np.testing.assert_allclose(quiet, loud, atol=1e-5)


def test_short_and_silent_waves_have_frames():
    mel = LogMel(8000)
    assert mel.frames(np.ones(3)).shape == (1, 40)
    silence = normalized(mel.frames(np.zeros(2000)), np.zeros(40), 60)
    assert np.array_equal(silence, np.zeros_like(silence))


def test_a_short_wave_keeps_more_of_its_own_mean():
    frames = RNG.normal(size=(60, 3))
    usual = frames.mean(axis=0) - frames.mean() + [1.0, 0.0, -1.0]
    once = normalized(frames, usual, 60)
    often = normalized(np.tile(frames, (50, 1)), usual, 60)
    assert np.abs(often.mean(axis=0)).max() < 0.1 < np.abs(once.mean(axis=0)).max()


def test_deltas_are_slopes_of_lines_through_five_frames():
    frames = RNG.normal(size=(12, 3))
    found = with_deltas(frames)[:, 3:]
    for step in range(2, 10):
        slope = np.polyfit(np.arange(5), frames[step - 2 : step + 3], 1)[0]
        np.testing.assert_allclose(found[step], slope)
