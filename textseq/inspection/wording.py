"""The words of verdicts, tables and axes: a model reads tokens of texts, or steps of series."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

ESTIMATORS = (
    "TextClassifier, TextRegressor, SeriesClassifier, SeriesRegressor, SequenceTagger, Seq2Seq or "
    "LanguageModel"
)
"""What nearly all instruments take."""


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
WAVES = Words("wave", "waves", "step", "steps", "a wave at its means")
SENTENCES = Words("sentence", "sentences", "token", "words", "a sentence of zeros")
SOURCES = Words("source", "sources", "token", "words", "a source of zeros")
# A language model reads its texts window by window.
RUNNING_TEXT = replace(WINDOWS, step="token", shuffled="words")
# By the tokenizer's kind; a function's tokens may be anything.
SHUFFLED = {"word": "words", "char": "characters", "bpe": "tokens", "subword": "tokens"}


OF_ROWS = {
    "texts": TEXTS,
    "series": SERIES,
    "windows": WINDOWS,
    "steps": SENTENCES,
    "sources": SOURCES,
    "running text": RUNNING_TEXT,
    "waves": WAVES,
}


def words_of(model: Any) -> Words:
    """Return the words for what a fitted model reads.

    Raises
    ------
    ValueError
        If what it reads has no steps that follow each other.
    """
    if model.reads not in OF_ROWS:
        raise ValueError(
            f"a {type(model).__name__} reads {model.reads}, and not step by step; its "
            f"`attention_map` tells what it looks at; pass a {ESTIMATORS}"
        )
    words = OF_ROWS[model.reads]
    if words.step == "token" and not model.network_.steps_are_tokens:
        # Of numbers, sources and what a tagger reads are series.
        one = words.one if words is SOURCES else SERIES.one
        many = words.many if words is SOURCES else SERIES.many
        return replace(SERIES, one=one, many=many, blank=f"a {one} at its means")
    tokenizer = getattr(model, "tokenizer_", None)
    if tokenizer is None:
        return words
    shuffled = "tokens" if callable(tokenizer.kind) else SHUFFLED[tokenizer.kind]
    return replace(words, shuffled=shuffled)
