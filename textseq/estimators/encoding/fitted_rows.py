"""Rows as a model reads them that was fitted to texts, to lists of tokens, or to pairs of texts."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from textseq.message_language import number_of
from textseq.ragged import Ragged
from textseq.text.odd_rows import shown, whole_texts
from textseq.text.row_forms import PAIRS, TEXTS, TOKENS, Field, are_texts, form_of, read_rows
from textseq.text.tokenizer import Tokenizer
from textseq.text.tokens import Tokens
from textseq.text.vocabulary import UNKNOWN_ID, Vocabulary


def read_as_fitted(
    X: Any,
    name: str,
    form: str | None,
    tokenizer: Tokenizer,
    vocabulary: Vocabulary,
    columns: tuple[str, ...] | None = None,
) -> tuple[Field, ...]:
    """Read rows for a model that was fitted to rows of one form.

    Parameters
    ----------
    X, name, columns
        As ``read_rows`` takes them.
    form : {"texts", "tokens", "pairs"} or None
        That of the rows that were learned from; None where a file does not tell.
    tokenizer, vocabulary
        The model's.

    Raises
    ------
    ValueError
        If the rows are of a form that can't be turned into the model's.
    """
    fields = read_rows(X, name, form or TOKENS, columns)
    found = form_of(fields)
    if found == form == TOKENS and not isinstance(X, Tokens):
        assert isinstance(fields[0], Tokens)
        refuse_whole_texts(fields[0], vocabulary, name)
    if form is None or found == form:
        return fields
    if found == TOKENS and form == TEXTS:
        assert isinstance(fields[0], Tokens)
        return (_uncut(fields[0], name, tokenizer, isinstance(X, Tokens)),)
    row = [part.to_lists()[0] if isinstance(part, Tokens) else part[0] for part in fields]
    raise ValueError(
        f"the model was fitted to {_FITTED[form]}, and {name}[{number_of(0)}] is {_FOUND[found]}, "
        f"{' and '.join(map(shown, row))}; {_REMEDY[form, found]}"
    )


def refuse_whole_texts(tokens: Tokens, vocabulary: Vocabulary, name: str) -> None:
    """Raise ValueError if what should be tokens are texts: of several words, and unknown."""
    if are_texts(tokens) and (vocabulary.ids_of(tokens.distinct) == UNKNOWN_ID).mean() > 0.5:
        raise whole_texts(tokens.to_lists(), name, fitted=True)


def cut_as_fitted(
    field: Field, form: str | None, tokenizer: Tokenizer, vocabulary: Vocabulary
) -> Tokens:
    """Return the tokens of rows that ``read_as_fitted`` read.

    Tokens that a model is given which cuts texts itself are lowered and composed as its texts
    are, and those that its vocabulary lacks are cut as a text is.

    Examples
    --------
    >>> tokenizer = Tokenizer()
    >>> vocabulary = Vocabulary.from_tokens(tokenizer.tokenize(["I don't"]))
    >>> tokens = Tokens.from_lists([["I", "don't"]])
    >>> cut_as_fitted(tokens, "texts", tokenizer, vocabulary).to_lists()
    [['i', 'do', "n't"]]
    """
    if not isinstance(field, Tokens):
        return tokenizer.tokenize(field)
    if form == TOKENS:
        return field.composed()
    if form is None or tokenizer.kind in _OF_PIECES:
        return field
    words = field.distinct.str.to_lowercase() if tokenizer.lowercase else field.distinct
    if not callable(tokenizer.kind):
        words = words.str.normalize("NFC")
    known = vocabulary.ids_of(words) != UNKNOWN_ID
    if tokenizer.kind == "char" or known.all():
        return Tokens.from_flat(words.gather(pl.Series(field.codes.values)), field.lengths)
    whole = Tokens.from_flat(words.filter(pl.Series(known)), np.ones(known.sum(), dtype=np.int64))
    parts = Tokens.concat([whole, tokenizer.tokenize(words.filter(pl.Series(~known)))])
    order = np.argsort(np.argsort(~known, kind="stable"), kind="stable")
    cut = parts.codes.take(order).take(field.codes.values)
    return Tokens(Ragged(cut.values, cut.offsets[field.codes.offsets]), parts.distinct)


# Tokenizers whose tokens are parts of words.
_OF_PIECES = ("bpe", "subword")
_FITTED = {TEXTS: "texts", TOKENS: "lists of tokens", PAIRS: "two texts a row"}
_FOUND = {TEXTS: "one text", TOKENS: "a list of tokens", PAIRS: "two texts"}
_REMEDY = {
    (TEXTS, PAIRS): "pass one text a row",
    (TOKENS, TEXTS): "cut texts as those were cut: text.split() gives words, list(text) characters",
    (TOKENS, PAIRS): "pass lists of tokens",
    (PAIRS, TEXTS): "pass pairs, or a frame with two columns",
    (PAIRS, TOKENS): "pass pairs of texts, or a frame with two columns",
}


def _uncut(tokens: Tokens, name: str, tokenizer: Tokenizer, own: bool) -> Field:
    """Return tokens that can be read in place of texts, or as texts what is one a row.

    Parameters
    ----------
    own : bool
        Whether they were handed in as Tokens, as the model's own tokenizer gives them.
    """
    if own and tokenizer.kind in _OF_PIECES:
        if set(tokens.distinct.to_list()) <= set(tokenizer.pieces):
            return tokens
    elif tokenizer.kind == "char":
        parts = tokenizer.tokenize(tokens.distinct).lengths
        if (parts <= 1).all():
            return tokens
    elif tokenizer.kind not in _OF_PIECES and tokenizer.ngram_range == (1, 1):
        return tokens
    if (tokens.lengths == 1).all():
        return tokens.flat
    row = tokens.to_lists()[int(tokens.lengths.argmax())]
    raise ValueError(
        f"the model was fitted to texts, which it cuts into {_parts_of(tokenizer)}, and "
        f"{name} holds lists of tokens, such as {shown(row)}; pass texts: "
        f"[' '.join(row) for row in {name}]"
    )


def _parts_of(tokenizer: Tokenizer) -> str:
    if tokenizer.kind in _OF_PIECES:
        return "pieces of words"
    return "characters" if tokenizer.kind == "char" else "runs of words"
