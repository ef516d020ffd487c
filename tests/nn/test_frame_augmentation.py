from dataclasses import replace

import numpy as np
import pytest

from textseq.audio.spectrogram import QUIETEST, LogMel
from textseq.nn.frame_augmentation import PAUSE, FrameAugmentation, masked, stretched

MEL = LogMel(8000)
NONE = FrameAugmentation(
    MEL.centres, 4000.0, MEL.filters.sum(axis=1), 0.01, QUIETEST, 0.0, 0.0, noise=False
)


def tone(hertz, seconds=0.5):
    return MEL.frames(np.sin(2 * np.pi * hertz * np.arange(round(8000 * seconds)) / 8000))


def test_nothing_changes_where_nothing_is_asked_for():
    frames = tone(700)
    found = NONE.drawn([frames], np.random.default_rng(0), pauses=False)
    np.testing.assert_allclose(found, frames, atol=1e-5)


def test_the_same_numbers_draw_the_same():
    every = replace(NONE, speed=0.2, vocal_tract=0.2, noise=True)
    parts = [tone(700), tone(1500)]
    one, other = (every.drawn(parts, np.random.default_rng(3), pauses=True) for _ in range(2))
    assert np.array_equal(one, other)
    assert not np.array_equal(one, every.drawn(parts, np.random.default_rng(4), pauses=True))


def test_a_vocal_tract_moves_a_tone_as_far_as_its_factor():
    bends = replace(NONE, vocal_tract=0.3)
    moved = set()
    for seed in range(20):
        factor = np.exp(np.random.default_rng(seed).uniform(-0.3, 0.3))
        found = bends.drawn([tone(1000)], np.random.default_rng(seed), pauses=False)
        loudest = int(found.mean(axis=0).argmax())
        # A band is read at its frequency times the factor: the tone goes to 1000 over it.
        assert abs(loudest - np.abs(MEL.centres - 1000 / factor).argmin()) <= 1
        moved.add(loudest)
    assert len(moved) > 3


@pytest.mark.parametrize("factor", [0.7, 0.9, 1.0, 1.2, 1.4])
def test_a_warped_axis_rises_and_keeps_its_end(factor):
    ramp = np.arange(40.0)[None]  # each band's place, as its value
    read = NONE._warped(ramp, factor)[0]
    assert (np.diff(read) >= 0).all() and read[-1] == pytest.approx(39, abs=1.5)


def test_pauses_are_quiet_and_as_long_as_they_may_be():
    parts = [tone(700), tone(1500), tone(700)]
    n_frames = sum(map(len, parts))
    longest = 0
    for seed in range(30):
        found = NONE.drawn(parts, np.random.default_rng(seed), pauses=True)
        longest = max(longest, len(found) - n_frames)
        assert found.min() == pytest.approx(found.max() + np.log(QUIETEST), abs=1e-3)
    assert 0 < longest <= 4 * PAUSE / 0.01


def test_noise_is_where_speech_is_not():
    noisy = replace(NONE, noise=True)
    lifted = [
        np.median(noisy.drawn([tone(700)], np.random.default_rng(seed), pauses=False))
        for seed in range(30)
    ]
    assert np.median(lifted) > np.median(tone(700)) + 1


def test_speed_changes_the_number_of_frames():
    assert [len(stretched(np.zeros((60, 2)), speed)) for speed in (0.5, 1.0, 1.5)] == [120, 60, 40]


def test_masks_hide_bands_with_their_changes_and_time():
    rng = np.random.default_rng(0)
    frames = np.ones((80, 20))  # ten bands and their changes
    hidden = [masked(frames, 2, 10, rng) == 0 for _ in range(40)]
    bands = np.array([own.all(axis=0) for own in hidden])
    assert bands.any() and np.array_equal(bands[:, :10], bands[:, 10:])
    assert any(own.all(axis=1).any() for own in hidden)
    assert max(own.mean() for own in hidden) < 0.7
    assert frames.all()
    assert np.array_equal(masked(frames, 0, 10, rng), frames)
