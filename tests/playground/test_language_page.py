"""The page's script says what comes next as Python does, and draws the same tokens."""

import numpy as np
import pytest
import torch

from textseq import LanguageModel
from textseq.text.vocabulary import UNKNOWN_ID

TEXTS = ["so it goes , and so it ends", "it goes on and on", "who knows where it goes ?"] * 8
TEXTS += [f"word{number} of many ends here" for number in range(40)]
PROMPTS = [
    "", "so it", "it 🤷🏽‍♀️ xyzzy goes", "Who", "and on and", "café", "  ", "it goes on and on",
    "so it goes , and so it ends", "WHO KNOWS", "where", "?", "<unk> goes", "<eos>", "ends here",
    "word3 of many", "cafe\u0301 \u200d", "so\nit\tgoes", "on " * 30, "don't know 3.5",
]  # fmt: skip
SMALL = {
    "hidden_size": 6, "embedding_dim": 5, "num_layers": 1, "max_epochs": 2, "dropout": 0,
    "random_state": 0, "n_threads": 1, "batch_size": 2,
}  # fmt: skip
PARAMETERS = {
    "words": {"level": "word"},
    "untied, two layers": {"level": "word", "tie_weights": False, "num_layers": 2},
    "residual gru": {
        "encoder": "gru",
        "num_layers": 2,
        "tie_weights": False,
        "connections": "residual",
    },
    "characters": {"level": "char", "encoder": "rnn", "representation": "onehot"},
    "pieces, tcn": {"level": "bpe", "encoder": "tcn", "num_layers": 2},
    "groups": {"level": "word", "softmax": "adaptive", "encoder": "janet"},
}


def fitted(name):
    return LanguageModel(**{**SMALL, **PARAMETERS[name]}).fit(TEXTS)


def states_and_chances(model, text):
    (ids,) = model.encoding_.token_ids(model.tokenizer_.tokenize([text])).to_lists()
    read = torch.tensor([[model.vocabulary_.mark_id("<eos>"), *ids]])
    with torch.no_grad():
        states, _ = model.network_.read(read)
        return read, model.network_.log_probabilities(states[0]).exp().numpy()


@pytest.mark.parametrize("name", PARAMETERS)
def test_next_tokens_have_the_same_probabilities(page, name, monkeypatch):
    if name == "groups":
        import textseq.estimators.language.model as module

        monkeypatch.setattr(module, "cutoffs", lambda n_ids: [n_ids // 4, n_ids // 2])
    model = fitted(name)
    assert len(model.network_.output.starts) == (2 if name == "groups" else 0)
    page.open(model)
    for prompt in PROMPTS:
        read, expected = states_and_chances(model, prompt)
        ids, found = page.ask(
            """
            const reading = model.read(arguments[0]);
            const run = model.run(reading);
            return [reading.ids, reading.ids.map(
              (_, t) => model.logProbabilities(run, t).map(Math.exp))];
            """,
            prompt,
        )
        assert ids == read[0].tolist()
        np.testing.assert_allclose(found, expected, atol=1e-5)


@pytest.mark.parametrize("name", ["words", "characters", "pieces, tcn"])
@pytest.mark.parametrize(
    "how",
    [{"temperature": 0.0}, {"temperature": 1.3}, {"top_k": 5}, {"top_p": 0.7, "temperature": 0.8}],
)
def test_the_same_numbers_draw_the_same_text(page, name, how):
    model = fitted(name)
    page.open(model)
    numbers = np.random.default_rng(3).random(20).tolist()
    names = {"top_k": "topK", "top_p": "topP"}
    options = {names.get(key, key): value for key, value in how.items()}
    tokens, joined = page.ask(
        """
        const numbers = [...arguments[2]];
        const steps = [...model.generate(
          arguments[0], { ...arguments[1], random: () => numbers.shift(), most: 12 })];
        const said = steps.filter((s) => !s.ends).map((s) => s.text);
        return [said, model.join(said)];
        """,
        "so it",
        options,
        numbers,
    )
    expected = model.generate("so it", 12, random_state=3, **how)
    # Python glues what words lose; tokens are told apart by what cuts texts.
    if name == "words":
        assert tokens == model.tokenizer_.tokenize([expected]).to_lists()[0]
    else:
        assert joined == expected


def test_gradients_are_those_of_autograd(page):
    model = fitted("residual gru")
    page.open(model)
    found = page.ask("return model.gradient(model.run(model.read('so it goes')), 'it', 2);")
    network = model.network_.double()
    ids = torch.from_numpy(model.vocabulary_.ids_of(["so", "it", "goes"]))[None]
    x = network.embed(torch.cat([torch.tensor([[2]]), ids], dim=1)).clone().requires_grad_()
    states, _ = network.read_vectors(x)
    (states[0, 2] @ network.output.weight[model.vocabulary_["it"]]).backward()
    np.testing.assert_allclose(found["x"], x.grad[0].norm(dim=1), rtol=1e-4, atol=1e-7)
    assert found["x"][3] == 0


def test_a_cut_vocabulary_shares_among_the_words_it_keeps(page):
    model = fitted("words")
    form = page.open(model, ["so it goes"], max_words=4)
    (limit,) = [one for one in form["limits"] if one["key"] == "vocabulary"]
    assert limit["kept"] < limit["of"]
    ids = form["vocabulary"]["ids"]
    _, expected = states_and_chances(model, "so it")
    shares = expected[-1][ids] / expected[-1][ids].sum()
    found = page.ask(
        "const run = model.run(model.read('so it')); "
        "return model.logProbabilities(run, 2).map(Math.exp);"
    )
    np.testing.assert_allclose(found, shares, atol=1e-5)
    assert ids[UNKNOWN_ID] == UNKNOWN_ID
