"""Forecasts of windows, also for more steps than the network has outputs."""

from __future__ import annotations

import numpy as np

from textseq.nn.forecasting import ForecastNetwork
from textseq.series.windows import Windows
from textseq.training.outputs import network_outputs
from textseq.training.threads import ThreadTeam


def forecast_windows(
    network: ForecastNetwork, windows: Windows, steps: int, team: ThreadTeam
) -> np.ndarray:
    """Forecast the next steps of every window.

    A decoder goes on for as many steps as it is asked for. Any other network that has fewer
    outputs reads its own forecasts and is applied again.

    Parameters
    ----------
    network : ForecastNetwork
    windows : Windows
    steps : int
    team : ThreadTeam

    Returns
    -------
    ndarray of shape (n, steps, K, Q), float64
        In the units of the windows' source; quantiles rise.
    """
    if network.strategy == "seq2seq":
        return _block(network, windows, steps, team)
    done: list[np.ndarray] = []
    block_size = windows.shape.horizon
    if block_size < steps:
        windows = windows.detached(steps)
    for start in range(0, steps, block_size):
        block = _block(network, windows, block_size, team)[:, : steps - start]
        done.append(block)
        if start + block_size < steps:
            windows = windows.moved(block[..., block.shape[3] // 2])
    return np.concatenate(done, axis=1)


def _block(network: ForecastNetwork, windows: Windows, steps: int, team: ThreadTeam) -> np.ndarray:
    windows = windows.over(steps)
    outputs = network_outputs(network, windows, team).astype(np.float64)
    location, scale = (part[:, None, :, None] for part in windows.location_scale)
    found = outputs.reshape(len(windows), steps, location.shape[2], -1)
    return np.sort(found, axis=3) * scale + location
