"""Sources beside their targets: which train and which validate, cut into tokens, in files too."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from textseq.corpus.source import TextSource, is_text_source, open_source
from textseq.corpus.text_groups import text_groups
from textseq.estimators.encoding.stored_tokens import stored_tokens
from textseq.estimators.encoding.text import fit_tokenizer
from textseq.estimators.encoding.text_rows import take_field
from textseq.estimators.receipt import data_fingerprint, series_fingerprint
from textseq.estimators.seq2seq.encoding import (
    ReadPairs,
    Seq2SeqEncoding,
    Source,
    beside_each_other,
    cut_texts,
    groups_of,
    learn_spacing,
    spacing_rows,
)
from textseq.labels.validation_split import FEWEST_VALIDATION_ROWS, split_rows
from textseq.ragged import Ragged
from textseq.row_arrays import parts_of, row_array, row_numbers
from textseq.text.inputs import field_names
from textseq.text.row_forms import TEXTS, Field, form_of
from textseq.text.spacing import Spacing
from textseq.text.tokenizer import Tokenizer
from textseq.text.tokens import Tokens


@dataclass(frozen=True, eq=False)
class CutPairs:
    """Sources and targets to learn from, cut into tokens.

    Parameters
    ----------
    source : Tokens or Ragged
    target : Tokens
    tokenizers : tuple of (Tokenizer or None, Tokenizer)
        What cut each; sources that are numbers have none.
    form : str
        What a source was, as ``Seq2SeqEncoding.source_form``.
    symbols : bool
        Whether targets were lists.
    columns : tuple of str, optional
        Names of the columns of sources.
    n_fields : {1, 2}
    spacing : Spacing, optional
    """

    source: Tokens | Ragged
    target: Tokens
    tokenizers: tuple[Tokenizer | None, Tokenizer]
    form: str
    symbols: bool
    columns: tuple[str, ...] | None
    n_fields: int
    spacing: Spacing | None


@dataclass(frozen=True, eq=False)
class GivenPairs:
    """Sources and targets in memory, not cut yet.

    Parameters
    ----------
    source : TextRows or Ragged
    target : Series or Tokens
    kind : {"text", "series", "vector"}
        Of sources.
    tokenizers : tuple
        What cuts sources and targets, as the estimator has it.
    how : tuple
        How, as ``fit_tokenizer`` takes it.
    """

    source: Source
    target: Field
    kind: str
    tokenizers: tuple[Any, Any]
    how: tuple[Any, ...]

    @property
    def sha256(self) -> str:
        """SHA-256 of the data."""
        return pairs_fingerprint(self.source, self.target)

    def split(self, fraction: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Split rows into training and validation, those of the same source together."""
        if not fraction:
            everything = row_numbers(len(self.source))
            return everything, everything[:0]
        return split_groups(groups_of(self.source), fraction, rng)

    def to_learn(self, rows: np.ndarray) -> CutPairs:
        """Return the pairs of some rows, ascending, to learn from; tokenizers learn from them."""
        source, target = self.source.take(rows), take_field(self.target, rows)
        of_sources, of_targets = self.tokenizers
        own, form, names, n_fields = None, self.kind, None, 1
        read: Tokens | Ragged
        if isinstance(source, Ragged):
            read = source
        else:
            fields, form = source.fields, form_of(source.fields)
            own = fit_tokenizer(of_sources, fields, *self.how)
            read = beside_each_other([cut_texts(own, field) for field in fields])
            names, n_fields = field_names(fields), len(fields)
        tokenizer = fit_tokenizer(of_targets, (target,), *self.how)
        tokens, spacing = cut_texts(tokenizer, target), None
        symbols = isinstance(target, Tokens)
        if not isinstance(target, Tokens):
            shown = spacing_rows(len(rows))
            spacing = learn_spacing(target.gather(pl.Series(shown)), tokens.take(shown), tokenizer)
        cut = (own, tokenizer), form, symbols, names, n_fields, spacing
        return CutPairs(read, tokens, *cut)

    def read(self, encoding: Seq2SeqEncoding, rows: np.ndarray) -> ReadPairs:
        """Return some rows as a network reads them, by what was learned."""
        return encoding.read(self.source.take(rows), take_field(self.target, rows))


