"""The words of verdicts, tables and axes: a model reads tokens of texts, or steps of series."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

ESTIMATORS = "TextClassifier, TextRegressor, SeriesClassifier or SeriesRegressor"
"""What all instruments take."""


@dataclass(frozen=True)
class Words:
    """What the things that a model reads are called.

    Parameters
    ----------
    one, many : str
        What a row is, and several are.
    step : str
        What the network reads at a time.
    shuffled : str
        What loses its order when steps are shuffled.
    blank : str
        A row whose inputs are all 0.
    """

    one: str
    many: str
    step: str
    shuffled: str
    blank: str


TEXTS = Words("text", "texts", "token", "words", "a text of zeros")
SERIES = Words("series", "series", "step", "steps", "a series at its means")
WINDOWS = Words("window", "windows", "step", "steps", "a window of zeros")
KINDS = (TEXTS, SERIES, WINDOWS)
# By the tokenizer's kind; a function's tokens may be anything.
SHUFFLED = {"word": "words", "char": "characters", "bpe": "tokens", "subword": "tokens"}


OF_ROWS = {"texts": TEXTS, "series": SERIES, "windows": WINDOWS}


def words_of(model: Any) -> Words:
    """Return the words for what a model reads."""
    words = OF_ROWS.get(model.reads, TEXTS)
    tokenizer = getattr(model, "tokenizer_", None)
    if tokenizer is None:
        return words
    shuffled = "tokens" if callable(tokenizer.kind) else SHUFFLED[tokenizer.kind]
    return replace(words, shuffled=shuffled)
