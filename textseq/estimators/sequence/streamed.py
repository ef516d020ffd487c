"""Fits to rows that memory need not hold: where they are read from, and what of them is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from textseq.corpus.source import is_text_source, open_source
from textseq.estimators.encoding.stored_tokens import stored_tokens
from textseq.estimators.encoding.text_rows import StoredTexts
from textseq.text.tokenizer import Tokenizer


@contextmanager
def stored_rows(
    X: Any,
    y: Any,
    text: Any,
    target: str | None,
    text_columns: Any,
    tokenizer: Callable[[], Tokenizer],
    numeric: bool,
    verbose: bool,
) -> Iterator[tuple[Any, Any]]:
    """Yield what a fit reads: rows and targets as they are, or the stored ones of a source.

    Parameters
    ----------
    X, y, text, target
        As ``fit`` takes them.
    text_columns : str or sequence of str, optional
        What names the texts where ``text`` does not.
    tokenizer : callable
        Returns what cuts the texts of a source.
    numeric : bool
        Whether numbers are predicted, and not labels.
    verbose : bool

    Raises
    ------
    ValueError
        If it is not told once what to predict.
    """
    if target is None and not is_text_source(X):
        if text is not None:
            raise ValueError(
                f"text={text!r} names a column of what is read from elsewhere, or of a frame with "
                f"target=; of X and y text_columns={text!r} says which columns hold the texts"
            )
        yield X, y
        return
    if (y is None) == (target is None):
        given = "both are" if y is not None else "neither is"
        raise ValueError(
            f"y, or target= with the name of a column of X, says what to predict, and {given} given"
        )
    source = open_source(X, text if text is not None else text_columns, target)
    with stored_tokens(source, tokenizer(), numeric, verbose) as cache:
        rows = StoredTexts(cache.fields, None, source.texts, cache.sha256)
        yield rows, y if target is None else cache.targets
