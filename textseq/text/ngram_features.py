"""Tokens and runs of neighbouring ones as sparse features of a text, for linear models."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np
from scipy import sparse

from textseq.ragged import Ragged, offsets_of
from textseq.text.hashed_ngrams import MOST_BUCKETS, HashedNgrams

# N-grams that are counted at once.
COUNTED_TOGETHER = 2**21


@dataclass(frozen=True, eq=False)
class NgramFeatures:
    """Weights of a text's tokens and n-grams: (1 + log tf) * sqrt(idf), scaled to length 1.

    N-grams are known by a hash of 32 bits, so that no dictionary of them grows with the corpus.
    The root of the inverse document frequency was better than the whole, and than none, on
    validation parts of nine corpora.

    Parameters
    ----------
    longest : int
        Most tokens in an n-gram.
    n_tokens : int
        Number of token ids, behind which the hashes of n-grams are counted.
    ids : ndarray of shape (F,), int64
        Ids of the tokens, and hashes of the n-grams, that are features; ascending.
    idf : ndarray of shape (F,), float32
        log((1 + n) / (1 + df)) + 1 where df of n training texts have the feature.

    References
    ----------
    Salton & Buckley (1988), "Term-weighting approaches in automatic text retrieval"; the
    logarithm of tf: Manning, Raghavan & Schütze (2008), "Introduction to Information Retrieval",
    section 6.4.1.

    Examples
    --------
    >>> ids = Ragged.from_rows([[5, 6], [5, 6, 7], [8]])
    >>> features, weights = NgramFeatures.learn(ids, n_tokens=9, longest=2, min_df=2)
    >>> weights.toarray().round(3)
    array([[0.577, 0.577, 0.577],
           [0.577, 0.577, 0.577],
           [0.   , 0.   , 0.   ]], dtype=float32)
    """

    longest: int
    n_tokens: int
    ids: np.ndarray
    idf: np.ndarray

    @classmethod
    def learn(
        cls, ids: Ragged, n_tokens: int, longest: int, min_df: int, most: int | None = None
    ) -> tuple[Self, sparse.csr_array]:
        """Take what occurs in at least ``min_df`` of the training texts for features.

        Parameters
        ----------
        ids : Ragged
            Token ids of the texts.
        n_tokens, longest : int
        min_df : int
        most : int, optional
            If there are more, those of so many that the most texts have are taken.

        Returns
        -------
        features : NgramFeatures
        weights : csr_array of shape (n, F)
            Those of the training texts, as ``transform`` returns them.
        """
        counts = _Counts.of(ids, n_tokens, longest, np.arange(len(ids)), len(ids), min_df)
        if most is not None and len(counts.ids) > most:
            kept = np.ones(len(counts.ids), dtype=bool)
            kept[np.argsort(-counts.df, kind="stable")[most:]] = False
            counts = counts.only(kept)
        idf = np.log((1 + len(ids)) / (1 + counts.df)) + 1
        features = cls(longest, n_tokens, counts.ids, idf.astype(np.float32))
        return features, features._weights(counts)

    def joined(self, others: Self) -> tuple[Self, np.ndarray]:
        """Return these features with those of others that are new, and where these are (F,)."""
        new = ~np.isin(others.ids, self.ids)
        ids, idf = (
            np.concatenate([own, more[new]])
            for own, more in ((self.ids, others.ids), (self.idf, others.idf))
        )
        order = np.argsort(ids)
        joined = type(self)(self.longest, self.n_tokens, ids[order], idf[order])
        return joined, np.searchsorted(joined.ids, self.ids)

    def __len__(self) -> int:
        return len(self.ids)

    def transform(self, ids: Ragged, text_of: np.ndarray | None = None) -> sparse.csr_array:
        """Return the weights (n, F) of n texts, float32.

        Parameters
        ----------
        ids : Ragged
            Token ids of the texts, or of pieces of them between which no n-gram reaches.
        text_of : ndarray of shape (n_pieces,), int64, optional
            The text that each piece is of, ascending; every text has a piece.
        """
        if text_of is None:
            text_of = np.arange(len(ids))
        n_texts = int(text_of[-1]) + 1 if len(text_of) else 0
        counts = _Counts.of(ids, self.n_tokens, self.longest, text_of, n_texts)
        return self._weights(counts.only(self._columns(counts.ids)[1]))

    def _weights(self, counts: _Counts) -> sparse.csr_array:
        """Return the weights (n, F) of texts from what occurs in them, features alone."""
        columns = np.searchsorted(self.ids, counts.ids)
        df = np.zeros(len(self.ids), dtype=np.int64)
        df[columns] = counts.df
        values = np.log(counts.times, dtype=np.float32)  # (N,)
        values += 1
        values *= np.repeat(np.sqrt(self.idf), df)
        # Linear solvers take indices of 32 bits.
        index = np.int32 if len(values) < 2**31 else np.int64
        weights = sparse.csc_array(
            (values, counts.texts.astype(index, copy=False), offsets_of(df).astype(index)),
            shape=(counts.n_texts, len(self.ids)),
        ).tocsr()
        squares = sparse.csr_array(
            (weights.data**2, weights.indices, weights.indptr), shape=weights.shape
        )
        lengths = np.sqrt(squares.sum(axis=1))
        weights.data /= np.repeat(np.maximum(lengths, 1e-12), np.diff(weights.indptr))
        return weights

    def _columns(self, found: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the feature that each is (m,), and whether it is any (m,)."""
        # Fastest where both are ascending: the search goes through memory once.
        columns = np.searchsorted(self.ids, found)
        known = columns < len(self.ids)
        known[known] = self.ids[columns[known]] == found[known]
        return columns, known

    def occurrences(self, ids: np.ndarray) -> Occurrences:
        """Return where the features of one text's ids (N,) stand, in the text's order."""
        text = Ragged(ids, np.array([0, len(ids)]))
        runs = _runs(text, self.n_tokens, self.longest).values
        # Tokens lie before pairs, pairs before triples.
        sizes = np.arange(1, self.longest + 1)
        n_runs = np.maximum(len(ids) - sizes + 1, 0)
        starts = np.concatenate([np.arange(n) for n in n_runs])
        weights = self.transform(text)
        columns, known = self._columns(runs)
        columns = columns[known]
        # What occurs twice in a text has one weight, half of it for each.
        times = np.bincount(columns, minlength=len(self.ids))[columns]
        shares = weights[[0]].toarray()[0, columns] / times
        return Occurrences(starts[known], np.repeat(sizes, n_runs)[known], columns, shares)


