"""The page's script tags as Python does."""

import unicodedata

import numpy as np
import pytest
import torch

from textseq import SequenceTagger

RNG = np.random.default_rng(0)
WORDS = ["Ana", "smiled", "in", "Lisbon", "the", "old", "town", "Café", "."]
ROWS = [RNG.choice(WORDS, size).tolist() for size in RNG.integers(1, 9, 60)]
TAGS = [["B-x" if w[0].isupper() else RNG.choice(["O", "I-x"]) for w in row] for row in ROWS]
ODD = [[], ["🤷🏽‍♀️"], ["cafe\u0301", "LISBON"], ["xyzzy", "<unk>", "old"]]
TWENTY = [*(RNG.choice(WORDS, size).tolist() for size in RNG.integers(1, 12, 16)), *ODD]
SPELLED = [
    *TWENTY, ["ANA", "ana", "aNa", "Ana7", "77", "7²", "€", "ǅ", "ⅷ", "x" * 40],
    ["LisbonLisbonTownTown", "xLisbonLisbonTownTown"], ["cafe\u0301", "CAFÉ", "🤷🏽‍♀️", "a-b", "İ"],
]  # fmt: skip
SMALL = {"hidden_size": 4, "max_epochs": 2, "random_state": 0, "n_threads": 1}
ANSWERS = """
return arguments[0].map((row) => {
  const run = model.run(model.read(row));
  return { tags: run.decision, chances: run.by_step.map((step) => step.map((a) => a.value)) };
});
"""


@pytest.mark.parametrize("scheme", [None, "IOB2"])
@pytest.mark.parametrize("head", ["linear", "crf"])
def test_rows_are_tagged_as_in_python(page, head, scheme):
    model = SequenceTagger(
        head=head, tag_scheme=scheme, lowercase=head == "crf", embedding_dim=5, **SMALL
    ).fit(ROWS, TAGS)
    if head == "crf":  # a few epochs move little
        moved = torch.from_numpy(RNG.normal(size=(3, 3)).astype(np.float32))
        model.network_.tags.transitions.data += 2 * moved
    form = page.open(model, ROWS, TAGS)
    assert any(one["wrong"] for one in form["examples"])
    found = page.ask(ANSWERS, TWENTY)
    assert [one["tags"] for one in found] == model.predict(TWENTY)
    for one, expected in zip(found, model.predict_proba(TWENTY), strict=True):
        np.testing.assert_allclose(np.reshape(one["chances"], (-1, 3)), expected, atol=1e-5)
    written = page.ask(ANSWERS, [" ".join(TWENTY[0])])
    assert written == found[:1]


@pytest.mark.parametrize("characters", ["cnn", "lstm"])
def test_words_are_read_by_their_characters_as_in_python(page, characters):
    model = SequenceTagger(characters=characters, embedding_dim=5, **SMALL).fit(ROWS, TAGS)
    features = model.network_.word_features
    with torch.no_grad():  # so that each character tells
        features.table *= 3
    form = page.open(model, ROWS, TAGS)
    assert form["spelling"]["characters"] == model.encoding_.characters.characters
    found = page.ask(ANSWERS, SPELLED)
    assert [one["tags"] for one in found] == model.predict(SPELLED)
    for one, expected in zip(found, model.predict_proba(SPELLED), strict=True):
        np.testing.assert_allclose(np.reshape(one["chances"], (-1, 3)), expected, atol=1e-5)
    for row in SPELLED:
        ids, _, *others = map(torch.from_numpy, model.rows([row]).arrays()[0])
        vectors = model.network_.step_vectors(ids, others).detach()
        seen = page.ask(
            "return model.vectors(model.read(arguments[0])).map((x) => [...x.data])", row
        )
        np.testing.assert_allclose(np.reshape(seen, vectors.shape), vectors, atol=1e-5)


def test_kinds_of_characters_are_pythons(page):
    known = [chr(n) for n in range(0x110000) if not 0xD800 <= n < 0xE000]
    known = [c for c in known if unicodedata.category(c) != "Cn"]
    kinds = {"lower": str.islower, "upper": str.isupper, "digit": str.isdigit, "plain": str.isalnum}
    for name, of in kinds.items():
        found = page.ask(
            "return [...arguments[0]].filter((c) => characterKinds(c)[arguments[1]]).join('')",
            "".join(known),
            name,
        )
        # A few are of another kind in the browser's version of Unicode.
        others = set(found) ^ set(filter(of, known))
        assert len(others) < 20, (name, others)


def test_frames_are_tagged_as_in_python(page):
    series = [RNG.normal(size=(2, n)) for n in RNG.integers(2, 9, 40)]
    tags = [["up" if x > 0 else "down" for x in one[0]] for one in series]
    model = SequenceTagger(encoder="gru", **SMALL).fit(series, tags)
    page.open(model)
    found = page.ask(ANSWERS, [one.tolist() for one in series])
    assert [one["tags"] for one in found] == model.predict(series)


def test_gradients_are_those_of_autograd(page):
    model = SequenceTagger(encoder="bigru", embedding_dim=5, **SMALL).fit(ROWS, TAGS)
    page.open(model)
    row = max(TWENTY, key=len)
    found = page.ask("return model.gradient(model.run(model.read(arguments[0])), 'O', 2);", row)
    network = model.network_.double()
    x = network.token_vectors(torch.from_numpy(model.rows([row]).inputs.values))
    x = x[None].clone().requires_grad_()
    states = network.states(x, torch.tensor([x.shape[1]]))
    network.head(states)[0, 2, model.classes_.tolist().index("O")].backward()
    np.testing.assert_allclose(found["x"], x.grad[0].norm(dim=1), rtol=1e-4, atol=1e-7)
