"""Running texts cut into tokens: what is learned from and what validates, in memory or in files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from textseq.corpus.running_text import is_running_source, open_running
from textseq.corpus.source import TextSource
from textseq.estimators.encoding.stored_tokens import stored_tokens
from textseq.estimators.encoding.text import TextEncoding
from textseq.estimators.language.texts import (
    EOS,
    characters_aside,
    fit_tokenizer,
    place_to_cut,
    read_texts,
    split_texts,
    stays_whole,
)
from textseq.estimators.receipt import data_fingerprint
from textseq.growing_array import GrowingArray
from textseq.ragged import VALUES_TOGETHER, Ragged
from textseq.row_arrays import parts_of
from textseq.stored_ragged import StoredRagged
from textseq.streams import joined
from textseq.text.tokenizer import Tokenizer
from textseq.text.tokens import Tokens


class Stretch(NamedTuple):
    """Texts, or parts of texts, one behind the other.

    Parameters
    ----------
    tokens : Tokens
    characters : ndarray of shape (n_rows,), optional
        Below 0 of what is no whole text, and goes on in the next row.
    """

    tokens: Tokens
    characters: np.ndarray | None = None


@dataclass(frozen=True, eq=False)
class RunningTokens:
    """The tokens of texts, which are read as one running text.

    Parameters
    ----------
    stretches : tuple of Stretch
        One behind the other, the last of which ends a text.
    n_texts : int
    """

    stretches: tuple[Stretch, ...]
    n_texts: int

    @classmethod
    def of_texts(cls, tokens: Tokens) -> RunningTokens:
        """Hold whole texts."""
        return cls((Stretch(tokens),), len(tokens))

    @property
    def parts(self) -> tuple[Tokens, ...]:
        """The tokens of all stretches."""
        return tuple(stretch.tokens for stretch in self.stretches)

    def ids(self, encoding: TextEncoding) -> np.ndarray:
        """Lay the ids of all texts end to end, a mark before and behind each, (n_ids,).

        Those of texts in files lie in a file, too.
        """
        mark = encoding.vocabulary.mark_id(EOS)
        in_file = any(isinstance(part.codes, StoredRagged) for part in self.parts)
        grown, last = GrowingArray(in_file), mark
        for tokens, characters in self.stretches:
            start, texts = 0, encoding.token_ids(tokens)
            for rows in texts.in_parts(VALUES_TOGETHER if in_file else max(texts.n_values, 1)):
                end = start + len(rows)
                ends = None if characters is None else characters[start:end] >= 0
                ids = joined(rows, mark, ends, begins=not grown.length)
                grown.append(ids.astype(np.int32) if in_file else ids)
                start, last = end, ids[-1] if len(ids) else last
        if last != mark:  # the text was cut in two
            grown.append(np.full(1, mark, dtype=np.int32))
        return grown.finished()


@dataclass(frozen=True, eq=False)
class CutTexts:
    """What a language model learns from, and what validates.

    Parameters
    ----------
    training : RunningTokens
    held_out : RunningTokens, optional
    tokenizer : Tokenizer
    n_texts : int
        Before any was cut in two.
    sha256 : str
        Of the data.
    columns : tuple of str, optional
        The column that texts in files are read from.
    """

    training: RunningTokens
    held_out: RunningTokens | None
    tokenizer: Tokenizer
    n_texts: int
    sha256: str
    columns: tuple[str, ...] | None = None


@dataclass(frozen=True, eq=False)
class StoredCorpus:
    """Running texts, the tokens of which lie in files.

    Parameters
    ----------
    tokens : Tokens
        Of each row, which is a text, or a part of one.
    characters : ndarray of shape (n_rows,)
        Of each row, below 0 where its text goes on in the next.
    source : TextSource
    tokenizer : Tokenizer
    sha256 : str
    """

    tokens: Tokens
    characters: np.ndarray
    source: TextSource
    tokenizer: Tokenizer
    sha256: str

    def split(self, fraction: float) -> CutTexts:
        """Set the last share of the characters aside, as ``split_texts`` does."""
        n_rows = len(self.characters)
        n_characters = sum(int(np.abs(self.characters[own]).sum()) for own in parts_of(n_rows))
        aside = characters_aside(n_characters, fraction)
        if not aside:
            return self._cut(self._rows(0, n_rows), None)
        row, before = self._row_at(n_characters - aside)
        first, last = self._text_of(row)
        own = np.abs(self.characters[first : last + 1])
        place = n_characters - aside - (before - int(own[: row - first].sum()))
        if stays_whole(int(own.sum()), place, aside):
            border = last + 1 if first == 0 else first
            return self._parted(border, border, "", "")
        text = next(self.source.batches(row))[self.source.texts[0]][0]
        place = place_to_cut(text, n_characters - aside - before)
        return self._parted(row, row + 1, text[:place], text[place:])

    def _parted(self, end: int, begin: int, head: str, tail: str) -> CutTexts:
        """Return the rows before ``end`` and a text, and a text and the rows from ``begin`` on."""
        training, held_out = self._rows(0, end), self._rows(begin, len(self.characters))
        words = self.tokens.distinct
        if head:
            # Both know the same tokens, so that they are counted without being put together.
            none = Tokens(Ragged(np.empty(0, np.int32), np.zeros(1, np.int64)), words)
            own = Tokens.concat([none, self.tokenizer.tokenize([head])])
            stored = [
                stretch._replace(tokens=Tokens(stretch.tokens.codes, own.distinct))
                for stretch in training.stretches
            ]
            training = RunningTokens((*stored, Stretch(own)), training.n_texts + 1)
        elif end and self.characters[end - 1] < 0:
            training = RunningTokens(training.stretches, training.n_texts + 1)
        if tail:
            goes_on = self.characters[begin - 1] < 0
            own = self.tokenizer.tokenize([tail])
            signs = np.array([-1.0 if goes_on else 1.0])
            n_texts = held_out.n_texts + (0 if goes_on else 1)
            held_out = RunningTokens((Stretch(own, signs), *held_out.stretches), n_texts)
        return self._cut(training, held_out if held_out.stretches else None)

    def _cut(self, training: RunningTokens, held_out: RunningTokens | None) -> CutTexts:
        n_texts = self._n_texts(0, len(self.characters))
        own = self.tokenizer, n_texts, self.sha256, self.source.texts
        return CutTexts(training, held_out, *own)

    def _rows(self, begin: int, end: int) -> RunningTokens:
        if begin == end:
            return RunningTokens((), 0)
        codes = self.tokens.codes
        assert isinstance(codes, StoredRagged)
        rows = StoredRagged(codes.stored, codes.bounds[begin : end + 1])
        own = Stretch(Tokens(rows, self.tokens.distinct), self.characters[begin:end])
        return RunningTokens((own,), self._n_texts(begin, end))

    def _n_texts(self, begin: int, end: int) -> int:
        own = self.characters[begin:end]
        return sum(int(np.count_nonzero(own[part] >= 0)) for part in parts_of(len(own)))

    def _row_at(self, place: int) -> tuple[int, int]:
        """Return the row that a character is in, or behind, and the characters before the row."""
        before = 0
        for part in parts_of(len(self.characters)):
            ends = before + np.abs(self.characters[part]).cumsum()
            row = int(np.searchsorted(ends, place))
            if row < len(ends):
                return part.start + row, int(ends[row - 1]) if row else before
            before = int(ends[-1])
        raise AssertionError(f"there is no character {place}")

    def _text_of(self, row: int) -> tuple[int, int]:
        """Return the first and the last row of a row's text."""
        first = last = row
        while first and self.characters[first - 1] < 0:
            first -= 1
        while self.characters[last] < 0:
            last += 1
        return first, last


