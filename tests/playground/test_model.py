"""The page's script answers as Python does: every cell, way of pooling, head and tokenizer."""

import numpy as np
import pytest
import torch

from textseq import TextClassifier, TextRegressor
from textseq.nn.bags import Bag
from textseq.text.tokens import Tokens

SENTENCE = "the plot is thin but i'd watch it again , so good ! n't bad film of 1,000 scenes"
WORDS = SENTENCE.split()
ODD = ["", "xyzzy unheard-of 🤷🏽‍♀️ word", "👍 🇧🇷 naïve café — “quoted”", "\t \n"]


def some_texts(n, seed=0):
    rng = np.random.default_rng(seed)
    return [" ".join(rng.choice(WORDS, size)) for size in rng.integers(1, 12, n)]


TEXTS, TWENTY = some_texts(60), [*some_texts(16, seed=1), *ODD]
LABELS = ["pos" if "good" in text else "neg" for text in TEXTS]
SMALL = {"embedding_dim": 5, "max_epochs": 1, "random_state": 0, "n_threads": 1, "min_df": 1}
PARAMETERS = {
    "mean": {"encoder": "mean"},
    "mean, normalized": {"encoder": "mean", "normalization": "batch"},
    "max": {"encoder": "max", "normalization": "l2"},
    "hashed n-grams": {"encoder": "mean", "hash_buckets": 50, "ngram_range": (1, 3)},
    "rnn": {"encoder": "rnn", "pooling": "last"},
    "rnn with relu": {"encoder": "rnn", "activation": "relu", "pooling": "mean"},
    "lstm": {"encoder": "lstm", "pooling": "max"},
    "bilstm, dense": {"encoder": "bilstm", "num_layers": 2, "connections": "dense"},
    "gru, residual": {"encoder": "gru", "num_layers": 3, "connections": "residual"},
    "bigru, concat": {"encoder": "bigru", "pooling": "concat", "normalization": "layer"},
    "bijanet, attention": {"encoder": "janet", "bidirectional": True, "pooling": "attention"},
    "janet, first": {"encoder": "janet", "pooling": "first", "normalization": "l2"},
    "tcn": {"encoder": "tcn", "num_layers": 3, "normalization": "batch"},
    "tcn, last": {"encoder": "tcn", "num_layers": 2, "pooling": "last"},
    "narrowing": {"encoder": "bilstm", "hidden_size": (6, 3), "num_layers": 2, "pooling": "last"},
    "head layers": {"encoder": "lstm", "head_sizes": (6, 5)},
    "one-hot": {"encoder": "gru", "representation": "onehot"},
    "integer": {"encoder": "lstm", "representation": "integer"},
    "wide path": {"encoder": "gru", "wide": "ngrams"},
    "wide path of characters": {"encoder": "mean", "wide": "ngrams", "tokenizer": "char"},
    "cut": {"encoder": "lstm", "max_length": 4, "wide": "ngrams"},
    "isotonic": {"encoder": "lstm", "calibrate": "isotonic", "validation_fraction": 0.4},
    "costs": {"encoder": "lstm", "decision_threshold": [[0, 3], [1, 0]]},
    "bpe": {"encoder": "gru", "tokenizer": "bpe"},
    "tokens of n-grams": {"encoder": "mean", "ngram_range": (1, 2)},
}


def fitted(parameters):
    return TextClassifier(**SMALL, **{"hidden_size": 4, **parameters}).fit(TEXTS, LABELS)


ANSWERS = """
return arguments[0].map((text) => {
  const reading = model.read(text);
  const run = model.run(reading);
  return {
    tokens: reading.tokens.map((t) => t.text), ids: reading.ids,
    outputs: Array.from(run.logits.data),
    answer: run.answer.map((a) => a.value), decision: run.decision,
  };
});
"""


@pytest.mark.parametrize("name", PARAMETERS)
def test_every_network_answers_as_in_python(page, name):
    model = fitted(PARAMETERS[name])
    page.open(model)
    found = page.ask(ANSWERS, TWENTY)
    rows = model.encoding_.rows(TWENTY)
    (tokens,) = model.encoding_.tokens(rows.fields)
    tokens = tokens if model.encoding_.n_read is None else tokens.truncate(model.encoding_.n_read)
    assert [one["tokens"] for one in found] == tokens.to_lists()
    (ids,) = model._inputs(TWENTY).fields
    assert [one["ids"] for one in found] == ids.to_lists()
    outputs = np.array([one["outputs"] for one in found])
    assert np.abs(outputs).max() > 1e-3
    if model.isotonic_ is None:
        np.testing.assert_allclose(outputs, model._outputs(TWENTY), atol=1e-5)
    answers = [one["answer"] for one in found]
    np.testing.assert_allclose(answers, model.predict_proba(TWENTY), atol=1e-5)
    assert [one["decision"] for one in found] == [[one] for one in model.predict(TWENTY)]


