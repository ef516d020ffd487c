"""Texts to what comes next, by counts: what a language model's network should be better than."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from textseq.estimators.encoding.text import TextEncoding
from textseq.estimators.language.likelihood import TextLikelihood
from textseq.estimators.language.texts import (
    EOS,
    check_left_out,
    fit_tokenizer,
    learn_encoding,
    read_texts,
    read_tokens,
)
from textseq.ragged import Ragged
from textseq.text.kneser_ney import KneserNey
from textseq.text.tokenizer import Tokenizer
from textseq.text.tokens import Tokens


class NgramLanguageModel(TextLikelihood, BaseEstimator):
    """Say what comes next in a text by how often it came: modified Kneser-Ney n-grams.

    Texts become tokens, and these ids, as ``LanguageModel`` does it with the same ``level``,
    ``lowercase``, ``min_count`` and ``max_features``. Both are scored on the same tokens, ends
    and unknown ones included.

    Parameters
    ----------
    level : {"word", "char", "bpe"}, Tokenizer or callable, default "word"
    order : int, default 5
        Tokens of the longest n-gram.
    lowercase : bool or "auto", default "auto"
    min_count : int or "auto", default "auto"
    max_features : int or None, default 30,000

    Attributes
    ----------
    vocabulary_ : Vocabulary
    tokenizer_ : Tokenizer
    counts_ : KneserNey

    Examples
    --------
    >>> model = NgramLanguageModel(order=3).fit(["the cat sat", "the cat ran"])
    >>> model.score_samples(["the cat sat", "sat cat the"]).round(1).tolist()
    [-1.9, -9.5]
    """

    def __init__(
        self,
        level: str | Tokenizer | Callable[[str], list[str]] = "word",
        *,
        order: int = 5,
        lowercase: bool | str = "auto",
        min_count: int | str = "auto",
        max_features: int | None = 30_000,
    ) -> None:
        self.level = level
        self.order = order
        self.lowercase = lowercase
        self.min_count = min_count
        self.max_features = max_features

    def fit(self, texts: Any, y: Any = None) -> Self:
        """Count the n-grams of texts.

        Parameters
        ----------
        texts : list, Series or array of str
        y : None, or array-like of n labels
            Left out: texts are their own targets.
        """
        training = read_texts(texts)
        check_left_out(y, len(training))
        tokenizer = fit_tokenizer(training, self.level, self.lowercase, self.max_features)
        tokens = tokenizer.tokenize(training)
        self.encoding_ = learn_encoding((tokens,), tokenizer, self.min_count, self.max_features)
        n_ids = len(self.vocabulary_)
        # No text holds <pad>.
        self.counts_ = KneserNey(self.order).fit(_rows(self.encoding_, tokens), n_ids, n_ids - 1)
        return self

    def _read(self, texts: Any) -> tuple[np.ndarray, int]:
        check_is_fitted(self, "counts_")
        rows = _rows(self.encoding_, read_tokens(self.encoding_, texts))
        said = self.counts_.log_probabilities(rows)
        return np.add.reduceat(said, rows.offsets[:-1]), len(said)


def _rows(encoding: TextEncoding, tokens: Tokens) -> Ragged:
    """Return the ids of each text, its end included."""
    return encoding.token_ids(tokens).between([], [encoding.vocabulary.mark_id(EOS)])
