"""The embedding table's first values: pretrained where a word is known, random elsewhere."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import torch
from torch import Tensor, nn

from textseq.expressions import evaluate
from textseq.text.vectors.load import load_vectors
from textseq.text.vectors.subword_table import SubwordTable
from textseq.text.vectors.word_vectors import WordVectors
from textseq.text.vocabulary import SPECIALS, Vocabulary

# Pretrained words beyond the training texts that a model keeps, commonest first
# (word vector files are sorted so): what a test text may bring.
MAX_EXTRA_WORDS = 400_000
RANDOM_SCALE = 0.1
# Learning rate of pretrained vectors, as a share of the network's.
PRETRAINED_RATE = 0.5
# Of a table of subwords whose numbers have a root mean square of 1; and that of many classes.
SUBWORD_RATE, OF_MANY = 8 / 3, 2.0


def with_known_words(vocabulary: Vocabulary, vectors: WordVectors) -> Vocabulary:
    """Append the words of ``vectors`` that the training texts did not hold.

    So a word first met at prediction keeps its pretrained vector.
    """
    return vocabulary.extended(vectors.words.head(MAX_EXTRA_WORDS).to_list())


def random_table(n_tokens: int, dim: int, rng: np.random.Generator) -> np.ndarray:
    """Return small random vectors (V, D); zeros for ``<pad>`` and ``<unk>``."""
    table = rng.normal(0.0, RANDOM_SCALE, (n_tokens, dim)).astype(np.float32)
    table[:2] = 0
    return table


def pretrained_table(
    vocabulary: Vocabulary, vectors: WordVectors, rng: np.random.Generator
) -> np.ndarray:
    """Return the vectors (V, D) of a vocabulary's tokens.

    Tokens that ``vectors`` lacks get vectors of their pieces, of fastText's, and else random ones
    of the same spread. The rows of ``<pad>`` and ``<unk>`` are zeros: an unknown word says
    nothing, unless training meets some.
    """
    tokens = pl.Series(vocabulary.tokens, dtype=pl.String)
    rows = vectors.lookup(tokens)
    rows[:2] = -1
    known = rows >= 0
    table = np.empty((len(vocabulary), vectors.dim), dtype=np.float32)
    table[known] = vectors.matrix[rows[known]]
    std = float(table[known].std()) if known.any() else RANDOM_SCALE
    unknown = int((~known).sum())
    table[~known] = rng.normal(0.0, std, (unknown, vectors.dim))
    composed = vectors.composed(tokens.filter(pl.Series(~known)))
    if composed is not None:
        table[~known] = composed
    # n-grams add to their words' vectors what training finds, and nothing before it.
    table[evaluate(tokens, pl.first().str.contains(" ", literal=True)).to_numpy()] = 0
    table[:2] = 0
    return table


def read_vectors(vectors: Any) -> WordVectors | SubwordTable | None:
    """Return vectors given as such, as what ``load_vectors`` opens, or as None."""
    return None if vectors is None else load_vectors(vectors)


def read_word_vectors(vectors: Any, reader: str) -> WordVectors | None:
    """Return word vectors as ``read_vectors`` does, for a model that reads tokens of another kind.

    Raises
    ------
    ValueError
        If they are a table of subwords, which ``reader`` has no use for.
    """
    found = read_vectors(vectors)
    if isinstance(found, SubwordTable):
        raise ValueError(
            f"vectors={found.name!r} are a table of subwords, whose own tokenizer cuts whole "
            f"texts, and {reader} reads tokens of another kind; pass word vectors"
        )
    return found


def table_rate(vectors: Any, freeze: bool, recipe: str) -> float:
    """Return the learning rate of the embedding table, as a share of the network's."""
    if freeze:
        return 0.0
    return 1.0 if vectors is None or recipe == "plain" else PRETRAINED_RATE


def subword_rate(table: Tensor, many_classes: bool) -> float:
    """Return that rate for a table of subwords (V, D): it grows with the size of its numbers.

    Adam steps by the rate, however large a number is, and tables come in sizes of their own. Many
    classes ask more of the table than a few do.
    """
    size = float(table.detach().square().mean().sqrt())
    return SUBWORD_RATE * size * (OF_MANY if many_classes else 1.0)


def fill_embeddings(
    weight: nn.Parameter | None,
    vocabulary: Vocabulary,
    vectors: WordVectors | SubwordTable | None,
    rng: np.random.Generator,
) -> None:
    """Set the embedding table (V, D), where there is one, to pretrained vectors or random ones."""
    if weight is None:
        return
    if vectors is None:
        table = random_table(len(vocabulary), weight.shape[1], rng)
        # A piece of no training text says nothing.
        table[vocabulary.counts == 0] = 0
    elif isinstance(vectors, SubwordTable):
        # Behind <pad> and <unk>, tokens have the table's order.
        table = np.concatenate(
            [np.zeros((len(SPECIALS), vectors.dim), dtype=np.float32), vectors.matrix]
        )
    else:
        table = pretrained_table(vocabulary, vectors, rng)
    weight.data = torch.from_numpy(_with_hashed(table, len(weight)))


def _with_hashed(table: np.ndarray, n_rows: int) -> np.ndarray:
    """Add the rows of hashed n-grams (n_rows, D): zeros, so that unseen ones say nothing."""
    if n_rows == len(table):
        return table
    longer = np.zeros((n_rows, table.shape[1]), dtype=table.dtype)
    longer[: len(table)] = table
    return longer
