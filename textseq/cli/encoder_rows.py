"""The rows that ``--encoders`` names: encoders of textseq, and models that others trained."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from textseq.cli.options import names_of


def encoder_rows(listed: str) -> list[Any]:
    """Return the rows of a comparison from their names.

    Parameters
    ----------
    listed : str
        Separated by commas: names of encoders, or ``KIND:NAME`` of a pretrained model:
        ``api:MODEL`` of an embedding service, ``transformer:FOLDER`` of one whose vectors are
        read as they are.

    Returns
    -------
    list of str or dict
        As ``compare`` takes them.

    Raises
    ------
    ValueError
        If a name is not known, or a folder not there.

    Examples
    --------
    >>> encoder_rows("mean, api:text-embedding-3-small")
    ['mean', {'api:text-embedding-3-small': ApiEmbedder()}]
    """
    names = names_of(listed)
    shown = [_shown(name) for name in names]
    return [
        {short if shown.count(short) == 1 else name: _pretrained(name)} if ":" in name else name
        for name, short in zip(names, shown, strict=True)
    ]


def _shown(name: str) -> str:
    """Return what a row is called: a folder by its own name, without those above it."""
    kind, _, model = name.partition(":")
    return f"{kind}:{Path(model).name}" if Path(model).is_dir() and model else name


def _pretrained(name: str) -> Any:
    from textseq.checks import check_choice

    kind, _, model = name.partition(":")
    check_choice("kind of model", kind, _KINDS)
    if not model:
        raise ValueError(f"{name!r} names no model; write it after the colon")
    return _KINDS[kind](model)


def _api(model: str) -> Any:
    from textseq.embedding.api_embedder import ApiEmbedder

    return ApiEmbedder(model)


def _transformer(model: str) -> Any:
    from textseq.estimators.transformer_embedder import TransformerEmbedder
    from textseq.text.transformer_folder import TransformerFolder

    TransformerFolder.open(model)
    return TransformerEmbedder(model)


_KINDS: dict[str, Callable[[str], Any]] = {"api": _api, "transformer": _transformer}
