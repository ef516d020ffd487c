"""What a new model takes from a pretrained transformer: tokenizer, word vectors, encoder."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl
import torch
from torch import Tensor

from textseq.checks import check_count
from textseq.nn.cells import CELLS
from textseq.nn.library_transformer import library_arguments, library_weights
from textseq.nn.network import SequenceNetwork
from textseq.nn.transformer_weights import FAMILIES, read_config, read_weights
from textseq.text.hub_cache import is_hub_name
from textseq.text.tokenizer import Tokenizer
from textseq.text.transformer_folder import TransformerFolder
from textseq.text.vocabulary import SPECIALS

# Parameters of how texts are cut, and of an embedding or encoder that starts anew.
SUPERSEDED = (
    "tokenizer", "lowercase", "ngram_range", "min_df", "max_features", "hash_buckets", "vectors",
    "embedding_dim",
)  # fmt: skip
OF_ENCODERS = (
    "hidden_size", "num_layers", "bidirectional", "connections", "normalization", "activation",
    "init", "init_gain", "truncated_bptt_steps",
)  # fmt: skip
# Encoders that read the contextual states.
READERS = (*CELLS, *(f"bi{name}" for name in CELLS), "tcn")
# The least a text may be cut to: its two ends, and one token of its own.
SHORTEST = 3


@dataclass(frozen=True, eq=False)
class PretrainedTransformer:
    """A pretrained transformer, of whose files the weights are read when they are asked for.

    Parameters
    ----------
    folder : TransformerFolder
    config : dict
        Arguments of its ``Transformer`` or ``LibraryTransformer``.
    """

    folder: TransformerFolder
    config: dict[str, Any]

    @classmethod
    def open(cls, source: str | os.PathLike[str]) -> PretrainedTransformer:
        """Open a folder, or a hub's name whose files have been fetched before.

        Raises
        ------
        ValueError
            If it is not there, lacks a file or is of a family that is not read.
        ImportError
            If its family is read by a library that is not installed.
        """
        folder = TransformerFolder.open(source)
        own = folder.config.get("model_type") in FAMILIES
        return cls(folder, (read_config if own else library_arguments)(folder.config))

    @cached_property
    def _read(self) -> tuple[Tensor, dict[str, Tensor]]:
        if "config" in self.config:
            return library_weights(self.folder.path, self.config["config"])
        return read_weights(self.folder.weights(), self.config["n_layers"])

    @property
    def words(self) -> pl.Series:
        """The tokens by their ids, without a vocabulary's specials before them."""
        return self.folder.subwords.names

    @property
    def tokenizer(self) -> Tokenizer:
        """Cuts texts as the transformer was trained to read them."""
        return Tokenizer(self.folder.subwords)

    @property
    def table(self) -> Tensor:
        """The vectors of its tokens (V, D), as in the file."""
        return self._read[0]

    @property
    def ends(self) -> tuple[list[int], list[int]]:
        """The ids of a vocabulary that begin and end a text."""
        begin, end = self.folder.ends
        n_specials = len(SPECIALS)
        return [token + n_specials for token in begin], [token + n_specials for token in end]

    @property
    def n_positions(self) -> int:
        """Tokens that it can read of a text, those of its ends included."""
        most: int = self.config["n_positions"] - self.config["first_position"]
        return most

    def check_length(self, max_length: Any) -> int:
        """Return how many tokens of a text are read; "auto" is what the folder says.

        Raises
        ------
        ValueError
            If the model has fewer positions.
        """
        most = self.n_positions
        if max_length == "auto":
            return min(self.folder.max_length or most, most)
        if check_count("max_length", max_length, least=SHORTEST) > most:
            raise ValueError(
                f"max_length={max_length} is more than the {most} positions of the model"
            )
        return int(max_length)

    def settle(self, given: dict[str, Any], defaults: dict[str, Any]) -> dict[str, Any]:
        """Return a new model's parameters with the transformer's in place of defaults.

        Raises
        ------
        ValueError
            If one was given that the transformer decides.
        """
        if "max_length" in given:
            self.check_length(given["max_length"])
        encodes = given.get("representation") != "transformer"
        superseded = SUPERSEDED + (OF_ENCODERS if encodes else ())
        for name in given.keys() & superseded:
            if given[name] is not defaults[name] and given[name] != defaults[name]:
                raise ValueError(
                    f"{name}={given[name]!r:.60}, which pretrained={str(given['pretrained'])!r} "
                    "decides: it brings its own tokenizer, embeddings and layers; leave it out"
                )
        own: dict[str, Any] = {
            "lowercase": False,
            "embedding_dim": self.config["width"],
            "pretrained": self.folder.sha256,
        }
        if "tokenizer" in given:
            own["tokenizer"] = "subword"
        if encodes:
            if given["encoder"] not in ("transformer", defaults["encoder"]):
                raise ValueError(
                    f"encoder={given['encoder']!r:.60}, but pretrained="
                    f"{str(given['pretrained'])!r} is a transformer; leave encoder out, or set "
                    "representation='transformer' for one that reads its states"
                )
            width = self.config.get("out_dim", self.config["width"])
            n_layers = self.config["n_layers"]
            own |= {"encoder": "transformer", "hidden_size": width, "num_layers": n_layers}
        elif given["encoder"] not in READERS:
            raise ValueError(
                f"encoder={given['encoder']!r:.60} with representation='transformer'; its states "
                f"are read by {', '.join(READERS)}; for a pooling of them alone leave "
                "representation out and set encoder='transformer', pooling='mean'"
            )
        return given | own

    def weights(self, n_tokens: int, part: str) -> dict[str, Tensor]:
        """Return the weights of a network that come from the files, by their names in it.

        Parameters
        ----------
        n_tokens : int
            Ids of the network: those before the transformer's tokens are a vocabulary's specials,
            <pad> and <unk>, of which no text has any.
        part : str
            As ``part_of`` returns it.
        """
        table, weights = self._read
        specials = table.new_zeros(n_tokens - len(table), table.shape[1])
        named = {f"{part}.{name}": weight for name, weight in weights.items()}
        return named | {"inputs.weight": torch.cat([specials, table])}

    def fill(self, network: SequenceNetwork) -> None:
        """Give a new network the word vectors and the transformer's weights.

        Raises
        ------
        ValueError
            If the weights have other sizes than the configuration tells.
        """
        assert network.inputs.weight is not None
        own = self.weights(len(network.inputs.weight), part_of(network))
        try:
            network.load_state_dict(network.state_dict() | own)
        except RuntimeError as error:
            raise ValueError(f"the weights do not fit config.json: {error}") from error


def part_of(network: SequenceNetwork) -> str:
    """Return the name of the part of a network that is its transformer."""
    return "encoder" if network.contextual is None else "contextual"


def names_transformer(source: Any, meant: bool) -> bool:
    """Whether ``pretrained`` names a transformer: a folder, or a model as the hub names it.

    Parameters
    ----------
    source : str, path, or a fitted model
    meant : bool
        Whether a transformer is asked for, so that any path is meant to be one's folder.
    """
    if not isinstance(source, str | os.PathLike):
        return False
    path = Path(source).expanduser()
    return meant or path.is_dir() or (not path.exists() and is_hub_name(os.fspath(source)))


def check_transformer(values: Mapping[str, Any]) -> None:
    """Refuse a transformer that is not said to be which."""
    for name in ("encoder", "representation"):
        if values.get(name) == "transformer" and values["pretrained"] is None:
            raise ValueError(
                f"{name}='transformer' needs pretrained=: the folder of one with config.json, "
                "tokenizer.json and model.safetensors, or a hub's name that has been fetched before"
            )
