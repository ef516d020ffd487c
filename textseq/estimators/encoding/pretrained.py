"""What a fitted model of texts hands on: tokenizer, vocabulary, embeddings and encoder."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from sklearn.utils.validation import check_is_fitted
from torch import Tensor, nn

from textseq.estimators.load import load_model
from textseq.estimators.parameters import resolve_encoder
from textseq.nn.network import SequenceNetwork
from textseq.text.tokenizer import Tokenizer
from textseq.text.vocabulary import SPECIALS, Vocabulary
from textseq.training.threads import ThreadTeam

# Parameters that the pretrained network decides.
ARCHITECTURE = (
    "encoder", "bidirectional", "hidden_size", "num_layers", "connections", "normalization",
    "activation",
)  # fmt: skip
# Parameters of what it brings along already.
SUPERSEDED = ("vectors", "hash_buckets", "representation", "init", "init_gain")


@dataclass(frozen=True, eq=False)
class Pretrained:
    """What a new model takes from a fitted one.

    Parameters
    ----------
    tokenizer : Tokenizer
    vocabulary : Vocabulary
    table : Tensor of shape (V, D)
        The vectors of the vocabulary's tokens.
    encoder : nn.Module
    parameters : dict
        Those of the new model that are decided by the fitted one.
    weights_sha256 : str
        Of the fitted model, as its receipt has it.

    References
    ----------
    Howard & Ruder (2018), "Universal Language Model Fine-tuning for Text Classification".
    """

    tokenizer: Tokenizer
    vocabulary: Vocabulary
    table: Tensor
    encoder: nn.Module
    parameters: dict[str, Any]
    weights_sha256: str

    @classmethod
    def of(cls, source: Any) -> Pretrained:
        """Take what a fitted model, or a saved one at a path, hands on.

        Raises
        ------
        ValueError
            If it is no fitted model of texts, or has no embeddings of its vocabulary.
        """
        if isinstance(source, str | os.PathLike):
            source = load_model(source)
        if isinstance(source, type) or not hasattr(type(source), "tokenizer_"):
            raise ValueError(
                "pretrained must be a fitted LanguageModel, TextClassifier or TextRegressor, or "
                f"the path of a saved one, got {source!r:.60}"
            )
        check_is_fitted(source, "network_")
        # A language model reads forwards, and has no parameter for it.
        network, architecture = source.network_, {"bidirectional": False} | source.architecture_
        if architecture.get("transformer") is not None:
            raise ValueError(
                "the pretrained model has a transformer, and a fitted one is not handed on; start "
                "from the folder that it came from, or go on from its fit with warm_start=True"
            )
        if architecture.get("mogrifier") is not None:
            raise ValueError(
                f"the pretrained model has mogrifier={architecture['mogrifier']}, steps that only "
                "a LanguageModel takes; fit it with mogrifier=None"
            )
        table, tokenizer = network.inputs.weight, source.tokenizer_
        if table is None:
            raise ValueError(
                "the pretrained model has no embeddings to hand on, only one-hot rows or ids; "
                "fit it with representation='embedding'"
            )
        if len(table) != len(source.vocabulary_):
            raise ValueError(
                "the pretrained model has hash_buckets, whose n-grams have no place in another "
                "vocabulary; fit it with hash_buckets=None"
            )
        parameters = {name: as_given(architecture[name]) for name in ARCHITECTURE} | {
            "embedding_dim": table.shape[1],
            "tokenizer": tokenizer.kind,
            "lowercase": tokenizer.lowercase,
            "ngram_range": tokenizer.ngram_range,
        }
        sha256 = source.receipt_["weights_sha256"]
        return cls(tokenizer, source.vocabulary_, table, network.encoder, parameters, sha256)

    def settle(self, given: dict[str, Any], defaults: dict[str, Any]) -> dict[str, Any]:
        """Return a new model's parameters with the pretrained's in place of defaults.

        Raises
        ------
        ValueError
            If one that was given says otherwise than the pretrained model.
        """
        refuse_superseded([name for name in SUPERSEDED if name in given], given, defaults)
        # What a task lets choose: the rows of some are cut into tokens already.
        decided = {name: own for name, own in self.parameters.items() if name in given}
        asked = dict(given)
        if given["encoder"] != defaults["encoder"]:
            asked["encoder"], asked["bidirectional"] = resolve_encoder(
                given["encoder"], bool(given["bidirectional"])
            )
        if "tokenizer" in given:
            asked["tokenizer"] = kind_asked(given["tokenizer"], self.tokenizer)
        refuse_contradictions(
            {name: asked[name] for name in decided if asked[name] != defaults[name]}, decided
        )
        return given | decided | {"pretrained": self.weights_sha256}

    def extended_by(self, vocabulary: Vocabulary) -> Vocabulary:
        """Return the vocabulary with new texts' words behind its own, whose ids stay.

        Parameters
        ----------
        vocabulary : Vocabulary
            Of the new texts, whose counts are taken.
        """
        longer = self.vocabulary.extended(vocabulary.tokens[len(SPECIALS) :])
        ids, start = longer.ids_of(vocabulary.tokens), len(longer.specials)
        counts, document_counts = np.zeros((2, len(longer)), dtype=np.int64)
        counts[ids], document_counts[ids] = vocabulary.counts, vocabulary.document_counts
        return Vocabulary(
            longer.tokens[start:],
            counts[start:],
            document_counts[start:],
            vocabulary.n_documents,
            longer.specials[len(SPECIALS) :],
        )

    def fill(self, network: SequenceNetwork) -> None:
        """Give a new network the embeddings and the encoder.

        Words behind the pretrained vocabulary start as the mean of its words.
        """
        weight = network.inputs.weight
        assert weight is not None
        n_new = len(weight) - len(self.table)
        with ThreadTeam(1):
            network.encoder.load_state_dict(self.encoder.state_dict())
            mean = self.table[len(self.vocabulary.specials) :].mean(0)
            weight.data = torch.cat([self.table.detach(), mean.expand(n_new, -1)])


def refuse_superseded(
    names: Sequence[str], given: Mapping[str, Any], defaults: Mapping[str, Any]
) -> None:
    """Refuse parameters of what a pretrained model brings along, where they are no defaults."""
    for name in names:
        if given[name] is not defaults[name] and given[name] != defaults[name]:
            raise ValueError(
                f"{name}={given[name]!r:.60} is for embeddings or an encoder that start anew, "
                "and pretrained brings both along; leave one of the two out"
            )


def refuse_contradictions(asked: Mapping[str, Any], own: Mapping[str, Any]) -> None:
    """Refuse parameters that were asked for and say otherwise than a pretrained model's own."""
    for name, value in own.items():
        if name in asked and as_given(asked[name]) != value:
            raise ValueError(
                f"{name}={asked[name]!r:.60}, but the pretrained model has {name}={value!r:.60}; "
                f"leave {name} out, or pretrained"
            )


def kind_asked(tokenizer: Any, own: Tokenizer) -> Any:
    """Return how tokens are asked for: by a pretrained model's kind, if as it has them."""
    alike = isinstance(tokenizer, Tokenizer) and tokenizer.to_dict() == own.to_dict()
    return own.kind if alike else tokenizer


def as_given(value: Any) -> Any:
    """Return a value of an architecture, which is JSON-able, as a parameter has it."""
    return tuple(value) if isinstance(value, list) else value
