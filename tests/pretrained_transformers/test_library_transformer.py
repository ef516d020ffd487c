"""Families that their makers' library reads, held to that library."""

import json
import subprocess
import sys

import numpy as np
import pytest
import torch
from model_folder import LIBRARY_KINDS, WORDS, write_model

from textseq import TextClassifier, TransformerEmbedder, explain, load_model
from textseq.estimators.encoding.pretrained_transformer import PretrainedTransformer
from textseq.nn.dropout import drawing_from
from textseq.nn.encoders import build_transformer

TEXTS = ["so good a film !", "the old sea", "it is bad bad", "so so plot", "good", "a bad sea é"]
LABELS = ["pos", "pos", "neg", "pos", "pos", "neg"]
QUICK = {"random_state": 0, "n_threads": 2, "validation_fraction": 0.0, "max_epochs": 2}


@pytest.mark.parametrize("kind", LIBRARY_KINDS)
def test_states_are_those_of_the_library_in_every_batch(kind, tmp_path, capfd):
    theirs = write_model(tmp_path, kind)
    capfd.readouterr()
    opened = PretrainedTransformer.open(tmp_path)
    encoder = build_transformer(opened.config).eval()
    part = {
        name.removeprefix("encoder."): weight
        for name, weight in opened.weights(len(WORDS), "encoder").items()
        if name != "inputs.weight"
    }
    encoder.load_state_dict(part)
    assert capfd.readouterr() == ("", "")  # no bars, no reports
    rng = np.random.default_rng(0)
    rows = [rng.integers(4, len(WORDS), length) for length in (7, 7, 4, 3, 1)]
    lengths = torch.tensor([len(row) for row in rows])
    padded = torch.zeros(len(rows), 9, dtype=torch.int64)
    for number, row in enumerate(rows):
        padded[number, : len(row)] = torch.from_numpy(row)
    with torch.inference_mode():
        found = encoder(opened.table[padded], lengths)
        for row, states in zip(rows, found, strict=True):
            alone = torch.from_numpy(row)[None]
            mask = torch.ones_like(alone)
            expected = theirs(input_ids=alone, attention_mask=mask).last_hidden_state[0]
            assert torch.allclose(states[: len(row)], expected, rtol=0, atol=1e-5)
            assert not states[len(row) :].any()


@pytest.mark.parametrize("kind", LIBRARY_KINDS)
def test_training_draws_nothing_from_the_generator_of_the_process(kind, tmp_path):
    write_model(tmp_path, kind)
    config = json.loads((tmp_path / "config.json").read_text())
    # What a file leaves out is the library's default, of which attention's dropout is 0.1.
    own = {name: value for name, value in config.items() if "drop" not in name}
    (tmp_path / "config.json").write_text(json.dumps(own))
    opened = PretrainedTransformer.open(tmp_path)
    encoder = build_transformer(opened.config).train()
    before = torch.get_rng_state()
    with drawing_from(torch.Generator()):
        encoder(torch.ones(2, 5, opened.config["width"]), torch.tensor([5, 4]))
    assert torch.equal(torch.get_rng_state(), before)


def test_rows_without_tokens_are_zeros_between_others(tmp_path):
    write_model(tmp_path, "qwen3")
    opened = PretrainedTransformer.open(tmp_path)
    encoder = build_transformer(opened.config)
    weights = opened.weights(len(WORDS), "encoder")
    del weights["inputs.weight"]
    encoder.load_state_dict({name.removeprefix("encoder."): one for name, one in weights.items()})
    lengths = torch.tensor([0, 3, 0, 2, 3])
    x = torch.randn(5, 4, 16, generator=torch.Generator().manual_seed(0), requires_grad=True)
    found = {}
    for training in (False, True):
        states = encoder.train(training)(x, lengths)
        states.sum().backward()
        assert x.grad.isfinite().all()
        assert all(not row[length:].any() for row, length in zip(states, lengths, strict=True))
        found[training] = states
    alone = encoder.eval()(x[3:4, :2], torch.tensor([2]))
    assert torch.allclose(found[False][3:4, :2], alone, rtol=0, atol=1e-5)
    assert torch.allclose(found[False], found[True], rtol=0, atol=1e-5)


