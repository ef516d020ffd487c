"""Tokens to ids."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any, Self

import numpy as np
import pandas as pd
import polars as pl

from textseq.expressions import evaluate
from textseq.ragged import Ragged
from textseq.text.tokens import Tokens

SPECIALS = ("<pad>", "<unk>")
PAD_ID, UNKNOWN_ID = 0, 1
# Fewer words than this are looked up one by one: a cast of polars first reads all categories.
_FEW_WORDS = 5000


class Vocabulary:
    """The tokens a model knows, each with an id and its counts.

    Id 0 is ``<pad>``, id 1 is ``<unk>`` (any token not in the vocabulary), then come the
    marks that a model adds to texts, if any, and the words: the most frequent first, equally
    frequent ones in code-point order. A text that literally says ``<pad>`` or a mark has a word of
    that name there, with an id of its own; ``<unk>`` is the unknown token, as corpora that are cut
    already write it. A vocabulary never changes.

    Parameters
    ----------
    words : sequence of str
        The tokens after the marks, without repeats.
    counts : sequence of int
        How often each word occurred.
    document_counts : sequence of int
        In how many texts each word occurred.
    n_documents : int
        Number of texts counted.
    marks : sequence of str, optional
        What a model puts beside the tokens of a text, such as ``<eos>`` behind its end, from id 2
        on.

    Examples
    --------
    >>> tokens = Tokens.from_lists([["b", "a", "b"], ["c", "a"]])
    >>> vocabulary = Vocabulary.from_tokens(tokens)
    >>> vocabulary.tokens
    ('<pad>', '<unk>', 'a', 'b', 'c')
    >>> vocabulary.encode(Tokens.from_lists([["b", "z"], ["c"]])).to_lists()
    [[3, 1], [4]]
    >>> vocabulary.decode([3, 1])
    ['b', '<unk>']
    """

    def __init__(
        self,
        words: Sequence[str] | pl.Series,
        counts: Sequence[int] | np.ndarray,
        document_counts: Sequence[int] | np.ndarray,
        n_documents: int,
        marks: Sequence[str] = (),
    ) -> None:
        self._specials = (*SPECIALS, *marks)
        self._words = pl.Series("token", words, dtype=pl.String)
        self._counts = self._with_specials(counts, "counts")
        self._document_counts = self._with_specials(document_counts, "document_counts")
        self._n_documents = int(n_documents)
        if self._words.null_count() or _says_unknown(self._words).any():
            raise ValueError(f"words must not hold None or {SPECIALS[UNKNOWN_ID]}")
        if self._words.n_unique() != len(self._words):
            repeated = self._words.filter(self._words.is_duplicated())[0]
            raise ValueError(f"the word {repeated!r} is in the list twice; every id needs one word")

    @classmethod
    def from_tokens(
        cls,
        tokens: Tokens | Sequence[Tokens],
        *,
        min_df: int | float = 1,
        max_features: int | None = None,
        marks: Sequence[str] = (),
        pieces: Sequence[str] = (),
    ) -> Vocabulary:
        """Count the tokens of texts and keep the frequent ones.

        Parameters
        ----------
        tokens : Tokens or sequence of Tokens
            Several (the two fields of text pairs) are counted together, every text as one
            document.
        min_df : int or float, default 1
            Leave out tokens of fewer than this many documents, or than this share of them.
        max_features : int, optional
            Keep at most this many words, the most frequent.
        marks : sequence of str, optional
        pieces : sequence of str, optional
            ``Tokenizer.pieces``: they all get an id, those that were not kept the last ones with
            counts of 0, so that no text is unknown.

        Raises
        ------
        ValueError
            If ``min_df`` or ``max_features`` is out of range, or no token is frequent enough.
        """
        fields = [tokens] if isinstance(tokens, Tokens) else list(tokens)
        n_documents = sum(len(field) for field in fields)
        fewest = _fewest_documents(min_df, n_documents)
        if max_features is not None:
            if max_features < 1 or max_features % 1:
                raise ValueError(
                    f"max_features={max_features} keeps no word; use a whole number of 1 or more, "
                    "or None"
                )
            max_features = int(max_features)
        distinct, counts, document_counts = _tallied(fields)
        is_word = ~_says_unknown(distinct).to_numpy()
        # What is taken of stored texts knows tokens that it has not.
        is_word &= counts > 0
        kept = np.flatnonzero(is_word & (document_counts >= fewest))
        if is_word.any() and not len(kept):
            raise ValueError(
                f"min_df={min_df} leaves no token: none is in {fewest:g} of {n_documents} texts; "
                "lower min_df"
            )
        if max_features is not None and len(kept) > max_features:
            # Sorting strings is slow: only those that can be among the first take part.
            last = len(kept) - max_features
            kept = kept[counts[kept] >= np.partition(counts[kept], last)[last]]
        table = pl.DataFrame({"token": distinct.gather(pl.Series(kept)), "code": kept})
        table = table.with_columns(pl.Series("count", counts[kept]))
        table = table.sort(["count", "token"], descending=[True, False], multithreaded=False)
        kept = table["code"].head(max_features or len(kept)).to_numpy()
        words = distinct.gather(pl.Series(kept))
        vocabulary = cls(words, counts[kept], document_counts[kept], n_documents, marks)
        return vocabulary.extended(pieces) if pieces else vocabulary

    @classmethod
    def of_words(cls, words: Sequence[str] | pl.Series, tokens: Tokens | Sequence[Tokens]) -> Self:
        """Count given words in the tokens of texts; whatever else these hold is unknown.

        Parameters
        ----------
        words : sequence of str
            All of them get an id, in this order, also those that no text holds.
        tokens : Tokens or sequence of Tokens
            As ``from_tokens`` takes them.

        Examples
        --------
        >>> tokens = Tokens.from_lists([["b", "a"], ["b"]])
        >>> Vocabulary.of_words(["c", "b"], tokens).counts.tolist()
        [0, 0, 0, 2]
        """
        counted = cls.from_tokens(tokens)
        found = counted.ids_of(words)
        counts = counted.counts[found], counted.document_counts[found]
        return cls(words, *counts, counted.n_documents)

    @cached_property
    def tokens(self) -> tuple[str, ...]:
        """Every token by its id, ``<pad>`` and ``<unk>`` first."""
        return (*self._specials, *self._words.to_list())

    @property
    def specials(self) -> tuple[str, ...]:
        """``<pad>``, ``<unk>`` and the marks, which have the first ids."""
        return self._specials

    @property
    def counts(self) -> np.ndarray:
        """Occurrences of each token by its id, shape (n_tokens,), int64; 0 for the specials."""
        return self._counts

    @property
    def document_counts(self) -> np.ndarray:
        """Texts that hold each token, by its id, shape (n_tokens,), int64."""
        return self._document_counts

    @property
    def n_documents(self) -> int:
        """Number of texts counted."""
        return self._n_documents

    @property
    def table(self) -> pd.DataFrame:
        """One row a token: ``id``, ``token``, ``count``, ``document_count``."""
        return pd.DataFrame(
            {
                "id": np.arange(len(self)),
                "token": list(self.tokens),
                "count": self._counts,
                "document_count": self._document_counts,
            }
        )

    @cached_property
    def _ids(self) -> dict[str, int]:
        return dict(zip(self._words.to_list(), range(len(self._specials), len(self)), strict=True))

    @cached_property
    def _enum(self) -> pl.Enum:
        return pl.Enum(self._words)

    def __len__(self) -> int:
        return len(self._words) + len(self._specials)

    def __contains__(self, token: object) -> bool:
        return token in self._ids

    def __getitem__(self, token: str) -> int:
        """Return the id that ``encode`` gives this token; 1 if it is unknown."""
        return self._ids.get(token, UNKNOWN_ID)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Vocabulary):
            return NotImplemented
        return (
            self._n_documents == other._n_documents
            and self._specials == other._specials
            and self._words.equals(other._words)
            and np.array_equal(self._counts, other._counts)
            and np.array_equal(self._document_counts, other._document_counts)
        )

    def __hash__(self) -> int:
        return hash((self._n_documents, self._counts.tobytes(), self.tokens))

    def __repr__(self) -> str:
        shown = ", ".join(repr(word) for word in self._words.head(5).to_list())
        more = ", ..." if len(self._words) > 5 else ""
        return f"Vocabulary of {len(self)} tokens from {self._n_documents} texts: {shown}{more}"

    def encode(self, tokens: Tokens) -> Ragged:
        """Turn tokens into ids.

        Parameters
        ----------
        tokens : Tokens of n texts

        Returns
        -------
        Ragged
            n rows of int64 ids.
        """
        return tokens.codes.through(self.ids_of(tokens.distinct))

    def ids_of(self, words: Sequence[str] | pl.Series) -> np.ndarray:
        """Return the id of each word, shape (n_words,), int64; 1 for unknown ones."""
        words = pl.Series("token", words, dtype=pl.String)
        if len(words) < _FEW_WORDS:
            ids = (self._ids.get(word, UNKNOWN_ID) for word in words)
            return np.fromiter(ids, np.int64, len(words))
        # Words take the codes 0, 1, ... of an Enum, anything else is null: shifted by the
        # specials, null is the unknown id and no code reaches them.
        codes = words.cast(self._enum, strict=False).to_physical().cast(pl.Int64)
        codes = evaluate(codes, pl.first().fill_null(UNKNOWN_ID - len(self._specials)))
        return codes.to_numpy() + len(self._specials)

    def mark_id(self, mark: str) -> int:
        """Return the id of a mark, such as ``<eos>``, which no text's token has.

        A word of the same name has another.
        """
        return self._specials.index(mark)

    def decode(self, ids: Iterable[int] | np.ndarray) -> list[str]:
        """Return the tokens of one row of ids.

        Raises
        ------
        ValueError
            If an id is not in the vocabulary.
        """
        ids = np.asarray(list(ids) if not isinstance(ids, np.ndarray) else ids, dtype=np.int64)
        wrong = ids[(ids < 0) | (ids >= len(self))]
        if len(wrong):
            raise ValueError(f"id {wrong[0]} is not among the {len(self)} ids of this vocabulary")
        tokens = self.tokens
        return [tokens[number] for number in ids.tolist()]

    def extended(self, words: Sequence[str]) -> Vocabulary:
        """Return a vocabulary with more words after those it has.

        Parameters
        ----------
        words : sequence of str
            Those not yet known get the next ids in this order, with counts of 0; ``<pad>`` and
            ``<unk>``, which files of word vectors hold for their own ends, get none.
        """
        offered = pl.Series("token", words, dtype=pl.String).unique(maintain_order=True)
        known = pl.concat([self._words, pl.Series("token", SPECIALS, dtype=pl.String)])
        new = offered.filter(~evaluate(offered, pl.first().is_in(known.implode())))
        zeros = np.zeros(len(new), dtype=np.int64)
        start = len(self._specials)
        return Vocabulary(
            pl.concat([self._words, new]),
            np.concatenate([self._counts[start:], zeros]),
            np.concatenate([self._document_counts[start:], zeros]),
            self._n_documents,
            self._specials[len(SPECIALS) :],
        )

    def to_dict(self) -> dict[str, Any]:
        """Return everything that rebuilds the vocabulary, ready for JSON."""
        start = len(self._specials)
        return {
            "words": self._words.to_list(),
            "counts": self._counts[start:].tolist(),
            "document_counts": self._document_counts[start:].tolist(),
            "n_documents": self._n_documents,
            "marks": list(self._specials[len(SPECIALS) :]),
        }

    @classmethod
    def from_dict(cls, state: dict[str, Any]) -> Vocabulary:
        """Rebuild a vocabulary from ``to_dict``."""
        counts = state["counts"], state["document_counts"], state["n_documents"]
        return cls(state["words"], *counts, state.get("marks", ()))

    def _with_specials(self, counts: Sequence[int] | np.ndarray, name: str) -> np.ndarray:
        """Put the specials' zeros before the counts of the words, read-only."""
        counts = np.asarray(counts, dtype=np.int64)
        n_words = len(self._words)
        if counts.shape != (n_words,):
            raise ValueError(
                f"{name} has shape {counts.shape}; it needs one number for each of {n_words} words"
            )
        counts = np.concatenate([np.zeros(len(self._specials), dtype=np.int64), counts])
        counts.flags.writeable = False
        return counts


