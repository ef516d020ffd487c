"""Runs of neighbouring tokens, hashed into a fixed number of ids."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from textseq.kernels.library import kernels
from textseq.ragged import Ragged, offsets_of
from textseq.stored_ragged import Step, StoredRagged

MULTIPLIER = np.uint64(116049371)  # of fastText
GOLDEN = np.uint64(0x9E3779B97F4A7C15)  # 2^64 over the golden ratio
HALF = np.uint64(32)
# The hash is 32 bits wide.
MOST_BUCKETS = 2**32


@dataclass(frozen=True)
class HashedNgrams:
    """N-grams without a vocabulary: each takes one of ``n_buckets`` ids by its hash.

    The ids a, b of two tokens give ``a * 116049371 + b``, a third ``(...) * 116049371 + c``,
    modulo 2^64; the upper half of that times 2^64 over the golden ratio chooses the bucket.
    N-grams that share a bucket share an id. An unknown token takes part as ``<unk>``.

    Parameters
    ----------
    longest : int
        Most tokens in a run, at least 2.
    n_buckets : int

    References
    ----------
    Joulin et al. (2017), "Bag of Tricks for Efficient Text Classification", section 2.2;
    the choice of the bucket: Knuth (1998), "The Art of Computer Programming" 3, section 6.4.

    Examples
    --------
    >>> ids = Ragged.from_rows([[5, 6, 5], [6]])
    >>> HashedNgrams(longest=2, n_buckets=100).append(ids, n_tokens=10).to_lists()
    [[5, 6, 5, 106, 109], [6]]
    """

    longest: int
    n_buckets: int

    def __post_init__(self) -> None:
        for name, least, most in (("longest", 2, MOST_BUCKETS), ("n_buckets", 1, MOST_BUCKETS)):
            value = getattr(self, name)
            if not isinstance(value, int) or not least <= value <= most:
                raise ValueError(f"{name} must be from {least} to {most}, got {value!r}")

    def append(self, ids: Ragged, n_tokens: int) -> Ragged:
        """Return each text's ids, then those of its pairs, its triples and so on.

        Parameters
        ----------
        ids : Ragged
            Token ids under ``n_tokens``.
        n_tokens : int
            Number of token ids; the buckets' ids follow them.

        Returns
        -------
        Ragged
            Ids under ``n_tokens + n_buckets``.
        """
        if isinstance(ids, StoredRagged):
            return ids.then(Step(partial(self.append, n_tokens=n_tokens), self.lengths))
        library = kernels()
        if library is None or ids.values.dtype != np.int64:
            return self._in_numpy(ids, n_tokens)
        longest = min(self.longest, int(ids.lengths.max(initial=0)))
        offsets = offsets_of(
            sum((np.maximum(ids.lengths - size, 0) for size in range(1, longest)), ids.lengths)
        )
        values = np.empty(offsets[-1], dtype=np.int64)
        own = np.ascontiguousarray(ids.values), np.ascontiguousarray(ids.offsets)
        library.append_ngrams(
            own[0].ctypes.data, own[1].ctypes.data, len(ids), longest, n_tokens,
            self.n_buckets, values.ctypes.data, offsets.ctypes.data,
        )  # fmt: skip
        return Ragged(values, offsets)

    def lengths(self, lengths: np.ndarray) -> np.ndarray:
        """Return how many ids texts (n,) of so many tokens have."""
        more = (np.maximum(lengths - size, 0) for size in range(1, self.longest))
        return np.asarray(sum(more, lengths))

    def _in_numpy(self, ids: Ragged, n_tokens: int) -> Ragged:
        row = np.repeat(np.arange(len(ids)), ids.lengths)  # (N,), text of each token
        tokens = ids.values.astype(np.uint64)
        runs, rows = [ids.values], [row]
        hashes = tokens
        longest = min(self.longest, int(ids.lengths.max(initial=0)))
        for size in range(2, longest + 1):
            # Run i is the one of a token less, and token i + size - 1: (count,). Texts lie end to
            # end, and runs that reach into the next one are left out afterwards.
            count = max(len(row) - size + 1, 0)
            hashes = hashes[:count] * MULTIPLIER + tokens[size - 1 :]
            inside = row[:count] == row[size - 1 :]
            buckets = ((hashes[inside] * GOLDEN >> HALF) * np.uint64(self.n_buckets)) >> HALF
            runs.append(buckets.astype(np.int64) + n_tokens)
            rows.append(row[:count][inside])
        # A stable sort by text keeps tokens before pairs, pairs before triples.
        together = np.concatenate(rows)
        order = np.argsort(together, kind="stable")
        offsets = offsets_of(np.bincount(together, minlength=len(ids)))
        return Ragged(np.concatenate(runs)[order], offsets)
