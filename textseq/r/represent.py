"""Tokens, ids, word vectors and samples for R, which keeps them as vectors of its own."""

from __future__ import annotations

import json
import os
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from textseq.data_files import SHIPPED_VECTORS
from textseq.r.parameters import python_value
from textseq.samples import SAMPLES, load_sample
from textseq.text.hub_cache import is_hub_name
from textseq.text.represent import MeanEmbedder
from textseq.text.tokenizer import Tokenizer
from textseq.text.tokens import Tokens
from textseq.text.vectors.downloads import DOWNLOADS
from textseq.text.vectors.load import find_table, load_vectors
from textseq.text.vectors.subword_table import SubwordTable
from textseq.text.vectors.word_vectors import WordVectors
from textseq.text.vocabulary import Vocabulary

# Words that R shows of word vectors that it does not hold.
SHOWN_WORDS = 5


def sample(asked: list[str]) -> Any:
    """Return a shipped sample; series and their labels by name."""
    loaded = load_sample(asked[0])
    if isinstance(loaded, tuple):
        (X, y), (X_test, y_test) = loaded
        return {"x": X, "y": y, "x_test": X_test, "y_test": y_test}
    return loaded


def sample_names() -> list[str]:
    """Return the names of the shipped samples."""
    return list(SAMPLES)


def learn_tokenizer(
    kind: list[str], texts: list[str] | None, parameters: dict[str, Any]
) -> dict[str, Any]:
    """Make a tokenizer and fit it on texts, if there are any.

    Returns
    -------
    dict
        ``state``, the JSON that rebuilds it, and ``pieces``, how many it has learned.
    """
    options = {name: python_value(value) for name, value in parameters.items()}
    options["ngram_range"] = tuple(options["ngram_range"])
    tokenizer = Tokenizer(kind[0], **options)
    if texts is not None:
        tokenizer = tokenizer.fit(texts)
    return {"state": json.dumps(tokenizer.to_dict()), "pieces": len(tokenizer.pieces)}


def cut_texts(texts: list[str], tokenizer: dict[str, list[str]]) -> dict[str, Any]:
    """Cut texts into tokens.

    Returns
    -------
    dict
        ``distinct``, the tokens that occur; ``codes`` (n_tokens,), every token of every text
        by its place there, from 0; ``lengths`` (n_texts,).
    """
    tokens = python_value(tokenizer).tokenize(texts)
    return {
        "distinct": tokens.distinct.to_list(),
        "codes": tokens.codes.values,
        "lengths": tokens.lengths,
    }


def learn_vocabulary(
    texts: list[str] | list[list[str]],
    tokenizer: dict[str, list[str]] | None,
    parameters: dict[str, Any],
) -> dict[str, Any]:
    """Count the tokens of texts.

    Parameters
    ----------
    texts : list of str, or their tokens as lists of str
    tokenizer : handle or None
        None if ``texts`` are tokens.
    parameters : dict
        Of ``Vocabulary.from_tokens``.

    Returns
    -------
    dict
        ``table``, ``n_documents``, and ``longest``, the tokens of the longest text.
    """
    if tokenizer is None:
        tokens, pieces = Tokens.from_lists(texts), ()
    else:
        cutter = python_value(tokenizer)
        tokens, pieces = cutter.tokenize(texts), cutter.pieces
    options = {name: python_value(value) for name, value in parameters.items()}
    vocabulary = Vocabulary.from_tokens(tokens, pieces=pieces, **options)
    return {
        "table": vocabulary.table,
        "n_documents": vocabulary.n_documents,
        "longest": int(tokens.lengths.max(initial=0)),
    }


def open_vectors(source: list[str], words: list[str] | None) -> dict[str, Any]:
    """Read word vectors.

    Parameters
    ----------
    source : list of one str
        A path, a sample's name, or that of a download which was fetched before; a table of
        subwords, too.
    words : list of str or None
        Keep only these.

    Returns
    -------
    dict
        As ``described``; only of ``words`` does it hold the numbers.
    """
    place = _absolute(source[0])
    table = find_table(place)
    if table is None:
        vectors = WordVectors.load(place, words)
        return described(vectors, None if words is not None else place)
    if words is not None:
        raise ValueError(
            f"{source[0]!r} is a table of subwords, all of which its tokenizer needs; leave words "
            "out, or choose them by as.matrix(vectors, words)"
        )
    return described(table.vectors, place)


def train_vectors(
    texts: list[str] | list[list[str]], method: list[str], parameters: dict[str, Any]
) -> dict[str, Any]:
    """Train word vectors on texts, or on their tokens.

    Returns
    -------
    dict
        As ``described``.
    """
    options = {name: python_value(value) for name, value in parameters.items()}
    return described(WordVectors.train(texts, method[0], **options), None)


