"""Running text as rows that say what comes next: whole texts, or streams cut into windows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from textseq.batches import Batches
from textseq.ragged import Ragged
from textseq.row_arrays import parts_of, row_array, row_numbers


def joined(
    texts: Ragged, mark: int, ends: np.ndarray | None = None, *, begins: bool = True
) -> np.ndarray:
    """Lay the ids of texts end to end, with a mark before the first and behind every one.

    Parameters
    ----------
    texts : Ragged
    mark : int
        Id of ``<eos>``.
    ends : ndarray of shape (n_texts,), bool, optional
        Whether each is the end of a text, and not a part that the next one goes on from.
    begins : bool, default True
        Whether nothing stands before them, and so a mark.

    Returns
    -------
    ndarray of shape (n_ids + n_ends + begins,), int64

    Examples
    --------
    >>> texts = Ragged.from_rows([[5, 6], [7]])
    >>> joined(texts, mark=2).tolist()
    [2, 5, 6, 2, 7, 2]
    >>> joined(texts, 2, np.array([False, True]), begins=False).tolist()
    [5, 6, 7, 2]
    """
    marks = np.ones(len(texts), dtype=np.int64) if ends is None else ends.astype(np.int64)
    before = np.cumsum(marks) - marks + int(begins)
    ids = np.full(len(texts.values) + int(marks.sum()) + int(begins), mark, dtype=np.int64)
    ids[np.arange(len(texts.values)) + np.repeat(before, texts.lengths)] = texts.values
    return ids


@dataclass(frozen=True, eq=False)
class NextTokens:
    """Rows of running text, each token of which a network should say from those before it.

    Row r reads the ids from ``starts[r]`` on, ``lengths[r]`` of them, and should say the one
    behind each.

    Parameters
    ----------
    ids : ndarray of shape (n_ids,), of whole numbers
        Those of very long text may be mapped from a file.
    starts, lengths : ndarray of shape (n_rows,), int64
    streams : ndarray of shape (n_rows,), int64
        Rows of the same number go on where the row before of that number stopped.
    mean_length : float
        Tokens a row, of all rows that these were taken from.
    """

    ids: np.ndarray
    starts: np.ndarray
    lengths: np.ndarray
    streams: np.ndarray
    mean_length: float

    @classmethod
    def of_rows(
        cls, ids: np.ndarray, starts: np.ndarray, lengths: np.ndarray, streams: np.ndarray
    ) -> NextTokens:
        """Hold rows, all there are."""
        return cls(ids, starts, lengths, streams, float(lengths.mean()))

    @classmethod
    def of_texts(cls, texts: Ragged, mark: int) -> NextTokens:
        """Make a row of each text: the mark says its first token, its last one the mark."""
        starts = texts.offsets[:-1] + np.arange(len(texts))
        return cls.of_rows(joined(texts, mark), starts, texts.lengths + 1, np.arange(len(texts)))

    @classmethod
    def side_by_side(cls, ids: np.ndarray, n_streams: int) -> NextTokens:
        """Cut running text into so many rows of the same length, give or take a token."""
        bounds = np.arange(n_streams + 1) * (len(ids) - 1) // n_streams
        return cls.of_rows(ids, bounds[:-1], np.diff(bounds), np.arange(n_streams))

    def windows(self, steps: int) -> NextTokens:
        """Cut rows into windows of so many steps, row by row of each in turn.

        All rows are cut as the shortest is, so that each has as many windows.

        Examples
        --------
        >>> streams = NextTokens.side_by_side(np.arange(13), n_streams=2)
        >>> windows = streams.windows(4)
        >>> windows.starts.tolist(), windows.lengths.tolist(), windows.streams.tolist()
        ([0, 6, 4, 10], [4, 4, 2, 2], [0, 1, 0, 1])
        """
        shortest, n_rows = int(self.lengths.min()), len(self)
        firsts = np.arange(0, shortest, steps)
        # Of very long text there are many, and of each but one window as many steps.
        starts, lengths, streams = (row_array(len(firsts) * n_rows, np.int64) for _ in range(3))
        for part in parts_of(len(starts)):
            window, row = np.divmod(np.arange(part.start, part.stop), n_rows)
            starts[part] = firsts[window] + self.starts[row]
            lengths[part] = np.minimum(shortest - firsts[window], steps)
            streams[part] = self.streams[row]
        return NextTokens.of_rows(self.ids, starts, lengths, streams)

    def pieces(self, steps: int) -> NextTokens:
        """Cut rows into pieces of so many steps at most, each a row that begins anew.

        Examples
        --------
        >>> texts = NextTokens.of_texts(Ragged.from_rows([[5, 6, 7], [8]]), mark=2)
        >>> pieces = texts.pieces(3)
        >>> pieces.starts.tolist(), pieces.lengths.tolist()
        ([0, 3, 4], [3, 1, 2])
        """
        n_pieces = -(-self.lengths // steps)
        own = np.repeat(np.arange(len(self)), n_pieces)
        firsts = (np.arange(len(own)) - np.repeat(np.cumsum(n_pieces) - n_pieces, n_pieces)) * steps
        lengths = np.minimum(self.lengths[own] - firsts, steps)
        starts = self.starts[own] + firsts
        return NextTokens.of_rows(self.ids, starts, lengths, np.arange(len(own)))

    def __len__(self) -> int:
        return len(self.starts)

    @property
    def n_steps(self) -> int:
        """Tokens that are said."""
        return int(self.lengths.sum())

    @property
    def targets(self) -> np.ndarray:
        """Nothing, once a row: what to say stands in the rows themselves."""
        nothing = row_array(len(self), np.int64)
        nothing[:] = 0
        return nothing

    @property
    def weights(self) -> np.ndarray:
        """Tokens of each row (n_rows,), float32, as multiples of the mean over all rows."""
        weights = row_array(len(self), np.float32)
        for part in parts_of(len(self)):
            weights[part] = self.lengths[part] / self.mean_length
        return weights

    def take(self, rows: np.ndarray) -> NextTokens:
        """Name some of the rows; the ids are shared."""
        return NextTokens(
            self.ids, self.starts[rows], self.lengths[rows], self.streams[rows], self.mean_length
        )

    def arrays(self) -> list[tuple[np.ndarray, ...]]:
        """Return what is read and what is said next, (B, T) both, lengths (B,), streams (B,).

        Both are 0 beyond a row's length.
        """
        width = np.arange(int(self.lengths.max(initial=1)))
        places = np.minimum(self.starts[:, None] + width, len(self.ids) - 2)
        read, said = (self.ids[at].astype(np.int64, copy=False) for at in (places, places + 1))
        beyond = width >= self.lengths[:, None]
        if beyond.any():
            read[beyond] = said[beyond] = 0
        return [(read, said, self.lengths, self.streams)]


def in_order(
    lengths: np.ndarray, batch_size: int, rng: np.random.Generator | None = None
) -> Batches:
    """Take rows as they come, a batch of them at a time: the plan of windows of streams.

    Examples
    --------
    >>> [rows.tolist() for rows in in_order(np.array([4, 4, 2]), batch_size=2)]
    [[0, 1], [2]]
    """
    rows = row_numbers(len(lengths))
    bounds = np.append(np.arange(0, len(rows), batch_size), len(rows))
    return Batches(rows, bounds, row_numbers(len(bounds) - 1))
