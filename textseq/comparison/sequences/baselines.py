"""The cheap rows that taggers, translators and language models must beat."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, clone
from sklearn.feature_extraction.text import TfidfVectorizer

from textseq.estimators.language.model import LanguageModel
from textseq.estimators.language.ngram import NgramLanguageModel
from textseq.estimators.language.texts import EOS
from textseq.labels.data_warnings import said_elsewhere
from textseq.text.kneser_ney import KneserNey

# Tokens of the longest n-gram, by what a token is: a word says more than a letter.
WORD_ORDER, CHARACTER_ORDER = 5, 7
# Words that occur no oftener tell what words are like that never did.
RARE = 10
LONGEST_ENDING = 4
# Sources that are held against all training sources at once.
_TOGETHER = 1_000


class CommonestTag(BaseEstimator):
    """The commonest tag of each word in training.

    A word that training lacks has the commonest tag of rare words that look like it: with the same
    last letters, as many as there are such words of, and as it with a capital, a digit, or neither.
    A frame of numbers has the commonest tag of all.
    """

    def fit(self, X: Iterable[Any], y: Iterable[list[Any]]) -> Self:
        """Count the tags of each word."""
        by_word: dict[str, Counter] = defaultdict(Counter)
        every: Counter = Counter()
        for steps, tags in zip(X, y, strict=True):
            every.update(tags)
            if not isinstance(steps, np.ndarray):
                for word, tag in zip(steps, tags, strict=True):
                    by_word[word][tag] += 1
        by_look: dict[Hashable, Counter] = defaultdict(Counter)
        for word, counts in by_word.items():
            if counts.total() <= RARE:
                for look in _looks(word):
                    by_look[look].update(counts)
        self.commonest_ = _first(every)
        self.words_ = {word: _first(counts) for word, counts in by_word.items()}
        self.looks_ = {look: _first(counts) for look, counts in by_look.items()}
        return self

    def predict(self, X: Iterable[Any]) -> list[list[Any]]:
        """Return a tag a step."""
        return [
            [self.commonest_] * steps.shape[-1]
            if isinstance(steps, np.ndarray)
            else [self._tag(word) for word in steps]
            for steps in X
        ]

    def _tag(self, word: str) -> Any:
        if word in self.words_:
            return self.words_[word]
        known = (self.looks_[look] for look in _looks(word) if look in self.looks_)
        return next(known, self.commonest_)


def _first(counts: Counter) -> Any:
    """Return what was counted most, of several the first that was met."""
    return counts.most_common(1)[0][0]


def _looks(word: str) -> list[Hashable]:
    """Return what words may share with one, the longest endings first."""
    shape = word[:1].isupper(), any(letter.isdigit() for letter in word)
    longest = min(LONGEST_ENDING, len(word))
    return [(shape, word[len(word) - length :]) for length in range(longest, -1, -1)]


class CopySource(BaseEstimator):
    """Each source as its own target."""

    def fit(self, X: Any, y: Any) -> Self:
        """Learn nothing."""
        self.fitted_ = True
        return self

    def predict(self, X: Iterable[Any]) -> list[Any]:
        """Return the sources."""
        return list(X)


class NearestSource(BaseEstimator):
    """The target of the training source that is most alike by TF-IDF.

    Of strings, TF-IDF weighs runs of two to four letters within words; of lists, their tokens.
    """

    def fit(self, X: Any, y: Any) -> Self:
        """Weigh the training sources."""
        sources = list(X)
        if isinstance(sources[0], str):
            self.vectorizer_ = TfidfVectorizer(
                analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True
            )
        else:
            self.vectorizer_ = TfidfVectorizer(analyzer=_same, sublinear_tf=True)
        self.sources_ = self.vectorizer_.fit_transform(sources)
        self.targets_ = list(y)
        return self

    def predict(self, X: Any) -> list[Any]:
        """Return a target each; of sources as near as each other, that of the first."""
        sources = self.vectorizer_.transform(list(X))
        nearest: list[int] = []
        for start in range(0, sources.shape[0], _TOGETHER):
            likeness = sources[start : start + _TOGETHER] @ self.sources_.T
            nearest += np.asarray(likeness.argmax(axis=1)).ravel().tolist()
        return [self.targets_[row] for row in nearest]


class CommonestTarget(BaseEstimator):
    """The commonest target, whatever the source."""

    def fit(self, X: Any, y: Iterable[Any]) -> Self:
        """Count the targets."""
        targets = list(y)
        keys = [target if isinstance(target, str) else tuple(target) for target in targets]
        self.commonest_ = targets[keys.index(_first(Counter(keys)))]
        return self

    def predict(self, X: Any) -> list[Any]:
        """Return as many as there are sources."""
        return [self.commonest_] * len(X)


class SharedNgrams(NgramLanguageModel):
    """Kneser-Ney n-grams of the very tokens that a network reads, which know the same words.

    Parameters
    ----------
    reader : LanguageModel
        Unfitted: what tells tokens and vocabulary, of all training texts but those that it would
        set aside for validation. N-grams are counted in all of them.
    """

    def __init__(self, reader: LanguageModel) -> None:
        self.reader = reader

    def fit(self, texts: Any, y: Any = None) -> Self:
        """Learn the vocabulary and count n-grams."""
        reader = clone(self.reader).set_params(random_state=0)
        with said_elsewhere():
            reader.prepare(texts)
        self.encoding_ = reader.encoding_
        order = CHARACTER_ORDER if self.tokenizer_.kind == "char" else WORD_ORDER
        ids = self.encoding_.token_ids(self.tokenizer_.tokenize(texts))
        rows = ids.between([], [self.vocabulary_.mark_id(EOS)])
        n_ids = len(self.vocabulary_)
        # What is padded is no token.
        self.counts_ = KneserNey(order).fit(rows, n_ids, n_ids - 1)
        return self


def _same(tokens: list[str]) -> list[str]:
    return tokens
