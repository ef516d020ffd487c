"""How well answers agree with those that are right, as the script of SQuAD counts."""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Sequence

import numpy as np

_ARTICLES = re.compile(r"\b(a|an|the)\b")
_WITHOUT_SIGNS = str.maketrans("", "", string.punctuation)


def exact_match(truth: Sequence[str], found: Sequence[str]) -> float:
    """Return the share of answers that are right, but for case, ASCII signs and English articles.

    Parameters
    ----------
    truth, found : sequence of n str

    References
    ----------
    Rajpurkar et al. (2016), "SQuAD: 100,000+ Questions for Machine Comprehension of Text",
    section 6.1.

    Examples
    --------
    >>> exact_match(["the kitchen", "garden"], ["Kitchen", "office"])
    0.5
    """
    pairs = zip(truth, found, strict=True)
    return float(np.mean([_words(true) == _words(said) for true, said in pairs]))


def word_f1(truth: Sequence[str], found: Sequence[str]) -> float:
    """Return the mean F1 score of the words of each answer, counted as ``exact_match`` does.

    Parameters
    ----------
    truth, found : sequence of n str

    References
    ----------
    Rajpurkar et al. (2016), section 6.1.

    Examples
    --------
    >>> round(word_f1(["the old kitchen"], ["kitchen"]), 3)
    0.667
    """
    return float(np.mean([_f1(*pair) for pair in zip(truth, found, strict=True)]))


def _f1(truth: str, found: str) -> float:
    true, said = _words(truth), _words(found)
    n_right = sum((Counter(true) & Counter(said)).values())
    if not n_right:
        # Answers that are nothing but articles and signs.
        return float(true == said)
    return 2 * n_right / (len(true) + len(said))


def _words(answer: str) -> list[str]:
    plain = answer.lower().translate(_WITHOUT_SIGNS)
    return _ARTICLES.sub(" ", plain).split()
