"""Texts as arrays: transformers for scikit-learn pipelines."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import polars as pl
import scipy.sparse as sp
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from textseq.checks import check_flag
from textseq.expressions import evaluate
from textseq.ragged import Ragged, offsets_of
from textseq.text.tokenizer import Tokenizer, most_pieces
from textseq.text.tokens import Tokens
from textseq.text.vectors.load import load_vectors
from textseq.text.vectors.subword_table import SubwordTable
from textseq.text.vocabulary import PAD_ID, SPECIALS, UNKNOWN_ID, Vocabulary

TokenizerLike = str | Callable[[str], list[str]] | Tokenizer


class Vectors(Protocol):
    """Word vectors: row i of ``matrix`` (n, dim) belongs to ``words[i]``."""

    @property
    def words(self) -> Any:
        """The n words, without repeats."""

    @property
    def matrix(self) -> np.ndarray:
        """Their vectors, shape (n, dim)."""


class _TextTransformer(TransformerMixin, BaseEstimator):
    """What the transformers share: raw texts in, a tokenizer fitted on them."""

    tokenizer: TokenizerLike
    lowercase: bool
    tokenizer_: Tokenizer

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.two_d_array = False
        tags.transformer_tags.preserves_dtype = []
        return tags

    def _fit_tokens(self, X: Any, max_features: int | None = None) -> Tokens:
        tokenizer = self.tokenizer
        if not isinstance(tokenizer, Tokenizer):
            size = most_pieces(max_features)
            tokenizer = Tokenizer(tokenizer, lowercase=self.lowercase, vocab_size=size)
        self.tokenizer_ = tokenizer.fit(X)
        return self.tokenizer_.tokenize(X)


class _IdTransformer(_TextTransformer):
    """A transformer built on the ids of a vocabulary, at most ``width_`` of a text."""

    min_df: int | float
    max_features: int | None
    max_length: int | None

    def fit(self, X: Any, y: Any = None) -> Any:
        """Learn the tokenizer, the vocabulary and the width.

        Parameters
        ----------
        X : list of str, Series or array, n texts
        y : ignored

        Returns
        -------
        self
        """
        if self.max_length is not None and self.max_length < 1:
            raise ValueError(
                f"max_length={self.max_length} keeps no token; use 1 or more, or None for "
                "the longest text"
            )
        tokens = self._fit_tokens(X, self.max_features)
        self.vocabulary_ = Vocabulary.from_tokens(
            tokens,
            min_df=self.min_df,
            max_features=self.max_features,
            pieces=self.tokenizer_.pieces,
        )
        # One column at least, so that a set of empty texts still makes an array.
        self.width_ = int(self.max_length or max(1, tokens.lengths.max()))
        return self

    def _ids(self, X: Any) -> Ragged:
        check_is_fitted(self)
        return self.vocabulary_.encode(self.tokenizer_.tokenize(X))


class IntegerEncoder(_IdTransformer):
    """Turn texts into rows of token ids.

    Parameters
    ----------
    tokenizer : {"word", "char", "bpe"}, callable or Tokenizer, default "word"
        A ``Tokenizer`` keeps its own settings, ``lowercase`` among them.
    lowercase : bool, default True
    min_df : int or float, default 1
        Tokens of fewer than this many texts, or than this share of them, are unknown.
    max_features : int or None, default 30_000
        Most words in the vocabulary.
    max_length : int or None, default None
        Tokens of a text to keep, from its start. None keeps as many as the longest text
        given to ``fit`` has, so that every later array is as wide as the first.
    padding : bool, default True
        Return one array, filled up with 0 on the right. Otherwise return rows of unequal
        length, cut only where ``max_length`` is set.

    Attributes
    ----------
    tokenizer_ : Tokenizer
    vocabulary_ : Vocabulary
    width_ : int
        Columns of the padded array.

    Examples
    --------
    >>> encoder = IntegerEncoder().fit(["the cat sat", "the cat"])
    >>> encoder.transform(["the dog sat down again", ""])
    array([[3, 1, 4],
           [0, 0, 0]])
    >>> encoder.inverse_transform([[3, 2, 0]])
    [['the', 'cat']]
    """

    def __init__(
        self,
        tokenizer: TokenizerLike = "word",
        lowercase: bool = True,
        min_df: int | float = 1,
        max_features: int | None = 30_000,
        max_length: int | None = None,
        padding: bool = True,
    ) -> None:
        self.tokenizer = tokenizer
        self.lowercase = lowercase
        self.min_df = min_df
        self.max_features = max_features
        self.max_length = max_length
        self.padding = padding

    def transform(self, X: Any) -> np.ndarray | Ragged:
        """Return the token ids of texts.

        Parameters
        ----------
        X : list of str, Series or array, n texts

        Returns
        -------
        ndarray of shape (n, width_) or Ragged of n rows, int64
            0 is padding, 1 an unknown token.
        """
        ids = self._ids(X)
        if check_flag("padding", self.padding):
            return ids.truncate(self.width_).padded(PAD_ID, self.width_)
        return ids if self.max_length is None else ids.truncate(self.width_)

    def inverse_transform(self, X: Any) -> list[list[str]]:
        """Return the tokens of rows of ids, without the padding.

        Parameters
        ----------
        X : ndarray of shape (n, any width), list of lists of int, or Ragged of n rows

        Returns
        -------
        list of n lists of str
        """
        check_is_fitted(self)
        if not isinstance(X, Ragged):
            X = Ragged.from_rows(list(X))
        return _token_lists(X, self.vocabulary_)

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Return the names of the columns, ``token0`` onwards, shape (width_,)."""
        check_is_fitted(self)
        if not self.padding:
            raise ValueError(
                "padding=False returns rows of unequal length, which have no columns; "
                "use padding=True"
            )
        return np.array([f"token{step}" for step in range(self.width_)], dtype=object)


