"""What a pretrained transformer's files say, under the names that ``Transformer`` has for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

# Names of activations, and those that ``Transformer`` has for them.
ACTIVATIONS = {
    "gelu": "gelu",
    "gelu_new": "gelu_tanh",
    "gelu_pytorch_tanh": "gelu_tanh",
    "relu": "relu",
}
# By the model's type: tokens before the first position's vector.
FAMILIES = {"bert": 0, "roberta": 2, "xlm-roberta": 2, "camembert": 2, "distilbert": 0}
# A DistilBERT's names, and BERT's.
_DISTILBERT = {
    "transformer.layer.": "encoder.layer.",
    ".attention.q_lin.": ".attention.self.query.",
    ".attention.k_lin.": ".attention.self.key.",
    ".attention.v_lin.": ".attention.self.value.",
    ".attention.out_lin.": ".attention.output.dense.",
    ".sa_layer_norm.": ".attention.output.LayerNorm.",
    ".ffn.lin1.": ".intermediate.dense.",
    ".ffn.lin2.": ".output.dense.",
    ".output_layer_norm.": ".output.LayerNorm.",
}
_DISTILBERT_CONFIG = {
    "hidden_size": "dim",
    "num_hidden_layers": "n_layers",
    "num_attention_heads": "n_heads",
    "intermediate_size": "hidden_dim",
    "hidden_act": "activation",
}


def read_config(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of ``Transformer`` that the ``config.json`` of one of FAMILIES tells.

    Raises
    ------
    ValueError
        If the model has something that ``Transformer`` lacks.

    Examples
    --------
    >>> small = dict(model_type="bert", hidden_size=4, num_hidden_layers=1,
    ...              num_attention_heads=2, intermediate_size=8, max_position_embeddings=6)
    >>> read_config(small)["n_positions"]
    6
    """
    family, own = config["model_type"], dict(config)
    if family == "distilbert":
        own |= {name: config[theirs] for name, theirs in _DISTILBERT_CONFIG.items()}
    for name, only in (("position_embedding_type", "absolute"), ("is_decoder", False)):
        if own.get(name, only) != only:
            raise ValueError(f"the model has {name}={own[name]!r}; textseq reads {only!r} alone")
    activation = own.get("hidden_act", "gelu")
    if activation not in ACTIVATIONS:
        raise ValueError(
            f"the model has hidden_act={activation!r}; textseq has {', '.join(ACTIVATIONS)}"
        )
    return {
        "width": own["hidden_size"],
        "n_layers": own["num_hidden_layers"],
        "n_heads": own["num_attention_heads"],
        "hidden": own["intermediate_size"],
        "n_positions": own["max_position_embeddings"],
        "first_position": FAMILIES[family],
        "activation": ACTIVATIONS[activation],
        "epsilon": own.get("layer_norm_eps", 1e-12),
        "dropout": own.get("hidden_dropout_prob", own.get("dropout", 0.1)),
    }


def read_weights(weights: Mapping[str, Tensor], n_layers: int) -> tuple[Tensor, dict[str, Tensor]]:
    """Return a file's word vectors (V, D), and the weights of a ``Transformer`` by their names.

    Parameters
    ----------
    weights : mapping of str to Tensor
        Under the names of their family.
    n_layers : int
        Blocks to read.

    Raises
    ------
    ValueError
        If weights are missing.
    """
    named = _plain_names(weights)
    own = {
        "positions.weight": named["embeddings.position_embeddings.weight"],
        **_layer(named, "norm", "embeddings.LayerNorm"),
    }
    types = named.get("embeddings.token_type_embeddings.weight")
    if types is not None:
        # All tokens are of the first segment: its vector is a part of every position's.
        own["positions.weight"] = own["positions.weight"] + types[0]
    for number in range(n_layers):
        theirs, ours = f"encoder.layer.{number}.", f"blocks.{number}."
        qkv = [
            _layer(named, part, f"{theirs}attention.self.{part}")
            for part in ("query", "key", "value")
        ]
        for kind in ("weight", "bias"):
            parts = [weight for one in qkv for name, weight in one.items() if name.endswith(kind)]
            own[f"{ours}qkv.{kind}"] = torch.cat(parts)
        for name, their in (
            ("attended", "attention.output.dense"),
            ("attention_norm", "attention.output.LayerNorm"),
            ("widen", "intermediate.dense"),
            ("narrow", "output.dense"),
            ("output_norm", "output.LayerNorm"),
        ):
            own |= _layer(named, ours + name, theirs + their)
    words = named["embeddings.word_embeddings.weight"].float()
    return words, {name: weight.float() for name, weight in own.items()}


def _plain_names(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return weights by BERT's names, without what a task has put before them."""
    named = {}
    for name, weight in weights.items():
        short = name
        for prefix in ("bert.", "roberta.", "distilbert."):
            short = short.removeprefix(prefix)
        for theirs, berts in _DISTILBERT.items():
            short = short.replace(theirs, berts)
        # As the first files were written, from another library's.
        short = short.replace("LayerNorm.gamma", "LayerNorm.weight")
        named[short.replace("LayerNorm.beta", "LayerNorm.bias")] = weight
    for kind in ("word", "position"):
        if (lacking := f"embeddings.{kind}_embeddings.weight") not in named:
            raise ValueError(f"the file of weights has no {lacking}, so that it is no encoder's")
    return named


def _layer(named: Mapping[str, Tensor], own: str, theirs: str) -> dict[str, Tensor]:
    """Return a layer's weight and bias under its own name."""
    try:
        return {f"{own}.{kind}": named[f"{theirs}.{kind}"] for kind in ("weight", "bias")}
    except KeyError as error:
        raise ValueError(f"the file of weights lacks {error}") from error
