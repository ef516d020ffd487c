"""What a language model starts from beside random values: word vectors, or another model."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, TypeVar

import numpy as np
import torch
from sklearn.utils.validation import check_is_fitted
from torch import Tensor

from textseq.estimators.encoding.embedding_table import pretrained_table
from textseq.estimators.encoding.pretrained import (
    as_given,
    kind_asked,
    refuse_contradictions,
    refuse_superseded,
)
from textseq.estimators.load import load_model
from textseq.nn.language import LanguageNetwork
from textseq.text.vectors.word_vectors import WordVectors
from textseq.text.vocabulary import Vocabulary
from textseq.training.threads import ThreadTeam

M = TypeVar("M")
# Parameters that the pretrained model's network decides.
TAKEN = (
    "representation", "embedding_dim", "encoder", "hidden_size", "num_layers", "mogrifier",
    "connections", "normalization", "activation", "tie_weights", "softmax",
)  # fmt: skip
# Parameters of weights that start anew; ``vectors`` are refused by what they are for.
SUPERSEDED = ("init", "init_gain")


def open_pretrained(pretrained: Any, kind: type[M]) -> M | None:
    """Return a fitted model of a kind, given as such, as a path, or as None."""
    if isinstance(pretrained, str | os.PathLike):
        pretrained = load_model(pretrained)
    if pretrained is None:
        return None
    if not isinstance(pretrained, kind):
        raise ValueError(
            f"pretrained must be a {kind.__name__} or a path to one, got "
            f"{type(pretrained).__name__}"
        )
    check_is_fitted(pretrained, "network_")
    return pretrained


def settle(
    pretrained: Any, given: Mapping[str, Any], defaults: Mapping[str, Any]
) -> dict[str, Any]:
    """Return a new model's parameters with a pretrained one's in place of defaults.

    Parameters
    ----------
    pretrained : LanguageModel
        Fitted.
    given, defaults : dict
        Of the new model.

    Raises
    ------
    ValueError
        If one that was given says otherwise than the pretrained model.
    """
    refuse_superseded(SUPERSEDED, given, defaults)
    own = decided_by(pretrained)
    asked = {name: given[name] for name in own if given[name] != defaults[name]}
    if "level" in asked:
        asked["level"] = kind_asked(given["level"], pretrained.tokenizer_)
    refuse_contradictions(asked, own)
    return {**given, **own, "pretrained": pretrained.receipt_["weights_sha256"]}


def decided_by(pretrained: Any) -> dict[str, Any]:
    """Return the parameters that a fitted language model decides for one that goes on from it."""
    tokenizer = pretrained.tokenizer_
    taken = {name: as_given(pretrained.fitted_parameters_.get(name)) for name in TAKEN}
    return taken | {"level": tokenizer.kind, "lowercase": tokenizer.lowercase}


def start_from(
    network: LanguageNetwork, vocabulary: Vocabulary, vectors: WordVectors, freeze: bool, seed: int
) -> None:
    """Start a network's embeddings from word vectors, which may stay as they are."""
    table = pretrained_table(vocabulary, vectors, np.random.default_rng(seed))
    weight = network.inputs.weight
    assert weight is not None
    weight.data = torch.from_numpy(table)
    weight.requires_grad_(not freeze)


def take_over(network: LanguageNetwork, pretrained: LanguageNetwork) -> None:
    """Start a network from another's weights; what belongs to new tokens is the others' mean."""
    known = pretrained.state_dict()
    with ThreadTeam(1):
        network.load_state_dict(
            {name: _grown(known[name], weight) for name, weight in network.state_dict().items()}
        )


def _grown(known: Tensor, wanted: Tensor) -> Tensor:
    for dim, size in enumerate(wanted.shape):
        more = size - known.shape[dim]
        if more:
            mean = known.mean(dim, keepdim=True)
            known = torch.cat([known, mean.repeat_interleave(more, dim)], dim)
    return known
