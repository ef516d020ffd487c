import sys
import wave

import numpy as np
import pytest
import soundfile

from textseq.audio.waves import read_waves

RNG = np.random.default_rng(0)
TONE = np.sin(np.arange(800) * 0.3).astype(np.float32)


def write_wav(path, samples, rate=8000, n_channels=1):
    with wave.open(str(path), "wb") as file:
        file.setnchannels(n_channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(np.round(samples * 32767).astype("<i2").tobytes())
    return path


def test_a_file_says_what_the_samples_do(tmp_path):
    path = write_wav(tmp_path / "tone.wav", TONE)
    soundfile.write(tmp_path / "tone.flac", TONE, 8000)
    waves, rate = read_waves([path, str(tmp_path / "tone.flac"), (TONE, 8000)])
    assert rate == 8000
    for row in range(3):
        np.testing.assert_allclose(waves[row], TONE, atol=1e-4)


def test_channels_are_averaged(tmp_path):
    both = np.stack([TONE, np.zeros_like(TONE)], axis=1)
    waves, _ = read_waves([write_wav(tmp_path / "two.wav", both.ravel(), n_channels=2)])
    np.testing.assert_allclose(waves[0], TONE / 2, atol=1e-4)


def test_whole_numbers_are_parts_of_their_largest():
    whole = np.array([-32768, 0, 16384], dtype=np.int16)
    waves, _ = read_waves([whole, np.array([0, 128, 255], dtype=np.uint8)], 8000)
    assert waves[0].tolist() == [-1, 0, 0.5]
    assert waves[1].tolist() == [-1, 0, 127 / 128]


def test_other_rates_are_resampled_and_a_tone_stays_one():
    at = np.arange(16000) / 16000
    (waves, rate) = read_waves([(np.sin(2 * np.pi * 440 * at), 16000)], 8000)
    assert rate == 8000 and len(waves[0]) == 8000
    expected = np.sin(2 * np.pi * 440 * np.arange(8000) / 8000)
    np.testing.assert_allclose(waves[0][100:-100], expected[100:-100], atol=2e-3)


def test_the_first_rate_that_is_told_is_that_of_all():
    waves, rate = read_waves([TONE, (TONE, 16000), (TONE, 8000)])
    assert rate == 16000
    assert waves.lengths.tolist() == [800, 800, 1600]


@pytest.mark.parametrize(
    "X, message",
    [
        ("a.wav", "pass a list"),
        (["none.wav"], "there is no such file"),
        ([TONE], "do not tell their rate"),
        ([np.zeros((2, 5))], r"X\[0\] has shape \(2, 5\)"),
        ([(TONE, 8000), []], r"X\[1\]"),
        ([(np.array([0.0, np.nan]), 8000)], "is nan at sample 1"),
        ([(TONE, 0.5)], "the rate of X"),
        ([["a", "b"]], "pass a list"),
    ],
)
def test_what_is_no_wave_is_refused(X, message):
    with pytest.raises(ValueError, match=message):
        read_waves(X)


def test_what_is_no_audio_file_is_refused(tmp_path):
    path = tmp_path / "text.wav"
    path.write_text("not a wave")
    with pytest.raises(ValueError, match="can't be read as audio"):
        read_waves([path])


def test_without_soundfile_the_extra_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "soundfile", None)
    with pytest.raises(ImportError, match=r"pip install textseq\[audio\]"):
        read_waves([write_wav(tmp_path / "tone.wav", TONE)])
