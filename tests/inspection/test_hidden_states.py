import io

import numpy as np
import pandas as pd
import pytest
import torch
from rounding import rounding

from textseq import TextClassifier, TextRegressor
from textseq.inspection.hidden_states import hidden_states

TEXTS = ["the film is good", "so good a plot", "the film is bad", "dull and bad"] * 10
LABELS = ["pos", "pos", "neg", "neg"] * 10
TEXT = "the plot is so bad xyzzy good"
ENCODERS = ["mean", "max", "rnn", "bilstm", "gru", "janet", "tcn"]
SMALL = {"hidden_size": 4, "embedding_dim": 6, "max_epochs": 3, "n_threads": 1, "random_state": 0}
SMALL |= {"wide": None}


@pytest.fixture(scope="module")
def models():
    fitted = {
        encoder: TextClassifier(encoder=encoder, pooling="last", **SMALL).fit(TEXTS, LABELS)
        for encoder in ENCODERS
    }
    fitted["three"] = TextClassifier(encoder="gru", **SMALL).fit(
        TEXTS, ["pos", "pos", "neg", "dull"] * 10
    )
    indicators = pd.DataFrame({"film": [1, 0, 1, 0] * 10, "good": [1, 1, 0, 0] * 10})
    fitted["labels"] = TextClassifier(encoder="gru", **SMALL).fit(TEXTS, indicators)
    fitted["number"] = TextRegressor(encoder="bigru", **SMALL).fit(TEXTS, [9.0, 8.0, 2.0, 1.0] * 10)
    pairs = list(zip(TEXTS, TEXTS[::-1], strict=True))
    fitted["pairs"] = TextClassifier(encoder="rnn", **SMALL).fit(pairs, LABELS)
    return fitted


def drawn(figure):
    figure.savefig(io.BytesIO(), dpi=40)
    return figure


@pytest.mark.parametrize("name", [*ENCODERS, "three", "labels"])
def test_each_row_is_the_answer_to_the_text_up_to_there(models, name):
    model = models[name]
    found = hidden_states(model, TEXT)
    words = TEXT.split()
    starts = [" ".join(words[: place + 1]) for place in range(len(words))]
    expected = model.predict_proba(starts)
    assert found.table["token"].tolist() == words
    assert found.table["step"].tolist() == [1, 2, 3, 4, 5, 6, 7]
    for column, label in enumerate(model.classes_):
        assert np.allclose(
            found.table[f"p({label})"], expected[:, column], rtol=0, atol=rounding(1)
        )
    assert np.allclose(found.answers[-1], model.predict_proba([TEXT])[0], rtol=0, atol=rounding(1))


def test_a_regressor_tells_its_prediction_in_the_units_of_the_target(models):
    found = hidden_states(models["number"], "so good")
    expected = models["number"].predict(["so", "so good"])
    assert np.allclose(found.table["prediction"], expected, rtol=0, atol=rounding(expected))
    assert expected.min() > 1.5  # the standardised prediction would lie around 0


@pytest.mark.parametrize("name", ["bilstm", "three"])
def test_change_is_from_the_step_before_and_from_an_empty_text(models, name):
    model = models[name]
    found = hidden_states(model, TEXT)
    leading = int(found.answers[-1].argmax())
    before = model.predict_proba([""])[0, leading]
    expected = np.diff(found.answers[:, leading], prepend=before)
    assert np.allclose(found.table["change"], expected, rtol=0, atol=rounding(1))
    step = int(np.abs(expected).argmax())
    assert f"{found.table['token'][step]!r} (step {step + 1}) moved it most" in found.verdict


@pytest.mark.parametrize("name", ENCODERS)
def test_states_are_what_the_head_reads(models, name):
    model = models[name]
    states = hidden_states(model, TEXT).states
    expected = model.transform([TEXT])[0]
    last = np.concatenate([states[-1, :4], states[0, 4:]]) if name == "bilstm" else states[-1]
    assert states.shape == (7, len(expected))
    assert np.allclose(last, expected, rtol=0, atol=rounding(1))


def test_states_of_one_direction_belong_to_their_step(models):
    whole = hidden_states(models["janet"], TEXT).states
    start = hidden_states(models["janet"], "the plot is").states
    assert np.allclose(whole[:3], start, atol=1e-12)
    assert not np.allclose(whole[3], start[2], atol=1e-3)


