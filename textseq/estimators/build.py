"""A new network with its first values."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any, TypeVar

import numpy as np

from textseq.checks import as_int
from textseq.nn.initialization import initialize, initializing_from
from textseq.nn.trainable import Trainable
from textseq.training.threads import ThreadTeam

N = TypeVar("N", bound=Trainable)


def architecture(
    kind: type[Trainable], chosen: Mapping[str, Any], **learned: Any
) -> dict[str, Any]:
    """Return a network's arguments.

    Parameters
    ----------
    kind : type
        Of the network.
    chosen : mapping
        An estimator's parameters, all decided; those that the network has under the same name
        are taken.
    **learned
        What was learned of the data, and what stands for a parameter in the network.

    Returns
    -------
    dict
        JSON-able, but for an encoder that is a class.
    """
    taken = {name: _plain(chosen[name]) for name in _arguments(kind) if name in chosen}
    return taken | learned


def build(
    kind: type[N],
    arguments: Mapping[str, Any],
    init: str,
    init_gain: float,
    longest: int,
    seed: int,
) -> N:
    """Build a network and draw its first weights.

    Parameters
    ----------
    kind : type
        Of the network.
    arguments : mapping
        As ``architecture`` returns them.
    init, init_gain
        Of the layers' weights, as ``initialize`` takes them.
    longest : int
        Steps of the longest training row.
    seed : int
    """
    with ThreadTeam(1), initializing_from(seed):
        network = kind(**arguments)
        for layers in network.initialized_layers():
            initialize(layers, init, float(init_gain), longest)
    return network


def draw_seed(rng: np.random.Generator) -> int:
    """Draw the seed of a network's first weights."""
    return int(rng.integers(2**63 - 1))


def _arguments(kind: type) -> list[str]:
    """Return the names of a network's arguments, those handed on to its bases among them."""
    names: list[str] = []
    for base in kind.__mro__:
        if "__init__" in base.__dict__:
            own = inspect.signature(base.__dict__["__init__"]).parameters.values()
            names += [one.name for one in own if one.kind is one.KEYWORD_ONLY]
            if not any(one.kind is one.VAR_KEYWORD for one in own):
                break
    return names


def _plain(value: Any) -> Any:
    if isinstance(value, tuple | list):
        return [int(item) for item in value]
    return as_int(value.item() if isinstance(value, np.generic) else value)
