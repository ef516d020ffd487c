"""A language model's network with its first values: random ones, or another model's."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from sklearn.utils.validation import check_is_fitted
from torch import Tensor

from textseq.estimators.checks import whole
from textseq.estimators.embedding_table import pretrained_table
from textseq.estimators.language_defaults import cutoffs
from textseq.nn.initialization import initialize, initializing_from
from textseq.nn.language import LanguageNetwork
from textseq.text.vectors import WordVectors
from textseq.text.vocabulary import Vocabulary
from textseq.training.threads import ThreadTeam

if TYPE_CHECKING:
    from textseq.estimators.language_model import LanguageModel

# What a network takes over from a pretrained one, under the estimator's names.
SIZES = (
    "representation",
    "embedding_dim",
    "encoder",
    "hidden_size",
    "num_layers",
    "connections",
    "normalization",
    "activation",
    "tie_weights",
)
TAKEN = (*SIZES, "softmax")
DROPOUTS = ("embedding_dropout", "input_dropout", "hidden_dropout", "dropout", "weight_dropout")


def language_architecture(
    chosen: dict[str, Any], n_tokens: int, pretrained: LanguageModel | None
) -> dict[str, Any]:
    """Return a network's arguments from parameters that are all decided."""
    rare = cutoffs(n_tokens) if chosen["softmax"] == "adaptive" else []
    return (
        {
            "n_tokens": n_tokens,
            "cutoffs": rare if pretrained is None else pretrained.architecture_["cutoffs"],
        }
        | {name: chosen[name] for name in DROPOUTS}
        | {name: whole(chosen[name]) for name in SIZES}
    )


def build_language_network(
    architecture: dict[str, Any], init: str, init_gain: float, longest: int, seed: int
) -> LanguageNetwork:
    """Build a network and draw its first weights.

    Parameters
    ----------
    architecture : dict
        Arguments of ``LanguageNetwork``.
    init, init_gain, longest
        As ``initialize`` takes them.
    seed : int
    """
    with ThreadTeam(1), initializing_from(seed):
        network = LanguageNetwork(**architecture)
        initialize(network.encoder, init, init_gain, longest)
    return network


def open_pretrained(pretrained: Any) -> LanguageModel | None:
    """Return a fitted language model given as such, as a path, or as None."""
    from textseq.estimators.language_model import LanguageModel

    if isinstance(pretrained, str | os.PathLike):
        from textseq.estimators.load import load_model

        pretrained = load_model(pretrained)
    if pretrained is None:
        return None
    if not isinstance(pretrained, LanguageModel):
        raise ValueError(
            f"pretrained must be a LanguageModel or a path to one, got {type(pretrained).__name__}"
        )
    check_is_fitted(pretrained, "network_")
    return pretrained


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
