"""A fitted estimator as the header and arrays of a model file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from textseq.nn.trainable import Trainable

# Before the names of arrays that are no weights of the network.
OWN = "own."


def network_arrays(network: Trainable) -> dict[str, np.ndarray]:
    """Return the network's weights by name."""
    return {name: weight.numpy() for name, weight in network.state_dict().items()}


def own_arrays(estimator: Any) -> dict[str, np.ndarray]:
    """Return what an estimator learned beside its network, by name."""
    return {f"{OWN}{name}": array for name, array in estimator._own_arrays().items()}


def header_of(estimator: Any) -> dict[str, Any]:
    """Return all of a fitted estimator but its weights, JSON-able."""
    # Where a model was fitted need not be there where it is opened.
    parameters = estimator.get_params(deep=False) | {"device": "auto"}
    return {
        "parameters": _plain(parameters),
        "network": _named(estimator.architecture_),
        "fitted_parameters": _plain(estimator.fitted_parameters_),
        "history": estimator.history_.to_dict(orient="list"),
        "interrupted": estimator.interrupted_,
        "receipt": estimator.receipt_,
        **estimator._own_to_json(),
    }


def _plain(parameters: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters that a file can hold; None for word vectors and functions."""
    plain = {}
    for name, value in _named(parameters).items():
        if isinstance(value, Path):
            value = str(value)
        elif isinstance(value, np.generic):
            value = value.item()
        storable = value is None or isinstance(value, str | int | float | tuple | list)
        plain[name] = value if storable else None
    return plain


def _named(parameters: dict[str, Any]) -> dict[str, Any]:
    """Replace a caller's encoder class by its name."""
    encoder = parameters.get("encoder")
    if isinstance(encoder, type):
        name = f"class {encoder.__module__}.{encoder.__qualname__}"
        return parameters | {"encoder": name}
    return parameters
