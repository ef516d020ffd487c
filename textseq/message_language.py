"""The language a message is read in: how it counts places, and how it writes values."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Any

_IN_R: ContextVar[bool] = ContextVar("in_r", default=False)
# An argument with its value, what is quoted and so stays, a constant, a class of models.
_PYTHON = re.compile(
    r"""\b(?P<name>[a-z_]\w*)=(?P<value>'[^']*'|"[^"]*"|\[[^][]*\]|\([^()]*\)|\{[^{}]*\}|None|True"""
    r"""|False|-?\d+(?:\.\d+)?(?:e[-+]?\d+)?(?![\w.]*\w)|\.\.\.)"""
    r"""|(?<!\w)(?P<quoted>'[^']*'|"[^"]*")(?!\w)"""
    r"""|\b(?P<constant>None|True|False)\b"""
    r"""|\b(?P<model>(?:Text|Series)(?:Classifier|Regressor)|Forecaster|LanguageModel"""
    r"""|SequenceTagger|Seq2Seq|Captioner|(?:Api|Mean|Transformer)Embedder|Checkpoint)\b(?P<call>\()?"""
)
_CONSTANTS = {"None": "NULL", "True": "TRUE", "False": "FALSE"}
# Functions of R that have another name than their class in Python.
_FUNCTIONS = {
    "ApiEmbedder": "embed_api",
    "Checkpoint": "textseq_checkpoint",
    "MeanEmbedder": "embed_mean",
    "Seq2Seq": "seq2seq",
    "TransformerEmbedder": "embed_transformer",
}

# What messages advise that R does in another way: texts of files are named by a formula there.
_PHRASES = {
    "tokenizer=textseq.Tokenizer('bpe').fit(texts)": 'tokenizer = text_tokenizer("bpe", texts)',
    "name it: text=...": "fit by a formula, which names it",
    "name the column of labels by target=": "name the column of labels in the formula",
    "name the column of texts by text=": "name the column of texts in the formula",
}


@contextmanager
def speaking_r() -> Iterator[None]:
    """Let messages within speak to users of R, in this thread alone."""
    token = _IN_R.set(True)
    try:
        yield
    finally:
        _IN_R.reset(token)


def number_of(place: int) -> int:
    """Return the number of a row, channel, unit or step: from 0 in Python, from 1 in R.

    Examples
    --------
    >>> number_of(4)
    4
    >>> with speaking_r():
    ...     number_of(4)
    5
    """
    return int(place) + _IN_R.get()


def written(value: Any) -> str:
    """Return a value as one writes it: ``None`` in Python, ``NULL`` in R.

    Examples
    --------
    >>> written([True, None, "word"])
    "[True, None, 'word']"
    >>> with speaking_r():
    ...     print(written([True, None, "word"]), written({"rare": 2.0}), written(()))
    list(TRUE, NULL, "word") c(rare = 2) c()
    """
    return _in_r(value) if _IN_R.get() else repr(value)


def in_r_words(message: str) -> str:
    """Return a message that writes arguments, constants and models as R does.

    Examples
    --------
    >>> in_r_words("ngram_range=(2, 1) is no range; TextClassifier takes level=None, not 'None'")
    "ngram_range = c(2, 1) is no range; text_classifier() takes level = NULL, not 'None'"
    """
    for phrase, in_r in _PHRASES.items():
        message = message.replace(phrase, in_r)
    return _PYTHON.sub(_part_in_r, message)


def _part_in_r(found: re.Match[str]) -> str:
    if found["name"]:
        value = found["value"]
        # What is no value of Python's stays as it is.
        with suppress(ValueError, SyntaxError):
            value = value if value == "..." else _in_r(ast.literal_eval(value))
        return f"{found['name']} = {value}"
    if found["model"]:
        function = _FUNCTIONS.get(found["model"]) or re.sub(
            r"(?<=[a-z])(?=[A-Z])", "_", found["model"]
        )
        return function.lower() + (found["call"] or "()")
    return _CONSTANTS.get(found["constant"], found["quoted"] or "")


def _in_r(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, float):
        return "NaN" if value != value else f"{value:.15g}"
    if isinstance(value, Mapping):
        items = [f"{name} = {_in_r(item)}" for name, item in value.items()]
        return f"{_kind(value.values())}({', '.join(items)})"
    if isinstance(value, list | tuple):
        return f"{_kind(value)}({', '.join(map(_in_r, value))})"
    return repr(value)


def _kind(items: Any) -> str:
    """Return what makes such a value in R: vectors hold one kind, and no NULL."""
    kinds = {float if isinstance(item, int | float) and not isinstance(item, bool) else type(item)
             for item in items}  # fmt: skip
    return "c" if len(kinds) <= 1 and kinds <= {bool, float, str} else "list"