def test_unknown_words_and_what_was_cut_are_told():
    model = TextClassifier(encoder="rnn", max_length=3, **SMALL).fit(TEXTS, LABELS)
    found = hidden_states(model, "xyzzy plugh good bad bad")
    assert found.table["known"].tolist() == [False, False, True]
    assert "2 of 3 tokens are unknown" in found.verdict
    assert "2 more tokens were not read: raise max_length=3" in found.verdict
    assert np.allclose(found.answers[-1], model.predict_proba(["xyzzy plugh good bad"])[0])


def test_a_network_that_does_not_care_is_named(models):
    model = TextClassifier(encoder="rnn", **SMALL).fit(TEXTS, LABELS)
    model.network_.head.output.weight.zero_()
    assert "without regard to this text" in hidden_states(model, TEXT).verdict


def test_what_cannot_be_read_is_refused(models):
    with pytest.raises(ValueError, match="text '  ' has no tokens"):
        hidden_states(models["rnn"], "  ")
    with pytest.raises(ValueError, match="must be one string"):
        hidden_states(models["rnn"], ["good"])
    with pytest.raises(ValueError, match="compares two texts"):
        hidden_states(models["pairs"], "good")
    with pytest.raises(ValueError, match="not fitted"):
        hidden_states(TextClassifier(), "good")
    with pytest.raises(ValueError, match="got dict, which is no network"):
        hidden_states({}, "good")


def test_the_model_and_the_random_states_stay_as_they_are(models):
    model = models["bilstm"]
    before = {name: value.clone() for name, value in model.network_.state_dict().items()}
    torch_state = torch.get_rng_state()
    first, second = hidden_states(model, TEXT), hidden_states(model, TEXT)
    assert first.table.equals(second.table)
    after = model.network_.state_dict()
    assert all(torch.equal(after[name], value) for name, value in before.items())
    assert after["head.output.weight"].dtype == torch.float32
    assert not model.network_.training
    assert torch.equal(torch.get_rng_state(), torch_state)


def test_the_figure_shows_every_unit_and_token(models):
    found = hidden_states(models["gru"], TEXT)
    figure = drawn(found.plot())
    above, below = figure.axes[:2]
    (line,) = [line for line in above.lines if len(line.get_xdata()) == 7]
    assert np.allclose(line.get_ydata(), found.answers[:, found.leading])
    image = np.asarray(below.images[0].get_array())  # (H, T)
    assert sorted(map(tuple, image)) == sorted(map(tuple, found.states.T))
    labels = dict(zip(below.get_xticks(), below.get_xticklabels(), strict=True))
    assert [labels[place].get_text() for place in range(7)] == [
        "the", "plot", "is", "so", "bad", "(xyzzy)", "good",
    ]  # fmt: skip


def test_units_that_rise_with_the_answer_stand_on_top(models):
    found = hidden_states(models["gru"], TEXT)
    image = np.asarray(found.plot().axes[1].images[0].get_array())
    answer = found.answers[:, found.leading]
    together = [np.cov(answer, unit)[0, 1] for unit in image]
    assert together == sorted(together, reverse=True)


# But for the one that tells of a font.
@pytest.mark.filterwarnings("ignore:no font that matplotlib knows")
@pytest.mark.parametrize(
    "text",
    ["good", "$a_b$ \\frac{1}{2} 好 👩‍👩‍👧 supercalifragilisticexpialidocious", "so bad " * 200],
)
@pytest.mark.parametrize("name", ["mean", "three", "labels", "number"])
def test_awkward_texts_are_drawn_without_a_warning(models, name, text):
    figure = drawn(hidden_states(models[name], text).plot())
    assert figure.get_suptitle()


def test_print_shows_the_likely_classes_only():
    labels = [f"class{number:02}" for number in range(12)]
    texts = [f"word{number:02}" for number in range(12)]
    model = TextClassifier(encoder="mean", **SMALL).fit(texts * 4, labels * 4)
    found = hidden_states(model, "word03")
    assert len(found.table.columns) == 3 + 12 + 1
    shown = str(found).splitlines()[2].split()
    likely = np.sort(np.argsort(-found.answers[-1])[:3])
    assert shown == ["step", "token", "known", *(f"p(class{c:02})" for c in likely), "change"]