@contextmanager
def stored_corpus(
    texts: Any, text: str | None, tokenizer: Callable[[], Tokenizer], verbose: bool
) -> Iterator[Any]:
    """Yield what a fit reads: texts as they are, or the stored corpus of a source.

    Parameters
    ----------
    texts, text
        As ``fit`` takes them.
    tokenizer : callable
        Returns what cuts the texts of a source.
    verbose : bool
    """
    if text is None and not is_running_source(texts):
        yield texts
        return
    source, own = open_running(texts, text), tokenizer()
    with stored_tokens(source, own, True, verbose) as cache:
        (tokens,) = cache.fields
        assert isinstance(cache.targets, np.ndarray)
        yield StoredCorpus(tokens, cache.targets, source, own, cache.sha256)


def cut_texts(texts: Any, fraction: float, tokenizer: Tokenizer | None, *how: Any) -> CutTexts:
    """Cut texts into tokens, and set the last share of them aside.

    Parameters
    ----------
    texts : StoredCorpus, or as ``fit`` takes them
    fraction : float
    tokenizer : Tokenizer, optional
        What cuts them; by default one that is fitted to the training texts.
    *how
        Of that one, as ``fit_tokenizer`` takes it.
    """
    if isinstance(texts, StoredCorpus):
        return texts.split(fraction)
    read = read_texts(texts)
    training, held_out = split_texts(read, fraction)
    if tokenizer is None:
        tokenizer = fit_tokenizer(training, *how)
    own = RunningTokens.of_texts(tokenizer.tokenize(training))
    others = None if held_out is None else RunningTokens.of_texts(tokenizer.tokenize(held_out))
    sha256 = data_fingerprint((read,), np.empty(0))
    return CutTexts(own, others, tokenizer, len(read), sha256)