class Occurrences(NamedTuple):
    """Where features stand in a text.

    Parameters
    ----------
    starts, sizes : ndarray of shape (m,), int64
        First token of each, and number of its tokens.
    columns : ndarray of shape (m,), int64
        Which feature it is.
    shares : ndarray of shape (m,), float32
        Its share of the feature's weight.
    """

    starts: np.ndarray
    sizes: np.ndarray
    columns: np.ndarray
    shares: np.ndarray


def _runs(ids: Ragged, n_tokens: int, longest: int) -> Ragged:
    """Return each text's tokens and n-grams."""
    if longest == 1:
        return ids
    return HashedNgrams(longest, MOST_BUCKETS).append(ids, n_tokens)


class _Counts(NamedTuple):
    """How often n-grams occur in texts, ascending by n-gram, then by text.

    Parameters
    ----------
    ids, df : ndarray of shape (G,), int64
        The n-grams, and in how many texts each occurs.
    texts, times : ndarray of shape (df.sum(),)
        Which texts these are, and how often it occurs there.
    n_texts : int
    """

    ids: np.ndarray
    df: np.ndarray
    texts: np.ndarray
    times: np.ndarray
    n_texts: int

    @classmethod
    def of(
        cls,
        ids: Ragged,
        n_tokens: int,
        longest: int,
        text_of: np.ndarray,
        n_texts: int,
        min_df: int = 1,
    ) -> Self:
        """Count what occurs in so many texts; ``text_of`` tells of which each row of ids is."""
        # An n-gram and a text are one number (N,): sorted, n-grams lie side by side.
        keys = _keys(ids, n_tokens, longest, text_of, n_texts)
        keys.sort()
        # Counted some at a time: what occurs once, which is most, takes no memory.
        parts = [_counted(keys[own], n_texts, min_df) for own in _whole_ngrams(keys, n_texts)]
        del keys
        every, df, texts, times = (list(column) for column in zip(*parts, strict=True))
        parts.clear()
        return cls(_joined(every), _joined(df), _joined(texts), _joined(times), n_texts)

    def only(self, kept: np.ndarray) -> Self:
        """Return the counts of some n-grams, marked in ``kept`` (G,)."""
        if kept.all():
            return self
        own = np.repeat(kept, self.df)
        return type(self)(
            self.ids[kept], self.df[kept], self.texts[own], self.times[own], self.n_texts
        )


def _joined(parts: list[np.ndarray]) -> np.ndarray:
    """Put parts end to end, and leave none of them in memory."""
    joined = np.concatenate(parts)
    parts.clear()
    return joined


def _keys(
    ids: Ragged, n_tokens: int, longest: int, text_of: np.ndarray, n_texts: int
) -> np.ndarray:
    """Return n-gram * n_texts + text of every n-gram in the texts (N,), int64."""
    lengths = ids.lengths
    if longest > 1:
        lengths = HashedNgrams(longest, MOST_BUCKETS).lengths(lengths)
    keys = np.empty(int(lengths.sum(dtype=np.int64)), dtype=np.int64)
    end = row = 0
    for part in ids.in_parts(COUNTED_TOGETHER):
        runs = _runs(part, n_tokens, longest)
        begin, end = end, end + len(runs.values)
        np.multiply(runs.values, max(n_texts, 1), out=keys[begin:end], dtype=np.int64)
        keys[begin:end] += np.repeat(text_of[row : row + len(part)], runs.lengths)
        row += len(part)
    return keys


def _whole_ngrams(keys: np.ndarray, n_texts: int) -> Iterator[slice]:
    """Yield sorted keys some at a time, each n-gram's together; one slice at least."""
    begin = 0
    while begin < len(keys) or not begin:
        end = min(begin + COUNTED_TOGETHER, len(keys))
        if end < len(keys):
            last = keys[end - 1] // n_texts
            end = int(np.searchsorted(keys, (last + 1) * n_texts))
        yield slice(begin, end)
        begin = max(end, 1)


def _counted(
    keys: np.ndarray, n_texts: int, min_df: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return ids, df, texts and times, as ``_Counts`` has them, of n-grams of so many texts."""
    starts = np.flatnonzero(np.diff(keys, prepend=-1))
    times = np.diff(starts, append=len(keys))
    grams, texts = np.divmod(keys[starts], max(n_texts, 1))
    first = np.flatnonzero(np.diff(grams, prepend=-1))
    df = np.diff(first, append=len(grams))
    kept = df >= min_df
    own = np.repeat(kept, df)
    index = np.int32 if n_texts < 2**31 else np.int64
    return grams[first[kept]], df[kept], texts[own].astype(index), times[own].astype(np.int32)
