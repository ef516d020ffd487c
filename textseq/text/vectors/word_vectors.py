"""Word vectors: one vector a word, pretrained or trained here."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
import polars as pl

from textseq.expressions import evaluate
from textseq.text.coverage import Coverage
from textseq.text.tokenizer import Tokenizer
from textseq.text.tokens import Tokens
from textseq.text.vectors.cache import fingerprint
from textseq.text.vectors.reader import VectorTable, read_vector_file
from textseq.text.vectors.training import train_vectors
from textseq.text.vectors.writer import write_text
from textseq.text.vocabulary import SPECIALS

_SUFFIXES = {".bin", ".gz", ".txt", ".vec", ".xz", ".zip"}


class WordVectors:
    """Words and their vectors, never changed after they are made.

    A word that is not known as it is spelt is looked up in lower case. Copies (those that
    scikit-learn's ``clone`` makes, too) are the same object.

    Parameters
    ----------
    words : sequence of str
        Without repeats.
    matrix : array-like of shape (n_words, dim)
        Row i belongs to ``words[i]``; finite, copied as float32.
    name : str, optional
        Shown in tables and receipts.

    Raises
    ------
    ValueError
        If the shapes do not match, a word is repeated, or a number is not finite.

    Examples
    --------
    >>> vectors = WordVectors(["good", "great", "bad"], [[1, 0.1], [0.9, 0.2], [-1, 0]])
    >>> vectors["Good"]
    array([1. , 0.1], dtype=float32)
    >>> vectors.lookup(["bad", "ugly"]).tolist()
    [2, -1]
    >>> vectors.most_similar("good", n=1)["word"].tolist()
    ['great']
    """

    def __init__(self, words: Iterable[str], matrix: Any, name: str | None = None) -> None:
        series = _strings(words, "words")
        array = np.array(matrix, dtype=np.float32, order="C")
        if array.ndim != 2 or len(array) != len(series) or not array.shape[1]:
            raise ValueError(
                f"matrix has shape {array.shape}; {len(series)} words need ({len(series)}, dim)"
            )
        if series.n_unique() != len(series):
            repeated = series.filter(series.is_duplicated())[0]
            raise ValueError(f"the word {repeated!r} is in the list twice; drop one of them")
        bad = np.flatnonzero(~np.isfinite(array).all(axis=1))
        if len(bad):
            raise ValueError(
                f"the vector of {series[int(bad[0])]!r} holds NaN or infinity (as do "
                f"{len(bad)} in all); drop these words"
            )
        self._fill(VectorTable(series, array), name)

    def _fill(self, table: VectorTable, name: str | None) -> None:
        self._words, self._matrix = table.words.alias("word"), table.matrix
        self._matrix.flags.writeable = False
        self._name, self._fingerprint = name, table.fingerprint
        # What makes vectors of pieces of words: gensim's FastTextKeyedVectors.
        self._pieces: Any = None

    @classmethod
    def _from_table(cls, table: VectorTable, name: str | None) -> WordVectors:
        """Wrap words and numbers that are known to be sound, without a copy."""
        vectors = cls.__new__(cls)
        vectors._fill(table, name)
        return vectors

    @classmethod
    def load(cls, path: Any, words: Any = None, cache: bool = True) -> WordVectors:
        """Load pretrained vectors.

        Parameters
        ----------
        path : str, Path, KeyedVectors or WordVectors
            A file in GloVe, word2vec (text or binary) or fastText text format, plain or
            packed by gzip, xz or zip, recognised from what it holds; a file within a zip
            archive as ``glove.6B.zip/glove.6B.50d.txt``; where there is no such file, the name
            of the vectors that are shipped, ``"glove.6B.50d.top20k"``, or of a download that
            was fetched before, ``"glove.6B.50d"``; or vectors that gensim has loaded.
        words : Vocabulary, Tokens or iterable of str, optional
            Keep only these words (those known in lower case, in lower case).
        cache : bool, default True
            Keep the parsed file under the cache folder (``TEXTSEQ_CACHE``, or the user's),
            so that the next load maps it into memory in milliseconds. A cache that is
            read-only or full is done without. Files under 1 MiB are not kept.

        Raises
        ------
        VectorFileError
            If the file does not hold word vectors or is damaged; the message names the line.

        Warns
        -----
        UserWarning
            If rows had to be left out: repeated words, NaN or infinity, words that are empty
            or not UTF-8; with their number and the first line.
        """
        wanted = None if words is None else _wanted(words)
        if isinstance(path, str | os.PathLike):
            file = Path(path)
            return cls._from_table(read_vector_file(file, wanted, cache), _name_of(file))
        if isinstance(path, WordVectors):
            vectors = path
        else:
            keyed = getattr(path, "wv", path)
            if not (hasattr(keyed, "index_to_key") and hasattr(keyed, "vectors")):
                raise ValueError(
                    f"cannot load word vectors from a {type(path).__name__}; pass the path of a "
                    "file, WordVectors, or gensim's KeyedVectors"
                )
            vectors = cls._from_keyed(keyed)
        if wanted is None:
            return vectors
        table = VectorTable(vectors._words, vectors._matrix, vectors._fingerprint)
        return cls._from_table(table.only(wanted), vectors.name)

    @classmethod
    def train(
        cls,
        texts: Any,
        method: str = "word2vec",
        *,
        dim: int = 100,
        min_count: int = 2,
        epochs: int = 10,
        random_state: int | None = None,
        n_threads: int = 1,
    ) -> WordVectors:
        """Train vectors on texts with gensim (skip-gram, window of 5 words).

        Parameters
        ----------
        texts : list of str, Tokens, or list of lists of str
            Texts, cut by ``Tokenizer()``, or their tokens.
        method : {"word2vec", "fasttext"}, default "word2vec"
            "fasttext" also learns from pieces of words, which suits languages rich in
            endings, and of which a fit makes vectors for the words of its texts that have none.
        dim : int, default 100
            Numbers a word.
        min_count : int, default 2
            Leave out words that occur less often.
        epochs : int, default 10
        random_state : int, optional
            The same seed gives the same vectors, with one thread.
        n_threads : int, default 1

        Raises
        ------
        ValueError
            If the method is unknown, or no word occurs often enough.

        References
        ----------
        .. [1] Mikolov et al., "Distributed Representations of Words and Phrases and their
           Compositionality", 2013, https://arxiv.org/abs/1310.4546
        .. [2] Bojanowski et al., "Enriching Word Vectors with Subword Information", 2017,
           https://arxiv.org/abs/1607.04606
        """
        keyed = train_vectors(
            _token_lists(texts), method, dim, min_count, epochs, random_state, n_threads
        )
        return cls._from_keyed(keyed, method)

    @classmethod
    def _from_keyed(cls, keyed: Any, name: str | None = None) -> WordVectors:
        """Take over vectors of gensim's, and fastText's pieces of words with them."""
        vectors = cls(keyed.index_to_key, keyed.vectors, name)
        if getattr(keyed, "bucket", 0) and hasattr(keyed, "vectors_ngrams"):
            vectors._pieces = keyed
        return vectors

    @property
    def words(self) -> pl.Series:
        """The words: a polars Series of dtype String, in the order of ``matrix``."""
        return self._words

    @property
    def matrix(self) -> np.ndarray:
        """The vectors, shape (n_words, dim), float32, read-only; often a memory map."""
        return self._matrix

    @property
    def dim(self) -> int:
        """Numbers a word."""
        return self._matrix.shape[1]

    @property
    def name(self) -> str | None:
        """Where the vectors come from, for tables and receipts."""
        return self._name

    @property
    def fingerprint(self) -> str:
        """SHA-256 of words and numbers, in hexadecimal, however they were loaded."""
        if self._fingerprint is None:
            step = 100_000
            starts = range(0, len(self), step)
            blocks = (np.ascontiguousarray(self._matrix[at : at + step]) for at in starts)
            self._fingerprint = fingerprint(self._words, self.dim, blocks)
        return self._fingerprint

    @cached_property
    def _row_of(self) -> Mapping[str, int]:
        words = self._words.to_list()
        return MappingProxyType(dict(zip(words, range(len(words)), strict=True)))

    def _row(self, word: str) -> int:
        """Return the row of one word; -1 if it is unknown."""
        row = self._row_of.get(word, -1)
        return self._row_of.get(word.lower(), -1) if row < 0 else row

    def __len__(self) -> int:
        return len(self._words)

    def __contains__(self, word: object) -> bool:
        return isinstance(word, str) and self._row(word) >= 0

    def __getitem__(self, word: str) -> np.ndarray:
        """Return the vector of a word, shape (dim,), read-only.

        Raises
        ------
        KeyError
            If neither the word nor its lower case is known.
        """
        row = self._row(word)
        if row < 0:
            raise KeyError(f"{word!r} has no vector; {self._hint(word)}")
        return self._matrix[row]

    def _hint(self, word: str) -> str:
        # Among common words that begin alike: difflib is too slow for all of them.
        common = self._words.head(50_000)
        alike = common.filter(evaluate(common, pl.first().str.starts_with(word[:1].lower())))
        close = difflib.get_close_matches(word.lower(), alike.head(2_000).to_list(), 1, 0.75)
        if close:
            return f"did you mean {close[0]!r}?"
        return "no common word is spelt like it"

    def lookup(self, words: Any) -> np.ndarray:
        """Return the row of each word.

        Parameters
        ----------
        words : iterable of str
            Of length n; None is an unknown word.

        Returns
        -------
        ndarray of shape (n,), int64
            Positions in ``matrix``; -1 for words unknown as spelt and in lower case.
        """
        asked = _strings(words, "words")
        rows = self._rows(asked)
        unknown = np.flatnonzero(rows < 0)
        if len(unknown):
            rows[unknown] = self._rows(asked.gather(pl.Series(unknown)).str.to_lowercase())
        return rows

    def composed(self, words: Iterable[str]) -> np.ndarray | None:
        """Return vectors for words that have none, made of those of their pieces.

        Parameters
        ----------
        words : iterable of str
            Of length n.

        Returns
        -------
        ndarray of shape (n, dim), float32, or None
            None of vectors without pieces: fastText's alone have them, trained here or by gensim
            (``gensim.models.fasttext.load_facebook_vectors`` reads a ``.bin`` file).

        References
        ----------
        Bojanowski et al. (2017), "Enriching Word Vectors with Subword Information", section 3.2.

        Examples
        --------
        >>> texts = ["walking and talking", "walked and talked"] * 20
        >>> vectors = WordVectors.train(texts, "fasttext", dim=8, random_state=0)
        >>> "walks" in vectors, vectors.composed(["walks"]).shape
        (False, (1, 8))
        """
        if self._pieces is None:
            return None
        found = [self._pieces.get_vector(word) for word in words]
        return np.array(found, dtype=np.float32).reshape(-1, self.dim)

    def _rows(self, asked: pl.Series) -> np.ndarray:
        rows = asked.cast(pl.Enum(self._words), strict=False).to_physical().cast(pl.Int64)
        return evaluate(rows, pl.first().fill_null(-1)).to_numpy().copy()

    def coverage(self, vocabulary_or_tokens: Any) -> Coverage:
        """Report how many words have a vector, and the commonest that have none.

        Parameters
        ----------
        vocabulary_or_tokens : Vocabulary, Tokens or iterable of str
            Words with their counts, or words that are counted first.

        Returns
        -------
        Coverage
        """
        counts = getattr(vocabulary_or_tokens, "counts", None)
        if isinstance(vocabulary_or_tokens, Tokens):
            words, counts = vocabulary_or_tokens.distinct, vocabulary_or_tokens.tally()[0]
        elif counts is None:
            counted = _wanted_words(vocabulary_or_tokens).drop_nulls().alias("word").value_counts()
            words, counts = counted["word"], counted["count"].to_numpy().astype(np.int64)
        else:
            start = len(SPECIALS)
            words = _strings(vocabulary_or_tokens.tokens[start:], "tokens")
            counts = np.asarray(counts, dtype=np.int64)[start:]
        return Coverage.of(words, counts, self.lookup(words) >= 0)

    def most_similar(self, word: Any, n: int = 10) -> pd.DataFrame:
        """Return the nearest words by the cosine of the angle between vectors.

        Parameters
        ----------
        word : str or array-like of shape (dim,)
            A word, which is left out of the answer, or any vector.
        n : int, default 10

        Returns
        -------
        DataFrame
            ``word`` and ``similarity`` (-1 to 1), nearest first.
        """
        vector = self[word] if isinstance(word, str) else np.asarray(word, dtype=np.float32)
        if vector.shape != (self.dim,):
            raise ValueError(f"the vector has shape {vector.shape}; these have ({self.dim},)")
        lengths = self._lengths * np.linalg.norm(vector)
        similarity = self._matrix @ vector / np.where(lengths > 0, lengths, 1)
        order = np.argsort(-similarity, kind="stable")
        if isinstance(word, str):
            order = order[order != self._row(word)]
        order = order[: int(n)]
        return pd.DataFrame(
            {
                "word": self._words.gather(pl.Series(order)).to_list(),
                "similarity": similarity[order],
            }
        )

    @cached_property
    def _lengths(self) -> np.ndarray:
        return np.linalg.norm(self._matrix, axis=1)

    def to_gensim(self) -> Any:
        """Return gensim's ``KeyedVectors`` of the same words; the numbers are not copied."""
        from gensim.models import KeyedVectors

        keyed = KeyedVectors(self.dim)
        keyed.index_to_key = self._words.to_list()
        keyed.key_to_index = dict(self._row_of)
        keyed.vectors = self._matrix
        return keyed

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the vectors as text in word2vec's format, which ``load`` reads back exactly.

        Raises
        ------
        ValueError
            If a word cannot be told from what is around it: it is blank, holds a newline, or
            has a space before a number.
        """
        write_text(Path(path), self._words, self._matrix)

    def __copy__(self) -> WordVectors:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> WordVectors:
        return self

    def __getstate__(self) -> tuple[VectorTable, str | None, Any]:
        table = VectorTable(self._words, self._matrix, self._fingerprint)
        return table, self._name, self._pieces

    def __setstate__(self, state: tuple[VectorTable, str | None, Any]) -> None:
        table, name, pieces = state
        self._fill(table, name)
        self._pieces = pieces

    def __repr__(self) -> str:
        name = f" {self._name!r}" if self._name else ""
        shown = ", ".join(map(repr, self._words.head(5).to_list()))
        more = ", ..." if len(self) > 5 else ""
        return f"WordVectors{name} of {len(self):,} words, {self.dim} numbers each: {shown}{more}"


def _strings(words: Any, name: str) -> pl.Series:
    """Turn any iterable of words into a Series of dtype String."""
    if isinstance(words, str):
        raise ValueError(f"{name} is a single string; pass a list of words: [{words!r}]")
    if isinstance(words, pl.Series) and words.dtype in (pl.String, pl.Categorical, pl.Enum):
        return words.cast(pl.String)
    try:
        return pl.Series("word", list(words), dtype=pl.String)
    except (TypeError, pl.exceptions.PolarsError):
        raise ValueError(f"{name} must be an iterable of strings, not {words!r:.80}") from None


def _wanted_words(words: Any) -> pl.Series:
    """Return the words of a Vocabulary, of Tokens, or of an iterable."""
    if isinstance(words, Tokens):
        return words.distinct
    return _strings(getattr(words, "tokens", words), "words")


def _wanted(words: Any) -> pl.Series:
    """Return words as they are spelt and in lower case, as ``lookup`` finds them."""
    exact = _wanted_words(words)
    return pl.concat([exact, exact.str.to_lowercase()]).unique()


def _token_lists(texts: Any) -> list[list[str]]:
    if isinstance(texts, Tokens):
        return texts.to_lists()
    if isinstance(texts, list) and texts and isinstance(texts[0], list | tuple):
        return texts
    return Tokenizer().tokenize(texts).to_lists()


def _name_of(path: Path) -> str:
    """Return a file's name without the endings that tell its format."""
    while path.suffix.lower() in _SUFFIXES:
        path = path.with_suffix("")
    return path.name
