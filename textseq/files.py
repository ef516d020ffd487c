"""One safe model file: safetensors with a JSON header, written at once, checked at load.

The file holds numbers and text only. Nothing in it is ever run, imported or
unpickled, and a checksum over the header and every array stands between a
damaged file and silently altered weights.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from textseq.atomic import whole_file

FORMAT = 1
# The header starts with the SHA-256, in hexadecimal, of itself and the arrays.
CHECKSUM_LENGTH = 64


class ModelFileError(ValueError):
    """The file is no model of ours, is damaged, or needs something the caller must pass."""


def write_model(
    path: str | os.PathLike[str], kind: str, header: dict[str, Any], arrays: dict[str, np.ndarray]
) -> Path:
    """Write a model file: to a temporary file beside it first, then renamed over it.

    Parameters
    ----------
    path : path-like
        A file of that name is replaced; it stays whole if writing fails.
    kind : str
        The estimator's name.
    header : dict
        JSON-able.
    arrays : dict of str to ndarray

    Returns
    -------
    Path
        Where it was written.
    """
    from safetensors.numpy import save

    path = Path(path)
    arrays = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    text = json.dumps({"format": FORMAT, "kind": kind, **header}, ensure_ascii=False)
    content = save(arrays, metadata={"textseq": _checksum(text, arrays) + text})
    with whole_file(path) as file:
        file.write(content)
    return path


def read_model(path: str | os.PathLike[str]) -> tuple[str, dict[str, Any], dict[str, np.ndarray]]:
    """Read a model file and verify its checksum.

    Returns
    -------
    kind : str
    header : dict
    arrays : dict of str to ndarray

    Raises
    ------
    ModelFileError
        If the file is missing, damaged, or not one of ours.
    """
    from safetensors import SafetensorError, safe_open

    path = Path(path)
    if not path.is_file():
        raise ModelFileError(f"no model file at {str(path)!r}")
    try:
        with safe_open(path, framework="numpy") as stored:
            metadata = stored.metadata() or {}
            arrays = {name: stored.get_tensor(name) for name in stored.keys()}  # noqa: SIM118
    except (SafetensorError, OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise ModelFileError(f"{str(path)!r} is not a model file, or damaged: {error}") from error
    stored_text = metadata.get("textseq")
    if stored_text is None:
        raise ModelFileError(f"{str(path)!r} is a safetensors file, but holds no textseq model")
    checksum, text = stored_text[:CHECKSUM_LENGTH], stored_text[CHECKSUM_LENGTH:]
    if checksum != _checksum(text, arrays):
        raise ModelFileError(
            f"{str(path)!r} is damaged: its checksum does not match; copy or save it again"
        )
    try:
        header = json.loads(text)
        number, kind = header.pop("format"), header.pop("kind")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ModelFileError(f"{str(path)!r} has an unreadable header: {error}") from error
    if number != FORMAT:
        raise ModelFileError(
            f"{str(path)!r} has format {number}, this textseq reads format {FORMAT}: "
            "upgrade textseq"
        )
    return kind, header, arrays


def weights_checksum(arrays: Mapping[str, np.ndarray]) -> str:
    """Return the SHA-256 of arrays: their names, types, shapes and bytes."""
    digest = hashlib.sha256()
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        digest.update(f"{name}|{array.dtype.str}|{array.shape}|".encode())
        digest.update(array.data)
    return digest.hexdigest()


def _checksum(text: str, arrays: Mapping[str, np.ndarray]) -> str:
    return hashlib.sha256((weights_checksum(arrays) + text).encode()).hexdigest()
