"""The strongest cheap row of taggers: a linear chain over hand-made features of words."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from itertools import groupby
from typing import Any, Self

from sklearn.base import BaseEstimator

# Passes over the training rows; more overfit, and the perceptron's average needs no more.
EPOCHS = 10
LONGEST_AFFIX = 3
# Words on either side of one that are among its features.
AROUND = (-2, -1, 1, 2)


def can_be_fitted() -> bool:
    """Whether sklearn-crfsuite is installed: ``pip install textseq[crf]``."""
    return find_spec("sklearn_crfsuite") is not None


class FeatureChain(BaseEstimator):
    """Tags that know their neighbours, by features of each word and of two on either side.

    Features are the word in lower case, its first and last two and three letters, and its shape,
    such as "Xx" of "Ana" and "0-0" of "10-12". The weights are an averaged perceptron's, which is
    done in seconds where the likelihood of many tags takes minutes, and loses little.

    References
    ----------
    Collins (2002), "Discriminative Training Methods for Hidden Markov Models", section 2; features
    as in Tjong Kim Sang & De Meulder (2003), section 3.2. CRFsuite: Okazaki (2007).
    """

    def fit(self, X: Sequence[Sequence[str]], y: Sequence[Sequence[Any]]) -> Self:
        """Learn a weight for each feature with each tag, and each tag with the next."""
        from sklearn_crfsuite import CRF

        # Of tags that are no strings, those that the answers stand for.
        self.tags_ = {str(tag): tag for row in y for tag in row}
        self.chain_ = CRF(algorithm="ap", max_iterations=EPOCHS)
        self.chain_.fit([features(row) for row in X], [[*map(str, row)] for row in y])
        return self

    def predict(self, X: Sequence[Sequence[str]]) -> list[list[Any]]:
        """Return a tag a word."""
        found = self.chain_.predict([features(row) for row in X])
        return [[self.tags_[tag] for tag in row] for row in found]


def features(words: Sequence[str]) -> list[list[str]]:
    """Return the features of each word of a row.

    Examples
    --------
    >>> features(["Ana", "left"])[1][:4]
    ['word=left', 'shape=x', 'begins=le', 'ends=ft']
    """
    lower = [word.lower() for word in words]
    shapes = [_shape(word) for word in words]
    found = []
    for place, word in enumerate(lower):
        own = [f"word={word}", f"shape={shapes[place]}"]
        for length in range(2, LONGEST_AFFIX + 1):
            own += [f"begins={word[:length]}", f"ends={word[-length:]}"]
        for step in AROUND:
            if 0 <= place + step < len(words):
                own += [f"{step} {lower[place + step]}", f"{step} shape={shapes[place + step]}"]
            else:
                own.append(f"{step} outside")
        found.append(own)
    return found


def _shape(word: str) -> str:
    """Return the kinds of a word's characters, each run of a kind once."""
    kinds = (
        "X" if one.isupper() else "x" if one.isalpha() else "0" if one.isdigit() else one
        for one in word
    )
    return "".join(kind for kind, _ in groupby(kinds))