@dataclass(frozen=True, eq=False)
class StoredPairs:
    """Pairs of texts, the tokens of which lie in files.

    Parameters
    ----------
    source, target : Tokens
        Of all rows.
    tokenizers : tuple of (Tokenizer, Tokenizer)
    texts : TextSource
    sha256 : str
    """

    source: Tokens
    target: Tokens
    tokenizers: tuple[Tokenizer, Tokenizer]
    texts: TextSource
    sha256: str

    def split(self, fraction: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Split rows into training and validation, those of the same source together."""
        if round(len(self.source) * fraction) < FEWEST_VALIDATION_ROWS:
            everything = row_numbers(len(self.source))
            return everything, everything[:0]
        name, _ = self.texts.texts
        groups = text_groups(frame[name] for frame in self.texts.batches())
        return split_groups(groups, fraction, rng)

    def read(self, encoding: Seq2SeqEncoding, rows: np.ndarray) -> ReadPairs:
        """Return some rows as a network reads them, by what was learned."""
        return encoding.read_cut(self.source.take(rows), self.target.take(rows))

    def to_learn(self, rows: np.ndarray) -> CutPairs:
        """Return the pairs of some rows, ascending, to learn from."""
        source, target = self.source.take(rows), self.target.take(rows)
        name = self.texts.texts[1]
        shown = spacing_rows(len(rows))
        wanted = rows[shown]
        found, start = [], 0
        for frame in self.texts.batches():
            end = start + frame.height
            first, last = np.searchsorted(wanted, [start, end])
            if last > first:
                found.append(frame[name].gather(pl.Series(wanted[first:last] - start)))
            start = end
        spacing = learn_spacing(pl.concat(found), target.take(shown), self.tokenizers[1])
        names = self.texts.texts[:1]
        return CutPairs(source, target, self.tokenizers, TEXTS, False, names, 1, spacing)


@contextmanager
def stored_pairs(
    src: Any,
    tgt: Any,
    text: str | None,
    target: str | None,
    tokenizers: Callable[[], tuple[Tokenizer, Tokenizer]],
    verbose: bool,
) -> Iterator[Any]:
    """Yield sources as they are, or the stored pairs of what they are read from.

    Parameters
    ----------
    src, tgt, text, target
        As ``fit`` takes them.
    tokenizers : callable
        Returns what cuts sources and targets that are read some at a time.
    verbose : bool

    Raises
    ------
    ValueError
        If it is not told once what the targets are.
    """
    if target is None and not is_text_source(src):
        if text is not None:
            raise ValueError(
                f"text={text!r} names a column of what is read from elsewhere, or of a frame with "
                "target=; pass src and tgt, or the frame, text= and target="
            )
        # No sources at all are refused as such, by what reads them.
        if tgt is None and src is not None:
            raise ValueError("tgt is missing; pass a target for each source")
        yield src
        return
    if target is None or tgt is not None:
        raise ValueError(
            "of sources that are read from elsewhere target= names the column of targets; pass it, "
            "and no tgt"
        )
    names = open_source(src, text, target).texts
    if len(names) > 1:
        raise ValueError(
            f"text={text!r} names two columns, and of what is read some rows at a time one is read "
            "as the source; join them into one, or pass pairs in memory"
        )
    texts, own = open_source(src, (*names, target)), tokenizers()
    with stored_tokens(texts, own, False, verbose) as cache:
        sources, targets = cache.fields
        yield StoredPairs(sources, targets, own, texts, cache.sha256)


def split_groups(
    groups: np.ndarray, fraction: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Split rows into training and validation, those of the same group (n_rows,) together."""
    n_groups = int(groups.max()) + 1
    _, held_out = split_rows(np.broadcast_to(0.0, (n_groups, 1)), fraction, rng)
    is_held_out = np.zeros(n_groups, dtype=bool)
    is_held_out[held_out] = True
    n_held_out = sum(int(is_held_out[groups[part]].sum()) for part in parts_of(len(groups)))
    sides = len(groups) - n_held_out, n_held_out
    dtype = np.int32 if len(groups) < 2**31 else np.int64
    training, validation = (row_array(n_rows, dtype) for n_rows in sides)
    n_training = 0
    for part in parts_of(len(groups)):
        own = is_held_out[groups[part]]
        first = part.start - n_training
        validation[first : first + own.sum()] = part.start + np.flatnonzero(own)
        kept = part.start + np.flatnonzero(~own)
        training[n_training : n_training + len(kept)] = kept
        n_training += len(kept)
    return training, validation


def pairs_fingerprint(source: Source, target: Field) -> str:
    """Return what a receipt keeps of the data."""
    texts = target.joined("\x1f") if isinstance(target, Tokens) else target
    if isinstance(source, Ragged):
        return series_fingerprint(source, texts.to_numpy())
    return data_fingerprint(source.fields, texts.to_numpy())
