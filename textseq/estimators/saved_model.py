"""A fitted estimator as the header and arrays of a model file, and back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import torch

from textseq.files import ModelFileError
from textseq.nn.initialization import without_values
from textseq.nn.trainable import Trainable
from textseq.training.threads import ThreadTeam

if TYPE_CHECKING:
    from textseq.estimators.trained_estimator import TrainedEstimator


# Parameters that are tuples, which JSON turns into lists.
TUPLES = {"ngram_range", "head_sizes", "quantiles"}
# Before the names of arrays that are no weights of the network.
OWN = "own."


def network_arrays(network: Trainable) -> dict[str, np.ndarray]:
    """Return the network's weights by name."""
    return {name: weight.numpy() for name, weight in network.state_dict().items()}


def own_arrays(estimator: TrainedEstimator) -> dict[str, np.ndarray]:
    """Return what an estimator learned beside its network, by name."""
    return {f"{OWN}{name}": array for name, array in estimator._own_arrays().items()}


def header_of(estimator: TrainedEstimator) -> dict[str, Any]:
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


def restore(
    estimator: TrainedEstimator,
    header: dict[str, Any],
    arrays: dict[str, np.ndarray],
    code: dict[str, Any],
) -> None:
    """Fill a new estimator from a model file's header and arrays.

    Parameters
    ----------
    estimator : TrainedEstimator
    header : dict
    arrays : dict of str to ndarray
    code : dict
        The caller's own "tokenizer", "target_tokenizer" and "encoder", which no file holds; None
        where there is none.
    """
    own = {name.removeprefix(OWN): arrays[name] for name in arrays if name.startswith(OWN)}
    arrays = {name: array for name, array in arrays.items() if not name.startswith(OWN)}
    estimator._own_from_file(header, own, code)
    architecture = dict(header["network"])
    if code["encoder"] is not None:
        architecture["encoder"] = code["encoder"]
    elif str(architecture["encoder"]).startswith("class "):
        raise ModelFileError(
            f"the model uses the caller's own encoder ({architecture['encoder']}), and a model "
            "file holds no code: pass load_model(path, encoder=...)"
        )
    n_layers = architecture["num_layers"] + len(architecture.get("head_sizes", ()))
    if n_layers > len(arrays):  # refuse before building that many
        raise ModelFileError(f"{n_layers} layers, but {len(arrays)} arrays")
    # On the "meta" device nothing is allocated, whatever sizes the header claims.
    with ThreadTeam(1), without_values(), torch.device("meta"):
        network = estimator.network_kind(**architecture)
    weights = {name: torch.from_numpy(array) for name, array in arrays.items()}
    network.load_state_dict(weights, strict=True, assign=True)
    estimator.network_ = network.requires_grad_(False).eval()
    estimator.architecture_ = architecture
    estimator.fitted_parameters_ = read_parameters(header["fitted_parameters"])
    estimator.history_ = pd.DataFrame(header["history"])
    estimator.interrupted_ = header["interrupted"]
    estimator.receipt_ = header["receipt"]


def read_parameters(stored: dict[str, Any]) -> dict[str, Any]:
    """Return parameters as they were; JSON has no tuples."""
    return {
        name: tuple(value) if name in TUPLES and isinstance(value, list) else value
        for name, value in stored.items()
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
