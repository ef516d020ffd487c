"""States of transformers, held to those of Hugging Face's own library."""

import json

import numpy as np
import pytest
import torch
from model_folder import KINDS, WORDS, write_model
from safetensors.torch import load_file
from transformers import BertConfig

from textseq import TransformerEmbedder
from textseq.nn.transformer import Transformer
from textseq.nn.transformer_weights import read_config, read_weights

LENGTHS = [7, 7, 4, 4, 4, 3, 1]


@pytest.fixture(scope="module")
def rows():
    rng = np.random.default_rng(0)
    return [rng.integers(4, len(WORDS), length) for length in LENGTHS]


def opened(folder):
    """Return a function of rows of ids, and the transformer within."""
    config = read_config(json.loads((folder / "config.json").read_text()))
    words, weights = read_weights(load_file(str(folder / "model.safetensors")), config["n_layers"])
    network = Transformer(**config).eval()
    network.load_state_dict(weights)
    return network, words


def states_of(network, words, rows):
    lengths = torch.tensor([len(row) for row in rows])
    padded = torch.zeros(len(rows), int(lengths.max()), dtype=torch.int64)
    for number, row in enumerate(rows):
        padded[number, : len(row)] = torch.from_numpy(row)
    states = network(words[padded], lengths)
    return [own[:length] for own, length in zip(states, lengths, strict=True)]


@pytest.mark.parametrize("kind", KINDS)
def test_states_are_those_of_the_makers_library(kind, rows, tmp_path):
    theirs = write_model(tmp_path, kind)
    with torch.inference_mode():
        found = states_of(*opened(tmp_path), rows)
    for row, states in zip(rows, found, strict=True):
        with torch.inference_mode():
            expected = theirs(
                input_ids=torch.from_numpy(row)[None],
                attention_mask=torch.ones(1, len(row), dtype=torch.long),
            ).last_hidden_state[0]
        assert torch.allclose(states, expected, atol=1e-5)


def test_a_row_has_its_states_in_every_batch(rows, tmp_path):
    write_model(tmp_path, "bert")
    network, words = opened(tmp_path)
    together = states_of(network, words, rows)
    for row, states in zip(rows, together, strict=True):
        assert torch.allclose(states_of(network, words, [row])[0], states, atol=1e-6)


def test_gradients_reach_every_weight(rows, tmp_path):
    write_model(tmp_path, "roberta")
    network, words = opened(tmp_path)
    torch.cat(states_of(network, words.requires_grad_(True), rows)).square().sum().backward()
    assert words.grad is not None and words.grad.abs().sum() > 0
    for name, weight in network.named_parameters():
        assert weight.grad is not None and weight.grad.abs().sum() > 0, name


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"hidden_act": "swish"}, "hidden_act='swish'; textseq has gelu"),
        ({"position_embedding_type": "relative_key"}, "position_embedding_type='relative_key'"),
        ({"is_decoder": True}, "is_decoder=True; textseq reads False"),
    ],
)
def test_what_is_not_read_is_named(changed, message):
    with pytest.raises(ValueError, match=message):
        read_config(BertConfig().to_dict() | changed)


def test_weights_of_another_size_or_kind_are_refused(tmp_path):
    write_model(tmp_path, "bert")
    weights = load_file(str(tmp_path / "model.safetensors"))
    config = json.loads((tmp_path / "config.json").read_text())
    without = {name: weight for name, weight in weights.items() if "1.output.dense" not in name}
    with pytest.raises(ValueError, match="lacks 'encoder.layer.1.output.dense.weight'"):
        read_weights(without, 2)
    with pytest.raises(ValueError, match="no embeddings.word_embeddings.weight"):
        read_weights({"wte.weight": torch.zeros(2, 2)}, 2)
    # Names as the first files of BERT have them.
    old = {
        f"bert.{name}".replace("LayerNorm.weight", "LayerNorm.gamma").replace(
            "LayerNorm.bias", "LayerNorm.beta"
        ): weight
        for name, weight in weights.items()
    }
    words, own = read_weights(old, 2)
    assert torch.equal(words, weights["embeddings.word_embeddings.weight"])
    assert torch.equal(own["norm.weight"], weights["embeddings.LayerNorm.weight"])
    (tmp_path / "config.json").write_text(json.dumps(config | {"intermediate_size": 12}))
    with pytest.raises(ValueError, match="the weights do not fit config.json"):
        TransformerEmbedder(tmp_path).fit()
