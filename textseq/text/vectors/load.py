"""Open pretrained vectors: of words, or of pieces of words with their tokenizer."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from textseq.text.hub_cache import cached_snapshot, is_hub_name
from textseq.text.vectors.downloads import DOWNLOADS, FolderDownload, download_path
from textseq.text.vectors.files import VectorFileError
from textseq.text.vectors.subword_files import read_file, read_folder
from textseq.text.vectors.subword_table import SubwordTable
from textseq.text.vectors.word_vectors import WordVectors


def load_vectors(source: Any, *, tokenizer: Any = None) -> WordVectors | SubwordTable:
    """Open pretrained vectors, for the ``vectors`` of a model or of ``MeanEmbedder``.

    Parameters
    ----------
    source : str, Path, WordVectors, SubwordTable or KeyedVectors
        All that ``WordVectors.load`` opens; or a table of subwords, which brings its own
        tokenizer: a folder that model2vec has written; the name of such a model on the Hugging
        Face hub, "minishlab/potion-base-8M", if its programs have fetched it to this machine; the
        name of a download, "potion-base-8m"; or a safetensors file of WordLlama.
    tokenizer : str or Path, optional
        Of a safetensors file alone: the JSON file of its tokenizer, where that is not beside it.

    Returns
    -------
    WordVectors or SubwordTable

    Raises
    ------
    VectorFileError
        If the files are missing, damaged or something else.

    Examples
    --------
    >>> load_vectors("glove.6B.50d.top20k")
    WordVectors 'glove.6B.50d.top20k' of 20,000 words, 50 numbers each: 'the', ',', '.', ...
    """
    table = find_table(source, tokenizer)
    if table is None and tokenizer is not None:
        raise VectorFileError(
            f"tokenizer={os.fspath(tokenizer)!r} belongs to a safetensors file, but {source!r} is "
            "none; leave it out"
        )
    return WordVectors.load(source) if table is None else table


def find_table(source: Any, tokenizer: Any = None) -> SubwordTable | None:
    """Open a table of subwords, as ``load_vectors`` does; None of anything else, unopened."""
    if isinstance(source, SubwordTable):
        return source
    if not isinstance(source, str | os.PathLike):
        return None
    path, name = Path(source).expanduser(), os.fspath(source)
    if path.is_file():
        if path.suffix != ".safetensors":
            return None
        return read_file(path, None if tokenizer is None else Path(tokenizer).expanduser())
    if path.is_dir():
        return read_folder(path)
    if isinstance(DOWNLOADS.get(name), FolderDownload):
        folder = download_path(name)
        if not folder.is_dir():
            raise VectorFileError(
                f"{name} is not on this machine yet; fetch it with "
                f"`textseq vectors download {name}`"
            )
        return read_folder(folder, name)
    if not is_hub_name(name):
        return None
    snapshot = cached_snapshot(name)
    if snapshot is None:
        raise VectorFileError(
            f"there is nothing at {name}, and Hugging Face's cache has no model of that name; "
            f"`hf download {name}` fetches it, here or where there is a network: what --local-dir "
            "FOLDER puts there can be copied, and FOLDER named here"
        )
    return read_folder(snapshot, name)
