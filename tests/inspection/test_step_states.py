import numpy as np
import pytest
from step_models import ROWS, TEXTS, frames, language_model, tagger, translator

from textseq import hidden_states
from textseq.inspection.step_reading import read_row

LEARNED = dict(learning_rate=0.02, max_epochs=8, hidden_size=8)


def test_a_tagger_has_the_probabilities_of_each_steps_tags():
    model = tagger(**LEARNED)
    found = hidden_states(model, ROWS[0])
    assert found.answers == pytest.approx(model.predict_proba(ROWS[:1])[0], rel=1e-4)
    assert found.table["tag"].tolist() == model.predict(ROWS[:1])[0]
    assert found.states.shape == (6, 16)
    assert found.table.columns.tolist()[:4] == ["step", "token", "known", "tag"]
    own = found.answers[np.arange(6), read_row(model, ROWS[0]).said]
    assert found.telling.argmax() == own.argmin()
    assert f"(step {own.argmin() + 1}, " in found.verdict
    assert str(found).startswith(found.verdict)


def test_states_are_the_encoders_own_steps():
    model = tagger(encoder="gru")
    found, reading = hidden_states(model, ROWS[0]), read_row(model, ROWS[0])
    cell = reading.network.encoder.layers[0].forwards
    state = cell.initial_state(reading.vectors[None])
    for step, row in zip(reading.vectors, found.states, strict=True):
        state, _ = cell.step(step[None], state)
        assert state[0][0].numpy() == pytest.approx(row)


@pytest.mark.parametrize("mogrifier", [None, 3])
def test_a_language_model_is_as_surprised_as_its_perplexity_says(mogrifier):
    model = language_model(encoder="lstm", mogrifier=mogrifier, **LEARNED)
    found = hidden_states(model, TEXTS[0])
    perplexity = np.exp(-np.log(found.table["p(next)"]).mean())
    assert perplexity == pytest.approx(model.perplexity(TEXTS[0]), rel=1e-5)
    assert f"perplexity {perplexity:.4g} over 7 tokens" in found.verdict
    assert (found.table["p(guess)"] >= found.table["p(next)"] - 1e-12).all()
    assert found.states.shape == (7, 8)
    least = int(found.table["p(next)"].idxmin())
    assert f"surprised by {found.table['next'][least]!r} behind" in found.verdict
    assert len(found.plot().axes[0].get_lines()) == 3  # both, and the mark


def test_a_translator_comes_to_its_answer_as_it_reads():
    model = translator(**LEARNED)
    found = hidden_states(model, TEXTS[0])
    (answer,) = model.predict(TEXTS[:1])
    assert repr(answer) in found.verdict
    for end in (1, 4, 6):
        beginning = " ".join(ROWS[0][:end])
        tokens = len(answer.split()) + 1
        p = np.exp(model.score_samples([beginning], [answer])[0] / tokens)
        assert found.answers[end - 1, 0] == pytest.approx(p, rel=1e-5)
    assert found.table["change"].sum() == pytest.approx(found.answers[-1, 0])
    assert found.states.shape == (6, 16)


def test_a_mean_of_the_source_grows_step_by_step():
    found = hidden_states(translator(encoder="mean"), TEXTS[0])
    reading = read_row(translator(encoder="mean"), TEXTS[0])
    vectors = reading.vectors.numpy()
    means = vectors.cumsum(0) / np.arange(1, 7)[:, None]
    assert found.states == pytest.approx(means)


@pytest.mark.parametrize("kind", ["frames", "series", "symbols"])
def test_figures_of_all_that_is_read(kind):
    series, tags = frames()
    model, row = {
        "frames": (tagger(series, tags), series[0]),
        "series": (translator(series, [" ".join(one) for one in tags], source="series"), series[0]),
        "symbols": (translator(ROWS, ROWS), ROWS[0]),
    }[kind]
    figure = hidden_states(model, row).plot()
    assert len(figure.axes) == (3 if kind == "symbols" else 4)
    assert "probability" in figure.axes[-3].get_ylabel()
