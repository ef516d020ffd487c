"""A new forecasting network with its first values."""

from __future__ import annotations

from typing import Any

from textseq.nn.forecasting import ForecastNetwork
from textseq.nn.initialization import initialize, initializing_from
from textseq.training.threads import ThreadTeam


def build_forecast_network(
    architecture: dict[str, Any], *, init: str, init_gain: float, seed: int
) -> ForecastNetwork:
    """Build a network and draw its first weights.

    Parameters
    ----------
    architecture : dict
        Arguments of ``ForecastNetwork``.
    init, init_gain
        Of the encoder's weights, as ``initialize`` takes them.
    seed : int
    """
    with ThreadTeam(1), initializing_from(seed):
        network = ForecastNetwork(**architecture)
        initialize(network.encoder, init, init_gain, architecture["input_size"])
    return network
