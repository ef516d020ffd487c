"""What the parameters of estimators are for, out of their declarations, in the words of R."""

from __future__ import annotations

import re

import pandas as pd

from textseq.checks import check_choice
from textseq.estimators.declared import parameters_of
from textseq.estimators.load import KINDS, kind_named

# What R's users pass in place of objects of Python.
PHRASES = {
    ", RandomState, Generator or None": " or None",
    " or nn.Module subclass": "",
    ", Tokenizer or callable": " or what text_tokenizer() returns",
    ", Tokenizer, callable": ", what text_tokenizer() returns",
    "str, callable": "string",
    "WordVectors, path, name": "what word_vectors() returns, a path, a name",
    "LanguageModel, TextClassifier, TextRegressor, path": "a fit, a path",
    "LanguageModel, path": "a fit, a path",
}
# Types in declarations, and what R's users call them; the longer ones first.
WORDS = {
    r"tuple of int": "whole numbers",
    r"tuple of float": "numbers",
    r"int": "whole number",
    r"float": "number",
    r"bool": "TRUE or FALSE",
    r"str": "string",
    r"dict": "named vector",
    r"tuple": "vector",
}
IN_R = {"None": "NULL", "True": "TRUE", "False": "FALSE"}


def parameter_help(kind: list[str]) -> pd.DataFrame:
    """Return ``parameter``, ``allowed`` and ``description`` of an estimator's parameters.

    Parameters
    ----------
    kind : list of one str
        Name of the estimator.

    Examples
    --------
    >>> table = parameter_help(["TextClassifier"]).set_index("parameter")
    >>> print(table.loc["max_features", "allowed"])
    whole number or NULL
    """
    check_choice("model", kind[0], KINDS)
    found = dict(sorted(parameters_of(kind_named(kind[0])).items()))
    return pd.DataFrame(
        {
            "parameter": list(found),
            "allowed": [_allowed(one.type) for one in found.values()],
            "description": [_in_words(one.help) for one in found.values()],
        }
    )


def _allowed(text: str) -> str:
    text = re.sub(r"\{(.*?)\}", r"\1", text)
    for phrase, meant in PHRASES.items():
        text = text.replace(phrase, meant)
    for word, meant in WORDS.items():
        text = re.sub(rf'(?<!["\w]){word}(?!["\w])', meant, text)
    return _in_words(text)


def _in_words(text: str) -> str:
    """Write Python's values as R's."""
    text = text.replace("``", "`")
    return re.sub(r"\b(None|True|False)\b", lambda found: IN_R[found[1]], text)