def _says_unknown(tokens: pl.Series) -> pl.Series:
    return evaluate(tokens, pl.first().is_in(SPECIALS[UNKNOWN_ID:]))


def _tallied(fields: Sequence[Tokens]) -> tuple[pl.Series, np.ndarray, np.ndarray]:
    """Return distinct tokens, how often each occurs, and in how many texts."""
    distinct = fields[0].distinct
    if any(field.distinct is not distinct for field in fields):
        together = Tokens.concat(fields)
        return (together.distinct, *together.tally())
    counts, document_counts = np.sum([field.tally() for field in fields], axis=0)
    return distinct, counts, document_counts


def _fewest_documents(min_df: int | float, n_documents: int) -> float:
    """Turn ``min_df`` into a number of documents, as scikit-learn does."""
    # Whole floats above 1 are counts, as R sends them; 1.0 is all texts.
    is_share = not isinstance(min_df, int | np.integer) and (min_df <= 1 or min_df % 1 > 0)
    if min_df < 0 or (min_df < 1 and not is_share) or (min_df > 1 and is_share):
        raise ValueError(
            f"min_df={min_df!r} is out of range; use a number of texts (1 or more) "
            "or a share of them (0.0 to 1.0)"
        )
    return min_df * n_documents if is_share else min_df