def test_labels_and_numbers_answer_as_in_python(page):
    marks = np.array([["good" in text, "film" in text] for text in TEXTS]).astype(int)
    model = TextClassifier(encoder="lstm", hidden_size=4, **SMALL).fit(TEXTS, marks)
    page.open(model, TWENTY, np.zeros((20, 2), dtype=int))
    found = page.ask(ANSWERS, TWENTY)
    np.testing.assert_allclose(
        [one["answer"] for one in found], model.predict_proba(TWENTY), atol=1e-5
    )
    told = [[k in one["decision"] for k in ("0", "1")] for one in found]
    assert np.array_equal(told, model.predict(TWENTY))
    model = TextRegressor(encoder="gru", hidden_size=4, **SMALL)
    model.fit(TEXTS, [10.0 * len(text) for text in TEXTS])
    page.open(model)
    numbers = [one["answer"][0] for one in page.ask(ANSWERS, TWENTY)]
    np.testing.assert_allclose(numbers, model.predict(TWENTY), rtol=1e-5)


def gradients(model, text, place):
    """Return the gradients' lengths of an output in float64: at x, and at each direction's h."""
    network = model.network_.double()
    (ids,) = model._inputs([text]).fields
    x = network.token_vectors(torch.from_numpy(ids.values))[None].clone().requires_grad_()
    lengths, states = torch.tensor([x.shape[1]]), []

    def run(cell, inputs):
        if not hasattr(cell, "step"):
            return cell(inputs)
        state, steps = cell.initial_state(inputs), []
        for t in range(inputs.shape[1]):
            state, _ = cell.step(inputs[:, t], state)
            steps.append(state[0])
            state[0].retain_grad()
        states.append(steps)
        return torch.stack(steps, dim=1)

    vector = network.read(x, lengths) if isinstance(network.encoder, Bag) else network.read(
        x, lengths, run
    )  # fmt: skip
    network.head(vector)[0, place].backward()
    network.float()
    of_states = [np.array([h.grad.norm() for h in steps]) for steps in states]
    return x.grad[0].norm(dim=1).numpy(), of_states


@pytest.mark.parametrize(
    "name",
    [
        "mean, normalized", "max", "rnn", "rnn with relu", "bilstm, dense", "gru, residual",
        "bigru, concat", "bijanet, attention", "janet, first", "tcn, last", "head layers",
        "one-hot",
    ],
)  # fmt: skip
def test_gradients_are_those_of_autograd(page, name):
    model = fitted(PARAMETERS[name])
    page.open(model)
    for text in TWENTY[:8]:
        if name == "max":  # of equal numbers a maximum is one of them
            text = " ".join(dict.fromkeys(text.split()))
        found = page.ask("return model.gradient(model.run(model.read(arguments[0])), 'pos');", text)
        x, states = gradients(model, text, 1)
        np.testing.assert_allclose(found["x"], x, atol=1e-6, rtol=1e-4)
        kinds = [name for name in found["states"] if model.architecture_["encoder"] != "tcn"]
        for name, steps in zip(kinds, states, strict=True):
            expected = steps[::-1] if "backward" in name else steps
            np.testing.assert_allclose(found["states"][name], expected, atol=1e-6, rtol=1e-4)


def test_answers_after_each_token_are_those_of_the_text_so_far(page):
    for name in ("gru, residual", "bilstm, dense", "hashed n-grams", "wide path"):
        model = fitted(PARAMETERS[name])
        page.open(model)
        text = TWENTY[0]
        found = page.ask("return model.afterEach(model.read(arguments[0]));", text)
        (tokens,) = model.encoding_.tokenizer.tokenize([text]).to_lists()
        prefixes = Tokens.from_lists([tokens[: k + 1] for k in range(len(tokens))])
        values = [[one["value"] for one in step] for step in found]
        np.testing.assert_allclose(values, model.predict_proba(prefixes), atol=1e-5)


def test_a_number_put_in_by_hand_changes_what_is_downstream(page):
    page.open(fitted(PARAMETERS["lstm"]))
    kept, moved, last = page.ask(
        """
        const reading = model.read(arguments[0]);
        const [a, b] = [new Map(), new Map([["layer1.f[2]", new Map([[1, 0.5]])]])]
          .map((edits) => model.run(reading, { edits }).trace);
        const differs = (name) => a.get(name).data.some((v, k) => v !== b.get(name).data[k]);
        const names = [...a.keys()];
        return [names.filter((n) => !differs(n)), names.filter(differs),
                b.get("layer1.f[2]").data[1]];
        """,
        "the plot is thin",
    )
    assert last == 0.5
    assert {"layer1.c[2]", "layer1.h[3]", "pooled", "logits", "answer"} <= set(moved)
    assert {"x[2]", "layer1.f[1]", "layer1.h[1]", "layer1.i[2]"} <= set(kept)


