"""The words of verdicts, tables and axes: a model reads tokens of texts, or steps of series."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from textseq.estimators.forecaster import Forecaster
from textseq.estimators.series_estimator import SeriesEstimator
from textseq.estimators.text_estimator import TextEstimator

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
SHUFFLED = {"word": "words", "char": "characters", "bpe": "tokens"}


def words_of(model: Any) -> Words:
    """Return the words for what a model reads."""
    if isinstance(model, Forecaster):
        return WINDOWS
    if isinstance(model, TextEstimator):
        kind = model.encoding_.tokenizer.kind
        return replace(TEXTS, shuffled="tokens" if callable(kind) else SHUFFLED[kind])
    return SERIES if isinstance(model, SeriesEstimator) else TEXTS
