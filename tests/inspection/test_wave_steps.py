import numpy as np
import pytest
from step_models import tones, transcriber

from textseq import explain, hidden_states
from textseq.inspection.wave_steps import WaveSteps


@pytest.fixture(scope="module")
def model():
    return transcriber()


@pytest.fixture(scope="module")
def wave():
    return tones(2, seed=5)[0][1]


def test_each_step_of_a_wave_has_the_probabilities_that_the_model_tells(model, wave):
    found = hidden_states(model, wave)
    (expected,) = model.predict_proba([wave])
    np.testing.assert_allclose(found.answers, expected, atol=1e-5)
    assert found.names == ["<blank>", "high", "low"]
    assert found.table["symbol"].tolist() == [found.names[said] for said in expected.argmax(1)]
    assert found.table["start"].tolist() == pytest.approx(np.arange(len(expected)) * 0.03)
    assert found.states.shape == (len(expected), 16)
    assert found.verdict.startswith("it hears 'low high'")
    least = expected.max(1).argmin()
    assert f"least sure is it at step {least + 1} ({0.03 * least:.2f} s" in found.verdict


def test_a_pair_of_samples_and_their_rate_is_one_wave(model, wave):
    twice = np.interp(np.arange(2 * len(wave)) / 2, np.arange(len(wave)), wave)
    found = hidden_states(model, (twice, 16000))
    assert abs(len(found.table) - len(hidden_states(model, wave).table)) <= 1


def test_a_symbol_is_explained_by_the_steps_of_its_tone(model, wave):
    (times,) = model.predict_times([wave])
    middle = (times[0].start + times[0].end) / 2
    step = int(middle / 0.03) + 1
    found = explain(model, wave, target="low", step=step)
    assert abs(found.completeness_gap) <= 1e-3 * max(1, abs(found.output - found.baseline))
    # The first tone ends after a quarter of a second, the second begins 0.05 s later.
    attributions = found.table["integrated_gradients"].abs()
    assert attributions[found.table["end"] < 0.27].sum() > attributions.sum() / 2
    assert f"low at step {step}" in found.verdict
    with pytest.raises(ValueError, match="'<blank>', 'high', 'low'"):
        explain(model, wave, target="mid")


def test_figures_have_the_spectrogram_with_what_is_heard_under_it(model, wave):
    for found in (hidden_states(model, wave), explain(model, wave)):
        figure = found.plot()
        spectrogram = figure.axes[0]
        assert [text.get_text() for text in spectrogram.texts] == ["low", "high"]
        assert spectrogram.get_ylabel() == "frequency (Hz)"
        places = [text.get_position()[0] for text in spectrogram.texts]
        assert -0.5 <= places[0] < places[1] <= len(found.table) - 0.5
        (image,) = spectrogram.images
        loud = image.get_array()[:, : image.get_array().shape[1] // 2].mean(1).argmax()
        hertz = np.interp(loud, range(40), found.steps.centres)
        assert hertz == pytest.approx(500, rel=0.15)
        assert any(axes.get_xlabel().startswith("time (seconds)") for axes in figure.axes)


def test_a_step_may_be_shorter_than_others_at_the_end():
    steps = WaveSteps(np.zeros((7, 2)), np.array([100.0, 900.0]), 3, 0.03, [])
    assert len(steps) == 3
    assert steps.table()["end"].tolist() == pytest.approx([0.03, 0.06, 0.09])
    assert steps.called(1, "low") == "step 2 (0.03 s, low)"