def test_half_precision_is_near_and_said(page):
    model = fitted(PARAMETERS["lstm"])
    form = page.open(model, precision="float16")
    assert {"key": "precision", "bits": 16} in form["limits"]
    answers = [one["answer"] for one in page.ask(ANSWERS, TWENTY)]
    np.testing.assert_allclose(answers, model.predict_proba(TWENTY), atol=1e-2)


def test_a_cut_vocabulary_keeps_common_words_and_those_of_the_examples(page):
    model = fitted({"encoder": "lstm", "wide": "ngrams"})
    form = page.open(model, TEXTS[:4], LABELS[:4], max_words=5)
    limits = {limit["key"]: limit for limit in form["limits"]}
    assert limits["vocabulary"]["kept"] < limits["vocabulary"]["of"] == len(model.vocabulary_) - 2
    assert limits["ngrams"]["kept"] < limits["ngrams"]["of"]
    answers = [one["answer"] for one in page.ask(ANSWERS, TEXTS[:4])]
    np.testing.assert_allclose(answers, model.predict_proba(TEXTS[:4]), atol=1e-5)
    left_out = next(w for w in model.vocabulary_.tokens if w not in form["vocabulary"]["tokens"])
    (found,) = page.ask(ANSWERS, [left_out])
    assert found["ids"] == [1]


def test_buckets_of_n_grams_stay_behind_a_cut_vocabulary(page):
    model = fitted(PARAMETERS["hashed n-grams"])
    form = page.open(model, TEXTS[:4], max_words=2)
    assert len(form["vocabulary"]["tokens"]) < len(model.vocabulary_)
    answers = [one["answer"] for one in page.ask(ANSWERS, TEXTS[:4])]
    np.testing.assert_allclose(answers, model.predict_proba(TEXTS[:4]), atol=1e-5)


def test_examples_are_some_right_and_some_wrong(page):
    model = fitted(PARAMETERS["lstm"])
    targets = ["neg" if row % 3 else label for row, label in enumerate(LABELS)]
    form = page.open(model, TEXTS, targets)
    predicted = model.predict(TEXTS)
    assert 10 <= len(form["examples"]) <= 20
    for one in form["examples"]:
        row = TEXTS.index(one["input"])
        assert (one["prediction"], one["target"]) == (predicted[row], targets[row])
        assert one["wrong"] == (one["prediction"] != one["target"])
    assert {one["wrong"] for one in form["examples"]} == {True, False}


def test_members_show_the_first_and_say_so(page):
    model = fitted({"encoder": "gru", "n_members": 2})
    form = page.open(model)
    assert {"key": "members", "n": 2} in form["limits"]
    answers = [one["answer"] for one in page.ask(ANSWERS, TWENTY)]
    np.testing.assert_allclose(answers, model.member(0).predict_proba(TWENTY), atol=1e-5)
    assert np.abs(answers - model.predict_proba(TWENTY)).max() > 1e-3


def test_texts_of_a_tokenizer_of_the_callers_own_come_cut(page):
    model = fitted({"encoder": "lstm", "tokenizer": str.split})
    form = page.open(model, TEXTS[:4])
    assert {"key": "tokenizer"} in form["limits"]
    assert form["examples"][0]["input"] == TEXTS[0].lower().split()
    inputs = [one["input"] for one in form["examples"]]
    answers = [one["answer"] for one in page.ask(ANSWERS, inputs)]
    np.testing.assert_allclose(answers, model.predict_proba(TEXTS[:4]), atol=1e-5)


def test_neighbours_average_and_units(page):
    model = fitted(PARAMETERS["lstm"])
    page.open(model, TEXTS, LABELS)
    table = model.weights_by_name()["embedding"]
    near = page.ask("return model.nearest(5, 3);")
    unit = table / np.linalg.norm(table, axis=1, keepdims=True).clip(1e-9)
    cosines = unit @ unit[5]
    cosines[[0, 1, 5]] = -2
    order = np.argsort(-cosines)[:3]
    assert [one["id"] for one in near] == order.tolist()
    np.testing.assert_allclose([one["cosine"] for one in near], cosines[order], rtol=1e-5)
    average = page.ask("return model.average(model.read(arguments[0]));", TEXTS[0])
    (ids,) = model._inputs(TEXTS[:1]).fields
    np.testing.assert_allclose(average, table[ids.values].mean(0), rtol=1e-5)
    units = page.ask("return model.units(3);")
    assert len(units) == 4
    values = [place["value"] for place in units[0]["places"]]
    assert len(values) == 3 and values == sorted(values, reverse=True)
