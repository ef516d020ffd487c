"""R's values as the parameters of estimators: lone values alone, whole numbers whole."""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from textseq.estimators.declared import parameters_of as declared_parameters

# What stands for an object of Python: a dict of one of these names, and what tells the object.
HANDLES = {
    "textseq_checkpoint": ("textseq.r.models", "checkpoint_by_handle"),
    "textseq_files": ("textseq.r.text_files", "files_by_handle"),
    "textseq_model": ("textseq.r.models", "model_by_handle"),
    "textseq_vectors": ("textseq.r.represent", "vectors_by_handle"),
    "textseq_waves": ("textseq.r.sequences", "waves_by_handle"),
    "textseq_tokenizer": ("textseq.r.represent", "tokenizer_by_handle"),
}


def python_value(value: Any, name: str = "a parameter") -> Any:
    """Return what a Python user would write for a value of R.

    Parameters
    ----------
    value : what ``wire.decode`` returns
    name : str
        What R calls it, for messages.

    Returns
    -------
    value
        Vectors of one value are that value, whole doubles are int, vectors of several are
        lists, those with names are dicts.

    Raises
    ------
    ValueError
        If a number or a logical is NA.

    Examples
    --------
    >>> python_value(np.array([10.0])), python_value(np.array([0.5, 1.0])), python_value(["lstm"])
    (10, [0.5, 1], 'lstm')
    """
    if isinstance(value, Mapping):
        handle = next(iter(value), None) if len(value) == 1 else None
        if handle in HANDLES:
            module, name = HANDLES[handle]
            return getattr(importlib.import_module(module), name)(value[handle])
        return {key: python_value(item, key) for key, item in value.items()}
    if isinstance(value, pd.Series):
        if value.index.has_duplicates:
            raise ValueError(
                f"the names of a vector are {list(value.index)}; give each value a name of its own"
            )
        return {key: _plain(item, name) for key, item in value.items()}
    items = _items(value, name)
    if items is None:
        return value
    return items[0] if len(items) == 1 else items


def parameters_of(kind: type, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return R's arguments as the parameters of an estimator.

    Parameters
    ----------
    kind : type
        The estimator.
    given : mapping of str to what ``wire.decode`` returns

    Returns
    -------
    dict

    Raises
    ------
    ValueError
        If the estimator has no such parameter; the message names the nearest.
    """
    names = declared_parameters(kind)
    parameters = {}
    for name, value in given.items():
        if name not in names:
            near = difflib.get_close_matches(name, names, n=1)
            hint = f"; did you mean {near[0]}?" if near else ";"
            raise ValueError(
                f"{kind.__name__} has no parameter {name!r}{hint} "
                "textseq_parameters() lists them all"
            )
        rule = names[name].rule
        items = tuple(_items(value, name) or ())
        # One of R's values is a sequence of one, where there may be several.
        several = (
            rule.several and not isinstance(value, str) and not (rule.or_one and len(items) == 1)
        )
        parameters[name] = items if several else python_value(value, name)
    return parameters


def _items(value: Any, name: str) -> list[Any] | None:
    """Return the items of a vector; None for what is no vector."""
    if isinstance(value, np.ndarray) and value.ndim != 1:
        return None
    if isinstance(value, pd.Categorical):
        value = list(value)
    if isinstance(value, np.ndarray | pd.api.extensions.ExtensionArray | pd.Index | list):
        return [_plain(item, name) for item in value]
    return None


def _plain(item: Any, name: str) -> Any:
    if item is None or item is pd.NA:
        raise ValueError(f"{name} is NA; leave it out, or use NULL for none")
    if isinstance(item, np.generic):
        item = item.item()
    if isinstance(item, float) and item.is_integer():
        return int(item)
    return item
