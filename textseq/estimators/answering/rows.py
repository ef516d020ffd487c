"""Questions and passages as the network reads them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from textseq.ragged import Ragged, offsets_of
from textseq.text.tokens import Tokens

# Tokens behind which a sentence is over.
SENTENCE_ENDS = (".", "!", "?", "...", "。", "！", "？", "؟", "।")
# Share of the rows, those of the shortest passages, that the first epochs read; the share of all
# epochs from which on more are read, and that from which on all are.
FIRST_SHARE, MORE_FROM, ALL_FROM = 0.15, 0.2, 0.6


@dataclass(frozen=True, eq=False)
class AnsweringRows:
    """What the network reads of questions and passages, and the spans that are right.

    Parameters
    ----------
    questions : Ragged of int32
        Ids.
    sentences : Ragged of int32
        Ids of the distinct sentences of all passages.
    passages : Ragged of int64
        Which of these the sentences of each passage are.
    matched : Ragged of float32
        1 for each token of a passage that stands in its question, else 0.
    spans : Ragged of int64 (n_spans, 2), optional
        First and last token, within the passage, of each span that is right.
    """

    questions: Ragged
    sentences: Ragged
    passages: Ragged
    matched: Ragged
    spans: Ragged | None = None

    weights = None

    def __len__(self) -> int:
        return len(self.questions)

    @property
    def targets(self) -> np.ndarray:
        """Nothing of its own: the network reads the spans, and answers by its losses."""
        return np.zeros(len(self), dtype=np.int64)

    @property
    def lengths(self) -> np.ndarray:
        """Tokens of each passage, shape (n_rows,)."""
        return self.matched.lengths

    @property
    def n_steps(self) -> int:
        """Tokens of all questions and passages together."""
        return self.questions.n_values + self.matched.n_values

    def drawn(self, rng: np.random.Generator, done: float) -> AnsweringRows:
        """Return what an epoch reads: at first short passages alone, again and again.

        That an answer follows from several sentences is seen where there are few of them; from
        stories of 4 to 24 sentences alone it was not learned.

        References
        ----------
        Bengio et al. (2009), "Curriculum Learning".
        """
        share = float(np.interp(done, [MORE_FROM, ALL_FROM], [FIRST_SHARE, 1.0]))
        n_read = int(share * len(self))
        if n_read >= len(self):
            return self
        shortest = np.argsort(self.passages.lengths, kind="stable")[: max(n_read, 1)]
        return self.take(np.resize(rng.permutation(shortest), len(self)))

    def take(self, rows: np.ndarray) -> AnsweringRows:
        """Copy the named rows."""
        spans = None if self.spans is None else self.spans.take(rows)
        questions, passages = self.questions.take(rows), self.passages.take(rows)
        return AnsweringRows(questions, self.sentences, passages, self.matched.take(rows), spans)

    def arrays(self) -> list[tuple[np.ndarray, ...]]:
        """Return what ``AnsweringNetwork`` takes: of these rows each distinct sentence once."""
        distinct, codes = np.unique(self.passages.values, return_inverse=True)
        own = self.sentences.take(distinct)
        passage = own.values, own.offsets, codes, self.passages.offsets, self.matched.values
        spans = () if self.spans is None else (self.spans.values, self.spans.offsets)
        return [(self.questions.values, self.questions.offsets), (*passage, *spans)]


def cut_sentences(tokens: Tokens) -> tuple[Ragged, Ragged]:
    """Cut passages into sentences, and keep each distinct one once.

    Parameters
    ----------
    tokens : Tokens
        Of n passages.

    Returns
    -------
    sentences : Ragged of int32
        Codes of the tokens of each distinct sentence.
    passages : Ragged of int64, n rows
        Which of these the sentences of each passage are.

    Examples
    --------
    >>> tokens = Tokens.from_lists([["it", "rains", ".", "why", "?"], ["why", "?", "it", "does"]])
    >>> sentences, passages = cut_sentences(tokens)
    >>> passages.to_lists()
    [[0, 1], [1, 2]]
    """
    ends = tokens.distinct.is_in(pl.Series(SENTENCE_ENDS)).to_numpy()
    codes, offsets = tokens.codes.values, tokens.codes.offsets
    # A sentence starts with a passage, and behind what ends one, but not before a second end.
    is_end = ends[codes]
    starts = np.zeros(len(codes) + 1, dtype=bool)
    starts[1:-1] = is_end[:-1] & ~is_end[1:]
    starts[offsets] = True
    bounds = np.flatnonzero(starts)
    numbers: dict[bytes, int] = {}
    firsts: list[int] = []
    found = np.empty(max(len(bounds) - 1, 0), dtype=np.int64)
    for place, (start, end) in enumerate(zip(bounds[:-1], bounds[1:], strict=True)):
        key = codes[start:end].tobytes()
        found[place] = numbers.setdefault(key, len(numbers))
        if len(numbers) > len(firsts):
            firsts.append(place)
    sentences = Ragged(codes, bounds).take(np.array(firsts, dtype=np.int64))
    n_sentences = np.diff(np.searchsorted(bounds, offsets))
    return sentences, Ragged(found, offsets_of(n_sentences))


def matches(questions: Tokens, passages: Tokens) -> Ragged:
    """Return for each token of a passage whether it stands in its question: 1 or 0.

    Examples
    --------
    >>> asked, told = Tokens.from_lists([["who", "runs"]]), Tokens.from_lists([["ana", "runs"]])
    >>> matches(asked, told).to_lists()
    [[0.0, 1.0]]
    """
    both = Tokens.concat([questions, passages])
    asked, told = _rows(both, 0, len(questions)), _rows(both, len(questions), len(both))
    n_codes = len(both.distinct)

    def keys(part: Ragged) -> np.ndarray:
        return np.repeat(np.arange(len(part)), part.lengths) * n_codes + part.values

    return Ragged(np.isin(keys(told), keys(asked)).astype(np.float32), told.offsets)


def _rows(tokens: Tokens, start: int, end: int) -> Ragged:
    return tokens.codes.take(np.arange(start, end))


def joined_rows(rows: Sequence[np.ndarray]) -> Ragged:
    """Lay arrays (n_i, 2) of spans end to end."""
    lengths = np.fromiter(map(len, rows), np.int64, len(rows))
    return Ragged(np.concatenate(rows).reshape(-1, 2), offsets_of(lengths))
