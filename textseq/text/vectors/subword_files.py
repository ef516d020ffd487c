"""Files that hold a table of subwords: folders of model2vec, and a table beside its tokenizer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from textseq.text.subwords import Subwords
from textseq.text.vectors.files import VectorFileError
from textseq.text.vectors.subword_table import SubwordTable

# Folders within a folder that may hold model.safetensors and tokenizer.json.
_PLACES = (".", "0_StaticEmbedding")
_CONFIGS = ("config.json", "config_sentence_transformers.json")
# What the table is called in a safetensors file.
_NAMES = ("embeddings", "embedding.weight")
# Tokens of a text that model2vec reads where a table's config.json does not say.
_MAX_LENGTH = 512


def read_folder(folder: Path, name: str | None = None) -> SubwordTable:
    """Read a table that model2vec has written, potion among them, or one of its other forms.

    Unknown tokens are left out of means, as there. Token weights are multiplied into the vectors,
    and vectors that several tokens share become a row of each.

    Parameters
    ----------
    folder : Path
        With ``model.safetensors``, ``tokenizer.json`` and ``config.json``.
    name : str, optional
        The folder's by default.

    Raises
    ------
    VectorFileError
        If a file is missing or holds something else.
    """
    place = next(
        (folder / place for place in _PLACES if (folder / place / "model.safetensors").is_file()),
        folder,
    )
    for needed in ("model.safetensors", "tokenizer.json"):
        if not (place / needed).is_file():
            raise VectorFileError(
                f"{folder} is a folder without {needed}; name one that model2vec has written, or "
                "a file of word vectors"
            )
    config = _config(folder)
    arrays = _arrays(place / "model.safetensors")
    matrix, mapping = arrays["table"], arrays.get("mapping")
    if mapping is not None:
        if mapping.min(initial=0) < 0 or mapping.max(initial=-1) >= len(matrix):
            raise VectorFileError(
                f"{folder}: tokens are mapped to row {mapping.max()} of {len(matrix)}; the files "
                "do not belong together"
            )
        matrix = matrix[mapping]
    subwords = _subwords(place / "tokenizer.json", skips_unknown=True)
    max_length = config.get("max_length", _MAX_LENGTH)
    if not (max_length is None or (isinstance(max_length, int) and max_length > 0)):
        raise VectorFileError(f"{folder}: its config has max_length={max_length!r}; it is a number")
    # model2vec looks no further for so many tokens.
    median = int(np.median(subwords.names.str.len_chars().to_numpy()))
    return _table(
        place / "model.safetensors",
        subwords,
        matrix,
        arrays.get("weights"),
        name=name or folder.resolve().name,
        normalize=bool(config.get("normalize", False)),
        max_length=max_length,
        max_chars=None if max_length is None else max_length * median,
    )


def read_file(path: Path, tokenizer: Path | None = None) -> SubwordTable:
    """Read a table alone, as WordLlama has it, and its tokenizer from another file.

    All tokens have a vector, the unknown one too.

    Parameters
    ----------
    path : Path
        A safetensors file.
    tokenizer : Path, optional
        By default ``tokenizer.json`` beside it; or where WordLlama puts it: of
        ``weights/NAME_256.safetensors`` ``tokenizers/NAME_tokenizer_config.json``.

    Raises
    ------
    VectorFileError
        If a file is missing or holds something else.
    """
    if tokenizer is None:
        own = f"{path.stem.rpartition('_')[0]}_tokenizer_config.json"
        places = (
            path.with_name("tokenizer.json"),
            path.with_name(own),
            path.parent.parent / "tokenizers" / own,
        )
        tokenizer = next((place for place in places if place.is_file()), None)
    if tokenizer is None:
        raise VectorFileError(
            f"{path}: its tokenizer is not beside it ({places[0].name}, {own}); pass "
            "load_vectors(path, tokenizer=...)"
        )
    matrix = _arrays(path)["table"]
    return _table(path, _subwords(tokenizer, skips_unknown=False), matrix, name=path.stem)


def _table(path: Path, *parts: Any, **options: Any) -> SubwordTable:
    try:
        return SubwordTable.of_rows(*parts, **options)
    except ValueError as error:
        raise VectorFileError(f"{path}: {error}") from None


def _config(folder: Path) -> dict[str, Any]:
    """Return what a folder says of its table."""
    path = next((folder / name for name in _CONFIGS if (folder / name).is_file()), None)
    if path is None:
        raise VectorFileError(f"{folder} is a folder without {_CONFIGS[0]}; copy it there")
    try:
        config = json.loads(path.read_bytes())
    except ValueError as error:
        raise VectorFileError(f"{path} is no JSON: {error}") from None
    if not isinstance(config, dict):
        raise VectorFileError(f"{path} holds no object of JSON; copy the model's own there")
    return config


def _arrays(path: Path) -> dict[str, np.ndarray]:
    """Return the table of a safetensors file as "table", and "weights" and "mapping" if any."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as stored:
            names = list(stored.keys())
            found = next((name for name in _NAMES if name in names), None)
            if found is None:
                raise VectorFileError(
                    f"{path} holds no table ({' or '.join(_NAMES)}) but {len(names)} other arrays, "
                    f"{', '.join(names[:3])} among them; of an encoder, `textseq vectors distill` "
                    "makes one"
                )
            others = [name for name in ("weights", "mapping") if name in names]
            return {"table": stored.get_tensor(found)} | {
                name: stored.get_tensor(name) for name in others
            }
    except (OSError, TypeError, SafetensorError) as error:
        raise VectorFileError(f"{path} is no safetensors file that NumPy reads: {error}") from None


def _subwords(path: Path, *, skips_unknown: bool) -> Subwords:
    try:
        content = path.read_text(encoding="utf-8")
        return Subwords(content, skips_unknown=skips_unknown)
    except (OSError, ValueError) as error:
        raise VectorFileError(f"{path}: {error}") from None
