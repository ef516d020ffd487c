"""One safe model file: safetensors with a JSON header, written at once, checked at load.

The file holds numbers and text only. Nothing in it is ever run, imported or
unpickled, and a checksum over the header and every array stands between a
damaged file and silently altered weights.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from textseq.atomic import whole_file

FORMAT = 1
# The header starts with the SHA-256, in hexadecimal, of itself and the arrays.
CHECKSUM_LENGTH = 64


class ModelFileError(ValueError):
    """The file is no model of ours, is damaged, or needs something the caller must pass.

    Examples
    --------
    >>> from textseq import load_model
    >>> try:
    ...     load_model(b"a letter")
    ... except ModelFileError as error:
    ...     print(type(error).__name__)
    ModelFileError
    """


StrPath = str | os.PathLike[str]


def write_model(
    target: StrPath | BinaryIO, kind: str, header: dict[str, Any], arrays: dict[str, np.ndarray]
) -> Path | None:
    """Write a model file: to a temporary file beside it first, then renamed over it.

    Parameters
    ----------
    target : path-like or file open for writing bytes
        A file of that name is replaced; it stays whole if writing fails.
    kind : str
        The estimator's name.
    header : dict
        JSON-able.
    arrays : dict of str to ndarray

    Returns
    -------
    Path or None
        Where it was written; None for an open file.
    """
    from safetensors.numpy import save

    arrays = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    text = json.dumps({"format": FORMAT, "kind": kind, **header}, ensure_ascii=False)
    content = save(arrays, metadata={"textseq": _checksum(text, arrays) + text})
    if isinstance(target, str | os.PathLike):
        with whole_file(target) as file:
            file.write(content)
        return Path(target)
    if not hasattr(target, "write"):
        raise ValueError(f"path is {target!r:.60}; name a file, or pass one open for writing bytes")
    if isinstance(target, io.TextIOBase):
        raise ValueError("the file is open for text; open it by open(path, 'wb')")
    target.write(content)
    return None


def read_model(
    source: StrPath | bytes | BinaryIO,
) -> tuple[str, dict[str, Any], dict[str, np.ndarray]]:
    """Read a model file and verify its checksum.

    Parameters
    ----------
    source : path-like, bytes, or file open for reading bytes

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
    from safetensors import SafetensorError

    where = name_of(source)
    try:
        if isinstance(source, str | os.PathLike):
            metadata, arrays = _from_path(Path(source))
        else:
            metadata, arrays = _from_bytes(_content(source))
    except ModelFileError:
        raise
    except (SafetensorError, *_UNREADABLE) as error:
        raise ModelFileError(f"{where} is not a model file, or damaged: {error}") from error
    stored_text = metadata.get("textseq")
    if stored_text is None:
        raise ModelFileError(f"{where} is a safetensors file, but holds no textseq model")
    checksum, text = stored_text[:CHECKSUM_LENGTH], stored_text[CHECKSUM_LENGTH:]
    if checksum != _checksum(text, arrays):
        raise ModelFileError(
            f"{where} is damaged: its checksum does not match; copy or save it again"
        )
    try:
        header = json.loads(text)
        number, kind = header.pop("format"), header.pop("kind")
    except _UNREADABLE as error:
        raise ModelFileError(f"{where} has an unreadable header: {error}") from error
    if number != FORMAT:
        raise ModelFileError(
            f"{where} has format {number}, this textseq reads format {FORMAT}: upgrade textseq"
        )
    return kind, header, arrays


def name_of(source: Any) -> str:
    """Return what errors call a model file, its bytes or an open file."""
    if isinstance(source, str | os.PathLike):
        return repr(os.fspath(source))
    return "the model file passed as bytes" if isinstance(source, _BYTES) else "the open file"


_BYTES = (bytes, bytearray, memoryview)
_UNREADABLE = (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError)


def _from_path(path: Path) -> tuple[dict[str, str], dict[str, np.ndarray]]:
    from safetensors import safe_open

    if path.is_dir():
        raise ModelFileError(f"{str(path)!r} is a folder; name the model file within it")
    if not path.is_file():
        raise ModelFileError(f"no model file at {str(path)!r}")
    with safe_open(path, framework="numpy") as stored:
        arrays = {name: stored.get_tensor(name) for name in stored.keys()}  # noqa: SIM118
        return stored.metadata() or {}, arrays


def _from_bytes(content: bytes) -> tuple[dict[str, str], dict[str, np.ndarray]]:
    from safetensors.numpy import load

    arrays = load(content)  # it checks the length of the header first
    header = content[8 : 8 + int.from_bytes(content[:8], "little")]
    return json.loads(header).get("__metadata__") or {}, arrays


def _content(source: Any) -> bytes:
    """Return the bytes of a file, open or read already."""
    if isinstance(source, _BYTES):
        return bytes(source)
    if not hasattr(source, "read"):
        raise ModelFileError(
            f"a model file can't be read from {source!r:.60}; pass its path, its bytes, or the "
            "file open for reading bytes"
        )
    content = source.read()
    if not isinstance(content, _BYTES):
        raise ModelFileError("the file is open for text; open it by open(path, 'rb')")
    return bytes(content)


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
