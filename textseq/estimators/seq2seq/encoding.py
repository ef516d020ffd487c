"""From the caller's sources and targets to what an encoder-decoder reads, and back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from textseq.batches import SequenceData
from textseq.estimators.encoding.series import SeriesEncoding
from textseq.estimators.encoding.text import TextEncoding, cut
from textseq.estimators.encoding.text_rows import Field, take_field
from textseq.message_language import number_of
from textseq.nn.token_decoder import BEGIN, END
from textseq.ragged import Ragged, offsets_of
from textseq.series.inputs import series_rows
from textseq.text.inputs import text_fields
from textseq.text.tokens import Tokens
from textseq.text.vocabulary import Vocabulary

SOURCES = ("text", "series", "vector")
MARKS = ("<bos>", "<eos>")

Source = Field | Ragged


@dataclass(frozen=True, eq=False)
class Seq2SeqEncoding:
    """What turns sources and targets into ids or scaled numbers.

    Parameters
    ----------
    source : TextEncoding or SeriesEncoding
        A vector is a series of one step.
    target : TextEncoding
        Its vocabulary has the marks ``<bos>`` and ``<eos>``.
    symbols : bool
        Whether targets are lists of symbols, not strings.
    longest : int
        Tokens of the longest training target.
    """

    source: TextEncoding | SeriesEncoding
    target: TextEncoding
    symbols: bool
    longest: int

    def data(self, source: Source, target: Field | None = None) -> SequenceData:
        """Return the network's rows, each weighted by its number of target tokens."""
        if isinstance(self.source, SeriesEncoding):
            assert isinstance(source, Ragged)
            read = self.source.encode(source)
        else:
            assert not isinstance(source, Ragged)
            read = self.source.token_ids(cut(self.source.tokenizer, source))
        if target is None:
            return SequenceData((read,))
        ids = with_end(self.target.token_ids(cut(self.target.tokenizer, target)))
        weights = (ids.lengths / ids.lengths.mean()).astype(np.float32)
        # The network reads its targets; the loop hands these on unread.
        return SequenceData((read, ids), np.zeros(len(ids), dtype=np.float32), weights)

    def decode(self, ids: np.ndarray) -> list[Any]:
        """Return the targets (n,) that ids (n, longest), padded with the end's, stand for."""
        lengths = (ids != END).sum(1)
        rows = [
            self.target.vocabulary.decode(row[:length])
            for row, length in zip(ids, lengths, strict=True)
        ]
        return rows if self.symbols else [self.target.tokenizer.join(row) for row in rows]

    def step_names(self, source: Source) -> list[str]:
        """Return a name for each step of the first source: its token, or its number from 1 up."""
        if isinstance(source, Ragged):
            return [str(number) for number in range(1, len(source[0]) + 1)]
        assert isinstance(self.source, TextEncoding)
        return cut(self.source.tokenizer, source).to_lists()[0][: self.source.max_length]

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON-able form."""
        return {
            "source": self.source.to_dict(),
            "target": self.target.to_dict(),
            "symbols": self.symbols,
            "longest": self.longest,
        }

    @classmethod
    def from_dict(
        cls, stored: dict[str, Any], tokenizer: Any = None, target_tokenizer: Any = None
    ) -> Seq2SeqEncoding:
        """Rebuild from ``to_dict``; callable tokenizers must be handed back."""
        source: TextEncoding | SeriesEncoding
        if "vocabulary" in stored["source"]:
            source = TextEncoding.from_dict(stored["source"], tokenizer)
        else:
            source = SeriesEncoding.from_dict(stored["source"])
        target = TextEncoding.from_dict(stored["target"], target_tokenizer or tokenizer)
        if target.vocabulary.specials[BEGIN:] != MARKS:
            raise ValueError(f"the target vocabulary lacks the marks {', '.join(MARKS)}")
        return cls(source, target, bool(stored["symbols"]), int(stored["longest"]))


def learn_target(
    tokens: Tokens, tokenizer: Any, max_length: int | None, **options: Any
) -> TextEncoding:
    """Learn the vocabulary of training targets; ``options`` are those of ``Vocabulary``."""
    vocabulary = Vocabulary.from_tokens(tokens, marks=MARKS, pieces=tokenizer.pieces, **options)
    return TextEncoding(tokenizer, vocabulary, max_length, 1)


def with_end(ids: Ragged) -> Ragged:
    """Put the end behind every row.

    Examples
    --------
    >>> with_end(Ragged.from_rows([[7, 8], []])).to_lists()
    [[7, 8, 3], [3]]
    """
    offsets = offsets_of(ids.lengths + 1)
    values = np.full(offsets[-1], END, dtype=np.int64)
    is_token = np.ones(len(values), dtype=bool)
    is_token[offsets[1:] - 1] = False
    values[is_token] = ids.values
    return Ragged(values, offsets)


def read_source(kind: str, src: Any, name: str = "src") -> Source:
    """Return sources as texts, tokens, or rows of numbers.

    Parameters
    ----------
    kind : {"text", "series", "vector"}
    src : as ``Seq2Seq.fit`` takes them
    name : str, default "src"
        What error messages call them.
    """
    if kind == "text":
        return read_target(src, name)
    if kind == "series":
        return series_rows(src, name)
    vectors = np.asarray(src)
    if vectors.ndim != 2:
        raise ValueError(
            f"{name} has shape {vectors.shape}; source='vector' takes an array of shape "
            "(n, features); for sequences of numbers use source='series'"
        )
    return series_rows(vectors[:, :, None], name)


def read_target(texts: Any, name: str = "tgt") -> Field:
    """Return strings as a polars Series, lists of symbols as Tokens."""
    if isinstance(texts, Tokens):
        return texts
    rows = texts.tolist() if isinstance(texts, pd.Series | np.ndarray) else texts
    if isinstance(rows, list | tuple) and len(rows) and isinstance(rows[0], list | tuple):
        return Tokens.from_lists([_symbols(row, index, name) for index, row in enumerate(rows)])
    fields = text_fields(texts, name)
    if len(fields) != 1:
        raise ValueError(f"{name} has two columns; pass one, for example {name}['text']")
    return fields[0]


def _symbols(row: Any, index: int, name: str) -> Sequence[str]:
    if isinstance(row, list | tuple) and all(isinstance(symbol, str) for symbol in row):
        return row
    raise ValueError(
        f"{name}[{number_of(index)}] is {str(row)[:40]}, but {name}[{number_of(0)}] is a list; "
        "pass lists of strings, or strings, throughout"
    )


def take_source(source: Source, rows: np.ndarray) -> Source:
    """Pick rows of sources."""
    return source.take(rows) if isinstance(source, Ragged) else take_field(source, rows)


def groups_of(source: Source) -> np.ndarray:
    """Return a number (n,) for each source, the same for the same text."""
    if isinstance(source, Ragged):
        return np.arange(len(source))
    texts = source.joined("\x1f") if isinstance(source, Tokens) else source
    return np.unique(np.array(texts.to_list(), dtype=object), return_inverse=True)[1]
