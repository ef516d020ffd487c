"""The texts of a language model: what it learns from, what validates, tokens and vocabulary."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import polars as pl

from textseq.batches import NetworkRows
from textseq.estimators.encoding.fitted_rows import cut_as_fitted, read_as_fitted
from textseq.estimators.encoding.text import TextEncoding
from textseq.streams import NextTokens
from textseq.text.inputs import one_or_more
from textseq.text.row_forms import TEXTS, form_of, read_rows
from textseq.text.tokenizer import Tokenizer
from textseq.text.tokens import Tokens
from textseq.text.vocabulary import Vocabulary

EOS = "<eos>"
# With fewer characters than this the best epoch would be chosen by luck.
FEWEST_VALIDATION_CHARACTERS = 200
# A text stays whole if it is no longer than this share of the part for validation.
SHORT = 0.1
# Validation text is read as so many streams side by side, if each is as long as this.
MOST_STREAMS, SHORTEST_STREAM = 64, 500
# Characters of the training texts for each piece that "bpe" learns, and fewest pieces.
CHARACTERS_A_PIECE, FEWEST_PIECES = 200, 512
# Of so many words or more, those met once only stand for the unknown ones, so that the
# model learns what to expect of these.
LONG = 10_000


def read_texts(texts: Any) -> pl.Series:
    """Return texts to learn from, or to count the characters of, as polars strings."""
    fields = read_rows(texts, "texts")
    if form_of(fields) == TEXTS:
        assert isinstance(fields[0], pl.Series)
        return fields[0]
    what = "two texts a row" if len(fields) == 2 else "lists of tokens"
    remedy = "pass one text a row"
    if len(fields) == 1:
        remedy = (
            "pass texts; those of level=str.split have just the tokens between their spaces: "
            "[' '.join(row) for row in texts]"
        )
    raise ValueError(f"texts holds {what}, and a language model reads whole texts; {remedy}")


def read_tokens(encoding: TextEncoding, texts: Any) -> Tokens:
    """Return the tokens of texts, or of lists of tokens, as a fitted model reads them."""
    how = TEXTS, encoding.tokenizer, encoding.vocabulary
    return cut_as_fitted(read_as_fitted(one_or_more(texts), "texts", *how)[0], *how)


def check_left_out(y: Any, n_texts: int) -> None:
    """Refuse what stands where scikit-learn has labels, which are left out, and is none.

    Raises
    ------
    ValueError
        If it is no row for each text, as the texts that should validate are not.
    """
    if y is None:
        return
    n_rows = None if isinstance(y, str) or not hasattr(y, "__len__") else len(y)
    if n_rows != n_texts:
        shown = "is no list" if n_rows is None else f"has {n_rows:,} rows"
        raise ValueError(
            f"y, which a language model has no use for, {shown}, and there are {n_texts:,} texts; "
            "leave it out, or if these are the texts that choose the best epoch, name them: "
            "validation_data=..."
        )


def split_texts(texts: pl.Series, fraction: float) -> tuple[pl.Series, pl.Series | None]:
    """Set the last share of the characters aside.

    A long text is cut at white space; one that is short beside the part set aside stays whole.

    Returns
    -------
    training : Series
    validation : Series or None
        None if it would be too short to tell anything.

    Examples
    --------
    >>> training, validation = split_texts(pl.Series(["to be or not " * 100]), 0.25)
    >>> training[0][-10:], validation[0][:9], len(validation[0])
    ('be or not ', 'to be or ', 325)
    """
    lengths = texts.str.len_chars().to_numpy().astype(np.int64)
    ends = lengths.cumsum()
    aside = characters_aside(int(ends[-1]), fraction)
    if not aside:
        return texts, None
    row = int(np.searchsorted(ends, ends[-1] - aside))
    text = texts[row]
    place = len(text) - (int(ends[row]) - (int(ends[-1]) - aside))
    if stays_whole(len(text), place, aside):
        within = len(text) if row == 0 else 0
    else:
        within = place_to_cut(text, place)
    first = [text[:within]] if within else []
    second = [text[within:]] if within < len(text) else []
    training = pl.concat([texts[:row], pl.Series(first, dtype=pl.String)])
    validation = pl.concat([pl.Series(second, dtype=pl.String), texts[row + 1 :]])
    return training, validation if len(validation) else None


def characters_aside(n_characters: int, fraction: float) -> int:
    """Return how many characters are set aside for validation; 0 of those that tell nothing."""
    aside = round(n_characters * fraction)
    return aside if aside >= FEWEST_VALIDATION_CHARACTERS else 0


def stays_whole(length: int, place: int, aside: int) -> bool:
    """Whether a text is not cut at a place where so many characters would be set aside.

    Parameters
    ----------
    length : int
        Of the text, in characters.
    place : int
        Characters before the place.
    aside : int
    """
    return length <= SHORT * aside or not place


def place_to_cut(text: str, place: int) -> int:
    """Return where a text is cut in two: behind white space before a place, if there is some."""
    spaces = [found.end() for found in re.finditer(r"\s+", text[:place])]
    return spaces[-1] if spaces else place


def fit_tokenizer(
    texts: pl.Series,
    level: str | Tokenizer | Callable[[str], list[str]],
    lowercase: bool | str,
    max_features: int | None,
) -> Tokenizer:
    """Return a tokenizer fitted to the training texts; one that is fitted stays as it is."""
    n_pieces = int(texts.str.len_chars().sum()) // CHARACTERS_A_PIECE
    most = Tokenizer().vocab_size if max_features is None else int(max_features)
    return new_tokenizer(level, lowercase, max(min(n_pieces, most), FEWEST_PIECES)).fit(texts)


def new_tokenizer(
    level: str | Tokenizer | Callable[[str], list[str]], lowercase: bool | str, n_pieces: int
) -> Tokenizer:
    """Return a tokenizer that has learned nothing yet; one that is given stays as it is."""
    if isinstance(level, Tokenizer):
        return level
    lower = level == "word" if lowercase == "auto" else bool(lowercase)
    return Tokenizer(level, lowercase=lower, vocab_size=n_pieces)


def learn_encoding(
    tokens: Sequence[Tokens], tokenizer: Tokenizer, min_count: int | str, max_features: int | None
) -> TextEncoding:
    """Learn the vocabulary of the training tokens, in one part or several."""
    vocabulary = _vocabulary(tokens, tokenizer, min_count, max_features)
    # Pieces of other texts' words, so that none is unknown.
    return TextEncoding(tokenizer, vocabulary.extended(tokenizer.pieces), None, 1)


def extend_encoding(
    encoding: TextEncoding, tokens: Sequence[Tokens], min_count: int | str, max_features: int | None
) -> TextEncoding:
    """Add the words of new texts to a vocabulary."""
    own = _vocabulary(tokens, encoding.tokenizer, min_count, max_features)
    words = own.tokens[len(own.specials) :]
    return TextEncoding(encoding.tokenizer, encoding.vocabulary.extended(words), None, 1)


def fewest_occurrences(min_count: int | str, tokenizer: Tokenizer, n_tokens: int) -> int:
    """Return how often a token must occur in texts of so many tokens; "auto" is decided."""
    if min_count != "auto":
        return int(min_count)
    return 2 if tokenizer.kind not in ("char", "bpe") and n_tokens >= LONG else 1


def _vocabulary(
    tokens: Sequence[Tokens], tokenizer: Tokenizer, min_count: int | str, max_features: int | None
) -> Vocabulary:
    n_tokens = sum(part.codes.n_values for part in tokens)
    if not n_tokens:
        raise ValueError(
            "no text has a token, as if all were empty; pass texts that hold something"
        )
    every = Vocabulary.from_tokens(tokens, max_features=max_features, marks=(EOS,))
    fewest = fewest_occurrences(min_count, tokenizer, n_tokens)
    first = len(every.specials)
    # The most frequent come first.
    kept = slice(first, first + int((every.counts[first:] >= fewest).sum()))
    if len(every) > first and kept.stop == first:
        raise ValueError(
            f"min_count={fewest} leaves no token: none occurs so often; lower min_count"
        )
    counts = every.counts[kept], every.document_counts[kept]
    return Vocabulary(every.tokens[kept], *counts, every.n_documents, (EOS,))


def text_rows(encoding: TextEncoding, tokens: Tokens) -> NextTokens:
    """Make a row of each text's tokens, its end included."""
    ids = encoding.token_ids(tokens)
    return NextTokens.of_texts(ids, encoding.vocabulary.mark_id(EOS))


def validation_rows(ids: np.ndarray) -> NetworkRows:
    """Lay the ids of validation texts (n_ids,) out as streams that are read side by side."""
    n_streams = min(max((len(ids) - 1) // SHORTEST_STREAM, 1), MOST_STREAMS)
    return NextTokens.side_by_side(ids, n_streams)
