"""Tokens and runs of neighbouring ones as sparse features of a text, for linear models."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np
from scipy import sparse

from textseq.ragged import Ragged, offsets_of
from textseq.text.hashed_ngrams import MOST_BUCKETS, HashedNgrams


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
        counts = _Counts.of(_runs(ids, n_tokens, longest), np.arange(len(ids)), len(ids))
        starts = np.flatnonzero(np.diff(counts.ids, prepend=-1))
        df = np.diff(starts, append=len(counts.ids))
        kept = df >= min_df
        if most is not None and np.count_nonzero(kept) > most:
            kept[np.argsort(-df, kind="stable")[most:]] = False
        idf = np.log((1 + len(ids)) / (1 + df[kept])) + 1
        features = cls(longest, n_tokens, counts.ids[starts[kept]], idf.astype(np.float32))
        columns = np.repeat(np.cumsum(kept) - 1, df)
        return features, features._weights(columns, np.repeat(kept, df), counts)

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
        runs = _runs(ids, self.n_tokens, self.longest)
        if text_of is None:
            text_of = np.arange(len(ids))
        n_texts = int(text_of[-1]) + 1 if len(text_of) else 0
        counts = _Counts.of(runs, text_of, n_texts)
        return self._weights(*self._columns(counts.ids), counts)

    def _weights(self, columns: np.ndarray, known: np.ndarray, counts: _Counts) -> sparse.csr_array:
        """Return the weights (n, F) of texts from what occurs in them.

        Parameters
        ----------
        columns : ndarray of shape (m,)
            The feature that each is.
        known : ndarray of shape (m,), bool
            Whether it is any.
        counts : _Counts
            Of m n-grams in texts.
        """
        columns, rows, times = columns[known], counts.texts[known], counts.times[known]
        values = (1 + np.log(times, dtype=np.float32)) * np.sqrt(self.idf)[columns]
        bounds = offsets_of(np.bincount(columns, minlength=len(self.ids)))
        # Linear solvers take indices of 32 bits.
        index = np.int32 if len(values) < 2**31 else np.int64
        weights = sparse.csc_array(
            (values, rows.astype(index), bounds.astype(index)),
            shape=(counts.n_texts, len(self.ids)),
        ).tocsr()
        lengths = np.sqrt(weights.power(2).sum(axis=1))
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
    ids, texts, times : ndarray of shape (m,)
        What occurs, in which text, how often.
    n_texts : int
    """

    ids: np.ndarray
    texts: np.ndarray
    times: np.ndarray
    n_texts: int

    @classmethod
    def of(cls, runs: Ragged, text_of: np.ndarray, n_texts: int) -> Self:
        """Count the runs of pieces of texts, ``text_of`` telling of which."""
        texts = np.repeat(text_of, runs.lengths)
        keys = np.sort(runs.values * max(n_texts, 1) + texts)
        starts = np.flatnonzero(np.diff(keys, prepend=-1))
        times = np.diff(starts, append=len(keys))
        ids, texts = np.divmod(keys[starts], max(n_texts, 1))
        return cls(ids, texts, times, n_texts)
