"""A pretrained transformer as it lies in a folder: configuration, tokenizer, weights, pooling."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from textseq.ragged import Ragged, offsets_of
from textseq.text.hub_cache import cached_snapshot, hub_cache, is_hub_name
from textseq.text.subwords import Subwords, use_pool

if TYPE_CHECKING:
    from tokenizers import Tokenizer

WEIGHTS = "model.safetensors"
POOLINGS = {
    "pooling_mode_cls_token": "first",
    "pooling_mode_mean_tokens": "mean",
    "pooling_mode_max_tokens": "max",
}


@dataclass(frozen=True, eq=False)
class TransformerFolder:
    """A folder of Hugging Face's form, opened without the network and without anybody's code.

    Parameters
    ----------
    path : Path
    config : dict
        ``config.json``.
    """

    path: Path
    config: dict[str, Any]

    @classmethod
    def open(cls, source: str | os.PathLike[str]) -> Self:
        """Open a folder, or a hub's name whose files have been fetched before.

        Raises
        ------
        ValueError
            If it is not there, or lacks a file; the message says how to fetch it by hand.
        """
        path = _found(source)
        for name in ("config.json", "tokenizer.json", WEIGHTS):
            if not (path / name).exists():
                raise ValueError(
                    f"{path} has no {name}; a model is a folder with config.json, tokenizer.json "
                    f"and {WEIGHTS} (weights of another form, such as pytorch_model.bin, can hold "
                    "code and are not read)"
                )
        return cls(path, _read_json(path / "config.json"))

    @cached_property
    def tokenizer(self) -> Tokenizer:
        """The tokenizer, which pads nothing and cuts nothing off."""
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(self.path / "tokenizer.json"))
        tokenizer.no_padding()
        tokenizer.no_truncation()
        return tokenizer

    @cached_property
    def subwords(self) -> Subwords:
        """What the tokenizer cuts texts into, without the tokens at a text's ends.

        Raises
        ------
        ValueError
            If it can't number its tokens 0, 1, 2 and so on.
        """
        return Subwords((self.path / "tokenizer.json").read_text("utf-8"))

    @cached_property
    def ends(self) -> tuple[list[int], list[int]]:
        """The ids that begin and end a text: those of [CLS] and [SEP], of BERT."""
        bare = self.tokenizer.encode("a", add_special_tokens=False).ids
        whole = self.tokenizer.encode("a").ids
        start = next(
            place
            for place in range(len(whole) - len(bare) + 1)
            if whole[place : place + len(bare)] == bare
        )
        return whole[:start], whole[start + len(bare) :]

    def weights(self) -> dict[str, Any]:
        """Return the arrays of ``model.safetensors`` by name, as tensors."""
        from safetensors.torch import load_file

        weights: dict[str, Any] = load_file(str(self.path / WEIGHTS))
        return weights

    @property
    def max_length(self) -> int | None:
        """Tokens that the model's makers read of a text, those of its ends included."""
        file = self.path / "sentence_bert_config.json"
        found = _read_json(file).get("max_seq_length") if file.exists() else None
        return None if found is None else int(found)

    @property
    def pooling(self) -> str:
        """How its makers make one vector of a text: "mean" where they do not say."""
        for part in self._modules("Pooling"):
            file = self.path / part / "config.json"
            modes = _read_json(file) if file.exists() else {}
            chosen = [name for mode, name in POOLINGS.items() if modes.get(mode)]
            if len(chosen) == 1:
                return chosen[0]
        return "mean"

    @property
    def normalize(self) -> bool:
        """Whether its makers scale every vector to length 1."""
        return bool(self._modules("Normalize"))

    @cached_property
    def sha256(self) -> str:
        """Fingerprint of weights and tokenizer."""
        digest = hashlib.sha256()
        for name in (WEIGHTS, "tokenizer.json", "config.json"):
            with (self.path / name).open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
        return digest.hexdigest()

    def ids(self, texts: Sequence[str], max_length: int) -> Ragged:
        """Return the ids of texts, with those that begin and end one, cut to ``max_length``."""
        tokenizer = self.tokenizer
        tokenizer.enable_truncation(max_length)
        use_pool()
        rows = [encoding.ids for encoding in tokenizer.encode_batch_fast(list(texts))]
        lengths = np.fromiter(map(len, rows), np.int64, len(rows))
        values = np.fromiter((one for row in rows for one in row), np.int64, int(lengths.sum()))
        return Ragged(values, offsets_of(lengths))

    def _modules(self, kind: str) -> list[str]:
        """Return the folders of a sentence encoder's parts of one kind."""
        file = self.path / "modules.json"
        modules: list[dict[str, Any]] = _read_json(file) if file.exists() else []
        return [part["path"] for part in modules if str(part["type"]).endswith(f".{kind}")]


def _read_json(path: Path) -> Any:
    try:
        return json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise ValueError(f"{path} is no JSON: {error}") from error


def _found(source: str | os.PathLike[str]) -> Path:
    """Return the folder of a path, or the snapshot of a hub's name in the cache."""
    path, name = Path(source).expanduser(), os.fspath(source)
    if path.is_dir():
        return path
    snapshot = cached_snapshot(name) if is_hub_name(name) else None
    if snapshot is not None:
        return snapshot
    raise ValueError(
        f"there is no folder {name!r}"
        + (
            f", nor has {name} been fetched to {hub_cache()}; fetch it by hand: pip install "
            f"huggingface_hub, then hf download {name}"
            if is_hub_name(name)
            else "; name a folder, or a model as the hub does: organisation/name"
        )
    )
