"""The rows that ``--encoders`` names: encoders of textseq, and models that others trained."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from textseq.cli.options import names_of


def encoder_rows(listed: str) -> list[Any]:
    """Return the rows of a comparison from their names.

    Parameters
    ----------
    listed : str
        Separated by commas: names of encoders, or ``KIND:NAME`` of a pretrained model.

    Returns
    -------
    list of str or dict
        As ``compare`` takes them.

    Examples
    --------
    >>> encoder_rows("mean, api:text-embedding-3-small")
    ['mean', {'api:text-embedding-3-small': ApiEmbedder()}]
    """
    return [{name: _pretrained(name)} if ":" in name else name for name in names_of(listed)]


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


_KINDS: dict[str, Callable[[str], Any]] = {"api": _api}