class OneHotEncoder(_IdTransformer):
    """Turn texts into sequences of one-hot vectors, laid side by side.

    Column ``t * n_tokens + i`` is 1 where the token at position ``t`` has id ``i``: with
    ``n_tokens = len(vocabulary_)`` the dense form of the result reshapes to (n, width_,
    n_tokens). Padding is all zeros. A linear model needs a weight for each of the
    ``width_ * n_tokens`` columns, so set ``max_length`` and ``max_features`` for long texts.

    Parameters
    ----------
    tokenizer : {"word", "char", "bpe"}, callable or Tokenizer, default "word"
        A ``Tokenizer`` keeps its own settings, ``lowercase`` among them.
    lowercase : bool, default True
    min_df : int or float, default 1
        Tokens of fewer than this many texts, or than this share of them, are unknown.
    max_features : int or None, default 30_000
        Most words in the vocabulary.
    max_length : int or None, default None
        Tokens of a text to keep, from its start; as many as the longest text given to
        ``fit`` has by default.
    sparse_output : bool, default True
        Return a sparse matrix; otherwise a dense array of the same shape.

    Attributes
    ----------
    tokenizer_ : Tokenizer
    vocabulary_ : Vocabulary
    width_ : int
        Positions of a text.

    Examples
    --------
    >>> encoder = OneHotEncoder(sparse_output=False).fit(["a b", "b"])
    >>> encoder.vocabulary_.tokens
    ('<pad>', '<unk>', 'b', 'a')
    >>> encoder.transform(["b a", "c"]).reshape(2, 2, 4)
    array([[[0., 0., 1., 0.],
            [0., 0., 0., 1.]],
           [[0., 1., 0., 0.],
            [0., 0., 0., 0.]]], dtype=float32)
    """

    def __init__(
        self,
        tokenizer: TokenizerLike = "word",
        lowercase: bool = True,
        min_df: int | float = 1,
        max_features: int | None = 30_000,
        max_length: int | None = None,
        sparse_output: bool = True,
    ) -> None:
        self.tokenizer = tokenizer
        self.lowercase = lowercase
        self.min_df = min_df
        self.max_features = max_features
        self.max_length = max_length
        self.sparse_output = sparse_output

    def transform(self, X: Any) -> sp.csr_matrix | np.ndarray:
        """Return the one-hot vectors of texts.

        Parameters
        ----------
        X : list of str, Series or array, n texts

        Returns
        -------
        csr_matrix or ndarray of shape (n, width_ * n_tokens), float32
        """
        check_flag("sparse_output", self.sparse_output)
        ids = self._ids(X).truncate(self.width_)
        n_tokens = len(self.vocabulary_)
        position = np.arange(len(ids.values)) - np.repeat(ids.offsets[:-1], ids.lengths)
        ones = np.ones(len(ids.values), dtype=np.float32)
        encoded = sp.csr_matrix(
            (ones, position * n_tokens + ids.values, ids.offsets),
            shape=(len(ids), self.width_ * n_tokens),
        )
        return encoded if self.sparse_output else encoded.toarray()

    def inverse_transform(self, X: Any) -> list[list[str]]:
        """Return the tokens of rows of one-hot vectors.

        Parameters
        ----------
        X : sparse matrix or ndarray of shape (n, width_ * n_tokens)

        Returns
        -------
        list of n lists of str
        """
        check_is_fitted(self)
        encoded = sp.csr_matrix(X, copy=True)
        encoded.eliminate_zeros()
        encoded.sort_indices()
        ids = Ragged(encoded.indices % len(self.vocabulary_), encoded.indptr.astype(np.int64))
        return _token_lists(ids, self.vocabulary_)

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Return ``position_token`` for every column, shape (width_ * n_tokens,)."""
        check_is_fitted(self)
        tokens = np.array(self.vocabulary_.tokens, dtype=object)
        return np.concatenate([f"{step}_" + tokens for step in range(self.width_)])


class MeanEmbedder(_TextTransformer):
    """Turn each text into the average of its words' vectors.

    Words without a vector are left out of the average; a text that has none at all becomes
    zeros. A ``SubwordTable`` cuts texts by its own tokenizer, and gives what model2vec or
    WordLlama, whichever it is from, would give: its average is taken of the first
    ``max_length`` tokens, and divided by its norm where the table says so.

    Parameters
    ----------
    vectors : WordVectors, SubwordTable, str or Path
        Vectors, or what ``load_vectors`` opens.
    idf : bool, default False
        Weigh every word by ``ln((1 + n) / (1 + df)) + 1``, where ``df`` of the ``n`` texts
        given to ``fit`` hold it: rare words count for more.
    tokenizer : {"word", "char", "bpe"}, callable or Tokenizer, default "word"
        A ``Tokenizer`` keeps its own settings, ``lowercase`` among them.
    lowercase : bool, default True

    Attributes
    ----------
    tokenizer_ : Tokenizer
    vocabulary_ : Vocabulary
        The words that have vectors, with their counts in the texts given to ``fit``.
    vectors_ : WordVectors or SubwordTable

    References
    ----------
    Shen et al. (2018), "Baseline Needs More Love: On Simple Word-Embedding-Based Models and
    Associated Pooling Mechanisms", ACL.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> vectors = SimpleNamespace(words=["good", "bad"], matrix=np.array([[2.0, 0], [0, 2]]))
    >>> embedder = MeanEmbedder(vectors).fit(["good film"])
    >>> embedder.transform(["good bad film", "good", ""])
    array([[1., 1.],
           [2., 0.],
           [0., 0.]], dtype=float32)
    """

    def __init__(
        self,
        vectors: Vectors | str | Path,
        idf: bool = False,
        tokenizer: TokenizerLike = "word",
        lowercase: bool = True,
    ) -> None:
        self.vectors = vectors
        self.idf = idf
        self.tokenizer = tokenizer
        self.lowercase = lowercase

    def fit(self, X: Any, y: Any = None) -> MeanEmbedder:
        """Load the vectors, fit the tokenizer and count in how many texts a word is.

        Parameters
        ----------
        X : list of str, Series or array, n texts
        y : ignored

        Returns
        -------
        self
        """
        check_flag("idf", self.idf)
        self.vectors_ = _loaded(self.vectors)
        if isinstance(self.vectors_, SubwordTable):
            own = {"tokenizer": self.tokenizer, "lowercase": self.lowercase}
            self.vectors_.check_parameters(own, {"tokenizer": "word", "lowercase": True})
            self.tokenizer_, tokens = self.vectors_.tokenizer, self.vectors_.tokenize(X)
        else:
            tokens = self._fit_tokens(X)
        words = pl.Series("token", self.vectors_.words, dtype=pl.String)
        # A file's own vector for <unk> or <pad> belongs to no word.
        self._rows = np.flatnonzero(~evaluate(words, pl.first().is_in(SPECIALS)).to_numpy())
        self.vocabulary_ = Vocabulary.of_words(words.gather(pl.Series(self._rows)), tokens)
        return self

    def transform(self, X: Any) -> np.ndarray:
        """Return the average vector of every text.

        Parameters
        ----------
        X : list of str, Series or array, n texts

        Returns
        -------
        ndarray of shape (n, dim), float32
        """
        check_is_fitted(self)
        table = self.vectors_ if isinstance(self.vectors_, SubwordTable) else None
        ids = self.vocabulary_.encode((table or self.tokenizer_).tokenize(X))
        known = ids.values != UNKNOWN_ID
        row = np.repeat(np.arange(len(ids)), ids.lengths)[known]
        offsets = offsets_of(np.bincount(row, minlength=len(ids)))
        # Fetch each vector once: the matrix may be a memory map of millions of rows.
        present = np.bincount(ids.values[known], minlength=len(self.vocabulary_)) > 0
        used = np.flatnonzero(present)
        column = (np.cumsum(present) - 1)[ids.values[known]]
        matrix = self.vectors_.matrix[self._rows[used - len(SPECIALS)]].astype(np.float32)
        weights = self._weights(used).astype(np.float32)[column]
        sums = sp.csr_matrix((weights, column, offsets), shape=(len(ids), len(used))) @ matrix
        totals = np.bincount(row, weights=weights, minlength=len(ids))
        means = sums / np.where(totals > 0, totals, 1)[:, None].astype(np.float32)
        if table is not None and table.normalize:
            norms = np.linalg.norm(means, axis=1, keepdims=True)
            means /= np.where(norms > 0, norms, 1)
        return means

    def _weights(self, ids: np.ndarray) -> np.ndarray:
        """Return the weight of each word in the average."""
        if not self.idf:
            return np.ones(len(ids))
        in_texts = self.vocabulary_.document_counts[ids]
        return np.log((1 + self.vocabulary_.n_documents) / (1 + in_texts)) + 1

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Return the names of the columns, ``dimension0`` onwards, shape (dim,)."""
        check_is_fitted(self)
        width = self.vectors_.matrix.shape[1]
        return np.array([f"dimension{number}" for number in range(width)], dtype=object)


def _loaded(vectors: Any) -> Vectors:
    """Return vectors, read from their files if these were given."""
    if isinstance(vectors, str | Path):
        return load_vectors(vectors)
    if not (hasattr(vectors, "words") and hasattr(vectors, "matrix")):
        raise ValueError(
            f"vectors is of type {type(vectors).__name__}; pass WordVectors, a SubwordTable or "
            "the path of a file of word vectors"
        )
    return vectors


def _token_lists(ids: Ragged, vocabulary: Vocabulary) -> list[list[str]]:
    """Return the tokens of every row, without padding."""
    kept = ids.values != PAD_ID
    row = np.repeat(np.arange(len(ids)), ids.lengths)[kept]
    flat = pl.Series("token", vocabulary.decode(ids.values[kept]), dtype=pl.String)
    return Tokens.from_flat(flat, np.bincount(row, minlength=len(ids))).to_lists()
