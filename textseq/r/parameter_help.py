"""What the parameters of estimators are for, out of their docstrings, in the words of R."""

from __future__ import annotations

import inspect
import re
from typing import NamedTuple

import pandas as pd

from textseq.estimators.checks import check_choice
from textseq.estimators.load import KINDS

# What R's users pass in place of objects of Python.
PHRASES = {
    ", RandomState, Generator or None": " or None",
    " or nn.Module subclass": "",
    ", Tokenizer or callable": " or what text_tokenizer() returns",
    " or callable": "",
    "WordVectors, path, name": "what word_vectors() returns, a path, a name",
    "LanguageModel, TextClassifier, TextRegressor, path": "a fit or a path",
}
# Types in docstrings, and what R's users call them; the longer ones first.
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


class Entry(NamedTuple):
    """What a docstring says of a parameter."""

    allowed: str
    description: str


def parameter_help(kind: list[str]) -> pd.DataFrame:
    """Return ``parameter``, ``allowed`` and ``description`` of an estimator's parameters.

    What its docstring tells of several at once, or by pointing at another estimator, is told as
    that one does.

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
    own = _entries(KINDS[kind[0]])
    others = [_entries(KINDS[name]) for name in ("TextClassifier", "SeriesClassifier", *KINDS)]
    names = list(KINDS[kind[0]]().get_params(deep=False))
    found = [_told(name, [own, *others]) for name in names]
    return pd.DataFrame(
        {
            "parameter": names,
            "allowed": [_allowed(entry.allowed) for entry in found],
            "description": [_in_words(entry.description) for entry in found],
        }
    )


def _told(name: str, pages: list[dict[str, Entry]]) -> Entry:
    """Return the first that is told; entries without a type point elsewhere."""
    typed = [page[name] for page in pages if name in page and page[name].allowed]
    told = [entry.description for entry in typed if entry.description]
    return Entry(typed[0].allowed, told[0] if told else "")


def _entries(estimator: type) -> dict[str, Entry]:
    lines = (inspect.getdoc(estimator) or "").splitlines()
    start = lines.index("Parameters") + 2
    found: dict[str, Entry] = {}
    names, allowed, told = [""], "", list[str]()
    for line in [*lines[start:], "end"]:
        if line.startswith(" ") or not line:
            told.append(line.strip())
            continue
        text = " ".join(told).strip()
        text = "" if text.startswith("As in") else text
        found |= {name: Entry(allowed, text) for name in names}
        if line in ("Attributes", "Examples", "end"):
            break
        before, _, allowed = line.partition(" : ")
        names, told = before.split(", "), []
    found.pop("", None)
    return found


def _allowed(text: str) -> str:
    text = re.sub(r",? default .*$", "", text)
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
