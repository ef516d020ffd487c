import numpy as np
import pytest
import torch
from step_models import ROWS, TEXTS, frames, language_model, tagger, translator

from textseq import TextClassifier, explain
from textseq.inspection.step_reading import read_row

LEARNED = dict(learning_rate=0.02, max_epochs=8, hidden_size=8)
MODELS = {
    "tagger": (lambda: tagger(**LEARNED), ROWS[0]),
    "linear tagger": (lambda: tagger(head="linear", encoder="tcn", **LEARNED), ROWS[0]),
    "tagger of characters": (lambda: tagger(characters="lstm", **LEARNED), ROWS[0]),
    "language model": (lambda: language_model(**LEARNED), TEXTS[0]),
    "translator": (lambda: translator(**LEARNED | dict(max_epochs=40)), TEXTS[0]),
    "translator without attention": (
        lambda: translator(attention=None, **LEARNED | dict(max_epochs=40)),
        TEXTS[0],
    ),
}


@pytest.mark.parametrize("name", MODELS)
def test_occlusion_and_integrated_gradients_are_of_the_log_odds(name):
    build, row = MODELS[name]
    model = build()
    found, reading = explain(model, row, step=3), read_row(model, row)
    column = list(reading.names).index(found.target)
    assert column == reading.said[2]

    def odds(x):
        with torch.no_grad():
            p = float(reading.log_p(x[None], 2)[0, column].exp())
        return p, np.log(p / (1 - p))

    answer, output = odds(reading.vectors)
    assert found.answer == pytest.approx(answer)
    assert found.output == pytest.approx(output)
    assert found.baseline == pytest.approx(odds(torch.zeros_like(reading.vectors))[1])
    for step in range(len(reading.steps)):
        without = reading.vectors.clone()
        without[step] = 0
        lost = output - odds(without)[1]
        assert found.table["occlusion"][step] == pytest.approx(lost, rel=1e-6, abs=1e-9)
    total = found.table["integrated_gradients"].sum()
    assert total == pytest.approx(found.output - found.baseline, abs=2e-3)


def test_a_tag_that_the_word_before_tells_is_explained_by_it():
    rng = np.random.default_rng(0)
    rows = [list(rng.choice(list("abcdef"), 7)) for _ in range(200)]
    tags = [["A" if before == "c" else "O" for before in ["", *row[:-1]]] for row in rows]
    model = tagger(rows, tags, **LEARNED | dict(max_epochs=30))
    found = explain(model, ["a", "b", "c", "d", "e"], step=4)
    assert found.target == "A" and found.answer > 0.9
    assert found.table["occlusion"].idxmax() == 2
    assert "A at step 4 (d) has probability" in found.verdict
    assert found.message().startswith("“c” says most for A at step 4 (d), which the model gives")
    assert explain(model, ["a", "b", "c", "d", "e"], "O", 4).answer == pytest.approx(
        1 - found.answer
    )


def test_a_language_model_explains_what_it_expects_behind_a_text():
    model = language_model(**LEARNED | dict(max_epochs=40))
    found = explain(model, "a b c d e")
    reading = read_row(model, "a b c d e")
    best = reading.log_p(reading.vectors[None], 5)[0]
    assert found.target == reading.names[int(best.argmax())]
    assert found.place == " behind step 6 (e)"
    # What comes later can't tell of what is expected before it.
    early = explain(model, "a b c d e", step=3)
    assert early.target == "c"
    assert early.table["occlusion"][3:].tolist() == [0, 0, 0]
    assert explain(model, "a b c d e", target="a").target == "a"


def test_least_sure_is_explained_by_default():
    for build, row in (MODELS["tagger"], MODELS["translator"]):
        model = build()
        found, reading = explain(model, row), read_row(model, row)
        assert found.answer == pytest.approx(np.exp(reading.own_log_p().min()))


def test_frames_have_shares_of_their_channels():
    series, tags = frames()
    found = explain(tagger(series, tags, **LEARNED), series[0], step=2)
    assert found.table["integrated_gradients[0]"].abs().sum() > 0
    assert found.plot().axes


def test_wrong_steps_and_targets_are_refused():
    model = tagger()
    with pytest.raises(ValueError, match="step=7, but there are 6 answers"):
        explain(model, ROWS[0], step=7)
    with pytest.raises(ValueError, match="step must be a whole number of at least 1"):
        explain(model, ROWS[0], step=0)
    with pytest.raises(ValueError, match="target='B' is not among what .* choose from 'A', 'O'"):
        explain(model, ROWS[0], "B")
    whole = TextClassifier(encoder="mean", max_epochs=1, random_state=0).fit(TEXTS, [0, 1] * 20)
    with pytest.raises(ValueError, match="step=2, but a TextClassifier has one answer"):
        explain(whole, "a b", step=2)
