"""Vectors of pieces of words, and the tokenizer that cuts texts into these pieces."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from textseq.text.inputs import one_or_more
from textseq.text.subwords import Subwords
from textseq.text.tokenizer import Tokenizer, text_series
from textseq.text.tokens import Tokens
from textseq.text.vectors.word_vectors import WordVectors


@dataclass(frozen=True, eq=False)
class SubwordTable:
    """A static embedding: one vector for each token of a tokenizer of its own.

    ``load_vectors`` opens one. Copies (those that scikit-learn's ``clone`` makes, too) are the
    same object.

    Parameters
    ----------
    tokenizer : Tokenizer
        Of kind "subword".
    vectors : WordVectors
        Of the tokens in the order of their ids, each multiplied by its weight.
    normalize : bool, default False
        Whether the mean of a text is divided by its norm.
    max_length : int, optional
        Tokens of a text that its mean is taken of, from its start; all, if None. Models have a
        ``max_length`` of their own.
    max_chars : int, optional
        Characters of a text that are looked at for these tokens.

    Examples
    --------
    >>> from tokenizers import Tokenizer, models, pre_tokenizers
    >>> made = Tokenizer(models.WordPiece({"[UNK]": 0, "film": 1, "##s": 2}, unk_token="[UNK]"))
    >>> made.pre_tokenizer = pre_tokenizers.Whitespace()
    >>> subwords = Subwords(made.to_str(), skips_unknown=True)
    >>> table = SubwordTable.of_rows(subwords, [[9, 9], [1, 0], [0, 1]], [1, 1, 0.5], name="tiny")
    >>> table.tokenize(["films", "oh"]).to_lists()
    [['film', '##s'], ['<unk>']]
    >>> table.matrix
    array([[1. , 0. ],
           [0. , 0.5]], dtype=float32)
    >>> table
    SubwordTable 'tiny' of 2 tokens, 2 numbers each: 'film', '##s'
    """

    tokenizer: Tokenizer
    vectors: WordVectors
    normalize: bool = False
    max_length: int | None = None
    max_chars: int | None = None

    @classmethod
    def of_rows(
        cls,
        subwords: Subwords,
        matrix: Any,
        weights: Any = None,
        *,
        name: str | None = None,
        normalize: bool = False,
        max_length: int | None = None,
        max_chars: int | None = None,
    ) -> SubwordTable:
        """Put a tokenizer, its vectors and the weights of its tokens together.

        Parameters
        ----------
        subwords : Subwords
            Of V tokens; the unknown one, if it is none of the table's, loses its row.
        matrix : array-like of shape (V, dim)
            Rows beyond V are left out.
        weights : array-like of shape (V,), optional
            What each token counts for in a mean.
        name : str, optional
        normalize, max_length, max_chars
            As the class takes them.

        Raises
        ------
        ValueError
            If the shapes do not fit.

        Warns
        -----
        UserWarning
            If vectors hold NaN or infinity: they become zeros.
        """
        matrix, n_tokens = np.asarray(matrix), len(subwords)
        if matrix.ndim != 2 or len(matrix) < n_tokens or not matrix.shape[1]:
            raise ValueError(
                f"the table has shape {matrix.shape}, but its tokenizer has {n_tokens} tokens; it "
                f"needs ({n_tokens}, dim)"
            )
        rows = matrix[:n_tokens].astype(np.float32)
        if weights is not None:
            weights = np.asarray(weights, dtype=np.float32)
            if weights.shape != (n_tokens,):
                raise ValueError(
                    f"the weights have shape {weights.shape}; {n_tokens} tokens need ({n_tokens},)"
                )
            rows *= weights[:, None]
        bad = ~np.isfinite(rows).all(axis=1)
        if bad.any():
            warnings.warn(
                f"the vectors of {int(bad.sum())} tokens, {subwords.names[int(bad.argmax())]!r} "
                "the first, hold NaN or infinity: they are taken for zeros",
                stacklevel=2,
            )
            rows[bad] = 0
        kept = np.flatnonzero(np.arange(n_tokens) != subwords.unknown)
        words = subwords.names.gather(pl.Series(kept))
        vectors = WordVectors(words, rows[kept], name)
        return cls(Tokenizer(subwords), vectors, normalize, max_length, max_chars)

    @property
    def words(self) -> pl.Series:
        """The tokens: a Series of dtype String, in the order of ``matrix``."""
        return self.vectors.words

    @property
    def matrix(self) -> np.ndarray:
        """Their vectors, shape (n_tokens, dim), float32, read-only."""
        return self.vectors.matrix

    @property
    def dim(self) -> int:
        """Numbers a token."""
        return self.vectors.dim

    @property
    def name(self) -> str | None:
        """Where the table comes from, for tables and receipts."""
        return self.vectors.name

    def __len__(self) -> int:
        return len(self.vectors)

    def tokenize(self, texts: Any) -> Tokens:
        """Cut texts into the tokens that their means are taken of.

        Parameters
        ----------
        texts : list of str, Series or array, n texts
            A lone string is one text.

        Returns
        -------
        Tokens
            Of n texts.
        """
        series = text_series(one_or_more(texts))
        if self.max_chars is not None:
            series = series.str.head(self.max_chars)
        tokens = self.tokenizer.tokenize(series)
        return tokens if self.max_length is None else tokens.truncate(self.max_length)

    def check_parameters(self, given: Mapping[str, Any], defaults: Mapping[str, Any]) -> None:
        """Refuse parameters of cutting texts, which the table decides, that say otherwise.

        Parameters
        ----------
        given, defaults : mapping of str to value
            Parameters of the same names.

        Raises
        ------
        ValueError
            Names the first that is neither its default nor the table's own tokenizer.
        """
        for name, value in given.items():
            if isinstance(value, Tokenizer) and value.subwords is self.tokenizer.subwords:
                continue
            if value != defaults[name]:
                raise ValueError(
                    f"{name}={value!r:.60}, but vectors={self.name!r} bring a tokenizer of their "
                    f"own, all of whose tokens are known; leave {name} out, or pass word vectors"
                )

    def __copy__(self) -> SubwordTable:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> SubwordTable:
        return self

    def __repr__(self) -> str:
        name = f" {self.name!r}" if self.name else ""
        shown = ", ".join(map(repr, self.words.head(5).to_list()))
        more = ", ..." if len(self) > 5 else ""
        return f"SubwordTable{name} of {len(self):,} tokens, {self.dim} numbers each: {shown}{more}"