@pytest.mark.parametrize("kind", ["modernbert", "mpnet", "deberta", "electra"])
@pytest.mark.parametrize("unfreeze", ["all", "gradual", "none"])
def test_a_model_learns_as_far_down_as_it_is_told_and_its_file_answers_the_same(
    kind, unfreeze, tmp_path
):
    write_model(tmp_path, kind)
    options = dict(encoder="transformer", pretrained=tmp_path, unfreeze=unfreeze, **QUICK)
    model = TextClassifier(**options).fit(TEXTS * 4, LABELS * 4)
    opened = PretrainedTransformer.open(tmp_path)
    read = opened.weights(len(WORDS) + 2, "encoder")
    found = model.network_.state_dict()
    below, *layers = model.network_.transformer.layer_weights()
    names = {weight.data_ptr(): name for name, weight in model.network_.named_parameters()}
    moved = [
        any(not torch.equal(found[name], read[name]) for name in map(names.get, pointers))
        for pointers in ([weight.data_ptr() for weight in group] for group in (below, *layers))
    ]
    assert moved == {
        "all": [True, True, True], "gradual": [False, False, True], "none": [False] * 3
    }[unfreeze]  # fmt: skip
    together = model.predict_proba(TEXTS)
    again = TextClassifier(**options).fit(TEXTS * 4, LABELS * 4)
    assert np.array_equal(together, again.predict_proba(TEXTS))
    for number, text in enumerate(TEXTS):
        alone = model.predict_proba([text])[0]
        # Random states are all but the same for all texts; the head scales up what is left.
        assert np.allclose(alone, together[number], rtol=0, atol=3e-5)
    path = tmp_path / "model.textseq"
    assert np.allclose(load_model(model.save(path)).predict_proba(TEXTS), together, atol=1e-6)
    if unfreeze == "none":
        bare = load_model(model.save(path, pretrained_weights=False))
        assert np.allclose(bare.predict_proba(TEXTS), together, atol=1e-6)
    assert explain(model, TEXTS[0]).table["token"].tolist()[1:-1] == TEXTS[0].split()


def test_a_gru_reads_its_states_and_the_embedder_its_mean(tmp_path):
    theirs = write_model(tmp_path, "modernbert")
    vectors = TransformerEmbedder(tmp_path).fit_transform(["so good"])
    ids = torch.tensor([[0, WORDS.index("so"), WORDS.index("good"), 1]])
    with torch.inference_mode():
        expected = theirs(input_ids=ids).last_hidden_state.mean(1).numpy()
    assert np.allclose(vectors, expected, rtol=0, atol=1e-5)
    model = TextClassifier(
        encoder="gru", hidden_size=4, representation="transformer", pretrained=tmp_path, **QUICK
    )
    model.fit(TEXTS * 4, LABELS * 4)
    assert model.predict_proba(TEXTS).shape == (6, 2)


def test_what_can_not_be_read_is_named(tmp_path):
    write_model(tmp_path, "modernbert")
    config = tmp_path / "config.json"
    own = json.loads(config.read_text())
    for changed, message in (
        ({"model_type": "t5"}, "type 't5', an encoder-decoder; textseq reads encoders"),
        ({"model_type": "of-nobody"}, "'of-nobody', which Hugging Face's library has no code for"),
        ({"model_type": None}, "type 'None', which"),
        ({"model_type": "perceiver"}, "'perceiver', which does not read vectors of tokens"),
        ({"num_hidden_layers": 3}, "config.json is not that of a modernbert: (?s:.)*layer_types"),
        ({"num_hidden_layers": 3, "layer_types": None}, "the file of weights lacks layers.2"),
        ({"intermediate_size": 12}, "the weights do not fit config.json"),
    ):
        config.write_text(json.dumps(own | changed))
        with pytest.raises(ValueError, match=message):
            TransformerEmbedder(tmp_path).fit()


def test_without_the_library_the_command_is_named(tmp_path):
    write_model(tmp_path, "modernbert")
    code = (
        "import sys; sys.modules['transformers'] = None; import textseq; "
        f"textseq.TransformerEmbedder({str(tmp_path)!r}).fit()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert 'pip install "textseq[transformers]"' in done.stderr.splitlines()[-1]
