"""Tokens that memory need not hold: cut once as they are read, told of on stderr if asked."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from textseq.corpus.source import TextSource
from textseq.corpus.token_cache import TokenCache, tokens_of
from textseq.text.tokenizer import Tokenizer
from textseq.training.progress import write_line

# Seconds between the lines that tell how far reading is.
TOLD_EVERY = 5.0


@contextmanager
def stored_tokens(
    source: TextSource,
    tokenizer: Tokenizer | tuple[Tokenizer, ...],
    numeric: bool,
    verbose: bool,
) -> Iterator[TokenCache]:
    """Yield the tokens of a source, and its targets, as they lie in files.

    Parameters
    ----------
    source : TextSource
    tokenizer : Tokenizer, or a tuple of them
        As ``tokens_of`` takes it.
    numeric : bool
        Whether the targets are numbers, and not labels.
    verbose : bool
        Whether lines tell how far reading is, and where the tokens lie.
    """
    told = _Told(source.where) if verbose else None
    with tokens_of(source, tokenizer, numeric, told) as cache:
        if told is not None:
            told.end(cache)
        yield cache


def refuse_learning(tokenizer: Tokenizer, parameter: str, others: str = "") -> None:
    """Refuse a tokenizer that would learn from texts, of which not all are in memory.

    Parameters
    ----------
    tokenizer : Tokenizer
    parameter : str
        The estimator's that names it.
    others : str, default ""
        What the tokenizer is made with beside its kind, as a message writes it.
    """
    if tokenizer.kind == "bpe" and not tokenizer.pieces:
        raise ValueError(
            f"{parameter}='bpe' learns its pieces from texts in memory, and these are read some "
            "rows at a time; let it learn from some of them first: "
            f"{parameter}=textseq.Tokenizer('bpe'{others}).fit(texts)"
        )


class _Told:
    """Lines on stderr about how far reading is."""

    def __init__(self, where: str) -> None:
        self.where, self.last = where, time.monotonic()

    def __call__(self, n_rows: int) -> None:
        if time.monotonic() - self.last >= TOLD_EVERY:
            self.last = time.monotonic()
            write_line(f"{self.where}: {n_rows:,} rows read")

    def end(self, cache: TokenCache) -> None:
        """Tell where the tokens are."""
        n_tokens = sum(field.codes.n_values for field in cache.fields)
        write_line(
            f"{self.where}: {n_tokens:,} tokens of {len(cache):,} rows in '{cache.folder}', "
            f"{cache.n_bytes / 1e6:,.1f} MB"
        )
