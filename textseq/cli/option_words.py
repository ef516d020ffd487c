"""Messages of Python's functions in the words of the command line."""

from __future__ import annotations

import re

# What a message calls a parameter, and the option that sets it.
_OPTIONS = {
    "abstain": "--abstain",
    "beam_size": "--beams",
    "class_weight": "--class-weight",
    "coverage": "--coverage",
    "cv": "--folds",
    "decision_threshold": "--decision-threshold",
    "fill_gaps": "--fill",
    "freq": "--freq",
    "future": "--future",
    "h": "--horizon",
    "hidden_size": "--hidden-size",
    "id_col": "--id",
    "kind": "--tokenizer",
    "level": "--level",
    "max_epochs": "--epochs",
    "max_features": "--max-features",
    "max_length": "--max-length",
    "max_new_tokens": "--length",
    "max_words": "--max-words",
    "min_df": "--min-df",
    "n_best": "--n-best",
    "n_drafts": "--drafts",
    "n_jobs": "--jobs",
    "n_members": "--members",
    "n_seeds": "--seeds",
    "n_threads": "--threads",
    "n_windows": "--windows",
    "no_repeat_ngram_size": "--no-repeat-ngram-size",
    "num_layers": "--layers",
    "past": "--past",
    "recipe": "--recipe",
    "repetition_penalty": "--repetition-penalty",
    "scoring": "--metric",
    "season_length": "--season",
    "static": "--static",
    "temperature": "--temperature",
    "tokenize": "--tokenize",
    "top_k": "--top-k",
    "top_p": "--top-p",
    "unknown": "--unknown",
    "val_size": "--val-size",
    "wide": "--wide",
    "X_future": "--future-data",
}
_ANY = "|".join(_OPTIONS)
# Those that are no words of English, too.
_NAMES = "|".join(name for name in _OPTIONS if "_" in name)
_PYTHON = re.compile(
    rf"""\b(?P<given>{_ANY})=(?P<value>None\b|'[^']*'|"[^"]*"|-?[\w.]*\w)?"""
    rf"""|\b(?P<name>{_NAMES})\b|^(?P<first>{_ANY})(?= must be )|(?P<shorter>\ba smaller h\b)"""
)


def option_words(message: str) -> str:
    """Return a message that names options where it names parameters of Python.

    Examples
    --------
    >>> option_words("n_windows=5 leaves no rows; use a smaller h, or level=None")
    '--windows 5 leaves no rows; use a smaller --horizon, or --level none'
    """
    # One way out, written twice.
    message = message.replace("='interpolate' or 'zero'", "='interpolate' or fill_gaps='zero'")
    message = message.replace("precision='float16'", "--precision float16")
    return _PYTHON.sub(_option, message)


def _option(found: re.Match[str]) -> str:
    if found["shorter"]:
        return "a smaller --horizon"
    option = _OPTIONS[found["given"] or found["name"] or found["first"]]
    value = (found["value"] or "").strip("'\"")
    return f"{option} {'none' if value == 'None' else value}".rstrip()
