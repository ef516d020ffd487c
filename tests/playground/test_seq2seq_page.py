"""The page's script says of sources what Python's greedy search says, token by token."""

import numpy as np
import pytest
import torch

from textseq import Seq2Seq

RNG = np.random.default_rng(0)
NUMBERS = {"one": "um", "two": "dois", "three": "três", "red": "vermelho", "big": "grande"}
SOURCES = [" ".join(RNG.choice(list(NUMBERS), size)) for size in RNG.integers(1, 6, 80)]
TARGETS = [" ".join(NUMBERS[word] for word in reversed(source.split())) for source in SOURCES]
TWENTY = [*(" ".join(RNG.choice(list(NUMBERS), n)) for n in RNG.integers(1, 9, 16)),
          "two xyzzy 🤷🏽‍♀️ one", "", "big .", "Três"]  # fmt: skip
SMALL = {
    "hidden_size": 12, "embedding_dim": 8, "max_epochs": 6, "random_state": 0, "n_threads": 1,
    "beam_size": 1, "unknown": "never", "learning_rate": 0.02,
}  # fmt: skip
PARAMETERS = {
    "additive": {"attention": "additive"},
    "dot, gru, two layers": {"attention": "dot", "encoder": "bigru", "num_layers": 2},
    "none, untied": {"attention": None, "encoder": "rnn", "tie_weights": False},
    "bag": {"encoder": "mean"},
    "tcn": {"encoder": "tcn", "attention": "additive", "num_layers": 2},
    "characters": {"tokenizer": "char", "encoder": "lstm", "attention": "dot"},
}
ANSWERS = """
return arguments[0].map((source) => {
  const run = model.run(model.read(source));
  const attention = run.logits.map((_, t) => run.trace.get(`attention[${t}]`));
  return {
    output: run.output, logits: run.logits.map((m) => Array.from(m.data)),
    attention: attention[0] ? attention.map((m) => Array.from(m.data)) : null,
  };
});
"""


def check_answers(page, model, sources, asked):
    found = page.ask(ANSWERS, asked)
    rows = model.answered_rows(model.rows(sources))
    source, said = rows.fields
    for row, one in enumerate(found):
        if not len(source[row]):
            assert one["output"] == []
            continue
        ids = said[row][:-1]
        assert one["output"] == model.target_vocabulary_.decode(ids)
        read = tuple(map(torch.from_numpy, (source[row], np.array([0, len(source[row])]))))
        target = torch.from_numpy(said[row]), torch.tensor([0, len(said[row])])
        with torch.no_grad():
            features, weights = model.network_.reread(read, target)
            expected = model.network_.decoder.logits(features).numpy()
        np.testing.assert_allclose(one["logits"], expected, atol=1e-5, rtol=1e-5)
        if one["attention"] is not None:
            np.testing.assert_allclose(one["attention"], weights[0].numpy(), atol=1e-5)
    assert len({tuple(one["output"]) for one in found}) > 1


@pytest.mark.parametrize("name", PARAMETERS)
def test_sources_are_answered_as_in_python(page, name):
    model = Seq2Seq(**{**SMALL, **PARAMETERS[name]}).fit(SOURCES, TARGETS)
    form = page.open(model, SOURCES, TARGETS)
    assert {one["wrong"] for one in form["examples"]} >= {True}
    check_answers(page, model, TWENTY, TWENTY)


@pytest.mark.parametrize("kind", ["series", "vector"])
def test_numbers_are_answered_as_in_python(page, kind):
    if kind == "vector":
        src = RNG.normal(size=(60, 3))
        asked = [[[value] for value in row] for row in src[:20].tolist()]
    else:
        src = [RNG.normal(size=(2, n)) for n in RNG.integers(2, 8, 60)]
        asked = [row.tolist() for row in src[:20]]
    tgt = ["up up" if np.ravel(row)[0] > 0 else "down" for row in src]
    model = Seq2Seq(source=kind, **SMALL).fit(src, tgt)
    form = page.open(model)
    assert len(form["examples"]) == 1
    check_answers(page, model, src[:20], asked)


def test_gradients_are_those_of_autograd(page):
    model = Seq2Seq(**SMALL, encoder="gru", attention="additive").fit(SOURCES, TARGETS)
    form = page.open(model, SOURCES[:3], max_words=2)
    assert [one["key"] for one in form["limits"]].count("vocabulary") == 2
    page.open(model)
    source, (ids,) = TWENTY[0], model.rows(TWENTY[:1]).fields
    found = page.ask("return model.gradient(model.run(model.read(arguments[0])));", source)
    network = model.network_.double()
    x = network.embed(torch.from_numpy(ids.values)[None]).clone().requires_grad_()
    states, memory = network.read_vectors(x, torch.tensor([x.shape[1]]))
    features, _, _ = network.decoder(torch.tensor([[2]]), memory, states)
    logits = network.decoder.logits(features)[0, 0]
    logits[3:].max().backward()
    np.testing.assert_allclose(found["x"], x.grad[0].norm(dim=1), rtol=1e-4, atol=1e-8)