def make_vectors(words: list[str], numbers: np.ndarray) -> dict[str, Any]:
    """Take word vectors that R holds as a matrix.

    Parameters
    ----------
    words : list of str
    numbers : ndarray of shape (n_words, dim)

    Returns
    -------
    dict
        As ``described``.
    """
    return described(WordVectors(words, numbers, "matrix"), None)


def described(vectors: WordVectors, source: str | None) -> dict[str, Any]:
    """Return what R keeps of word vectors.

    Returns
    -------
    dict
        ``id``, ``name``, ``source``, ``n_words``, ``dim``, ``shown``, the first words; and
        where there is no source to read them from again ``words`` and ``numbers``, float32 row
        after row.
    """
    held = source is None
    return {
        "id": vectors.fingerprint,
        "name": vectors.name,
        "source": source,
        "n_words": len(vectors),
        "dim": vectors.dim,
        "shown": vectors.words.head(SHOWN_WORDS).to_list(),
        "words": vectors.words.to_list() if held else None,
        "numbers": vectors.matrix.astype("<f4").tobytes() if held else None,
    }


def vectors_by_handle(handle: dict[str, Any]) -> WordVectors | SubwordTable:
    """Return the word vectors, or the table of subwords, that R describes."""
    if handle["source"] is not None:
        return _from_source(handle["source"][0], handle["id"][0])
    matrix = np.frombuffer(handle["numbers"], "<f4").reshape(-1, int(handle["dim"][0]))
    return WordVectors(handle["words"], matrix, python_value(handle["name"]))


def tokenizer_by_handle(handle: list[str]) -> Tokenizer:
    """Return the tokenizer whose JSON R keeps."""
    return _tokenizer(handle[0])


def vector_rows(vectors: dict[str, Any], words: list[str] | None) -> dict[str, Any]:
    """Return word vectors as numbers.

    Parameters
    ----------
    vectors : handle
    words : list of str or None
        All by default.

    Returns
    -------
    dict
        ``words``, ``known`` (n,) and ``matrix`` (n, dim), zeros where a word is unknown.
    """
    held = _words_of(python_value(vectors))
    if words is None:
        known = np.ones(len(held), dtype=bool)
        return {"words": held.words.to_list(), "known": known, "matrix": held.matrix}
    rows = held.lookup(words)
    matrix = np.where(rows[:, None] < 0, 0, held.matrix[rows])
    return {"words": words, "known": rows >= 0, "matrix": matrix}


def nearest_words(vectors: dict[str, Any], word: Any, most: Any) -> Any:
    """Return the words nearest to a word, or to a vector of numbers."""
    near = word[0] if isinstance(word, list) else np.asarray(word)
    return _words_of(python_value(vectors)).most_similar(near, python_value(most))


def vector_coverage(vectors: dict[str, Any], counted: pd.DataFrame) -> dict[str, Any]:
    """Count which words have a vector: ``counted`` is a vocabulary's table, less its specials."""
    columns = counted["token"].tolist(), counted["count"], counted["document_count"]
    held = _words_of(python_value(vectors))
    return vars(held.coverage(Vocabulary(*columns, n_documents=0)))


def embed_mean(
    texts: list[str],
    vectors: dict[str, Any],
    tokenizer: dict[str, list[str]],
    weighted_by: list[str] | None,
) -> np.ndarray:
    """Return the mean word vector of each text.

    Parameters
    ----------
    texts : list of str
    vectors, tokenizer : handles
    weighted_by : list of str or None
        Texts whose rare words count for more.

    Returns
    -------
    ndarray of shape (n_texts, dim)
    """
    held, cutter = python_value(vectors), python_value(tokenizer)
    asked = cutter.kind, cutter.lowercase, cutter.ngram_range
    if isinstance(held, SubwordTable) and asked == ("word", True, (1, 1)):
        cutter = held.tokenizer  # R's default says nothing
    embedder = MeanEmbedder(held, idf=weighted_by is not None, tokenizer=cutter)
    return embedder.fit(texts if weighted_by is None else weighted_by).transform(texts)


def _words_of(vectors: WordVectors | SubwordTable) -> WordVectors:
    return vectors.vectors if isinstance(vectors, SubwordTable) else vectors


@lru_cache(maxsize=4)
def _from_source(source: str, id: str) -> WordVectors | SubwordTable:
    vectors = load_vectors(source)
    if _words_of(vectors).fingerprint != id:
        raise ValueError(
            f"{source!r} holds other word vectors than when they were read; read it again"
        )
    return vectors


@lru_cache(maxsize=8)
def _tokenizer(state: str) -> Tokenizer:
    return Tokenizer.from_dict(json.loads(state))


def _absolute(source: str) -> str:
    """Return a source that R finds again from another folder."""
    named = source in {*SHIPPED_VECTORS, *DOWNLOADS} or is_hub_name(source)
    if named and not os.path.exists(source):
        return source
    return os.path.abspath(os.path.expanduser(source))
