"""The page of a forecaster."""

from __future__ import annotations

from typing import Any

import numpy as np

from textseq.estimators.page import PageEstimator
from textseq.json_values import plain_values
from textseq.nn.decoder import Decoder
from textseq.nn.forecasting import ForecastNetwork
from textseq.playground.arrays import Arrays
from textseq.playground.examples import MOST_EXAMPLES, chosen_rows
from textseq.playground.exported import Exported
from textseq.playground.layers import (
    cell_form,
    encoder_form,
    head_form,
    linear_form,
    pooling_form,
)
from textseq.series.extension import extended
from textseq.series.panel import Panel
from textseq.series.wall_clock import WallClock
from textseq.series.windows import Windows

# Series that are read to choose among.
MOST_SERIES = 200


class ForecastPage(PageEstimator):
    """Part of the forecaster: what a page holds of it."""

    network_: ForecastNetwork

    def _exported(self: Any, X: Any, y: Any, max_words: int | None) -> Exported:
        arrays, network, chosen = Arrays(), self.network_, self.fitted_parameters_
        panel = self.panel_ if X is None else self.read(X)
        panel = panel.take(np.arange(min(len(panel), MOST_SERIES)))
        form = {
            "estimator": type(self).__name__,
            "task": "forecast",
            "reads": "window",
            "encoder": self.architecture_["encoder"],
            "network": forecast_form(network, arrays),
            "window": {
                "longest": int(chosen["input_size"]),
                "scaling": chosen["window_scaling"],
                "season": int(chosen["season_length"]),
                "steps": self.horizon_,
                "block": self._steps(),
            },
            "answer": {
                "names": list(panel.names.targets),
                "quantiles": list(self._quantiles()),
            },
            "examples": self._examples(panel, cut=X is not None or bool(panel.names.future)),
        }
        title = f"{type(self).__name__} with encoder={self.architecture_['encoder']!r}"
        return Exported(title, form, arrays, self.receipt_)

    def _examples(self: Any, panel: Panel, cut: bool) -> list[dict[str, Any]]:
        """Describe windows to choose from: the last of each series, or the last whose end is known.

        A forecast is called wrong that is further off than the last season, said again.
        """
        h = self.horizon_
        ahead, truth = np.zeros((len(panel), h, panel.future.shape[1])), None
        if cut:
            panel = panel.take(np.flatnonzero(panel.lengths > h))
            if not len(panel):
                raise ValueError(
                    f"a page shows windows and the {h} steps behind them, and no series of X is "
                    f"longer than {h} steps; pass longer ones"
                )
            rows = panel.offsets[1:, None] - h + np.arange(h)  # (S, h)
            truth, ahead = panel.y[rows], panel.future[rows]
            panel = panel.until(panel.lengths - h)
        forecasts = self.forecast_panel(panel, h, ahead).mean
        wrong = np.zeros(len(panel), dtype=bool)
        if truth is not None:
            season = int(self.fitted_parameters_["season_length"])
            naive = np.stack([_repeated(part.y, season, h) for part in _each(panel)])
            errors, others = (_off(truth, said) for said in (forecasts, naive))
            wrong = errors > others
        shown = chosen_rows(wrong)[:MOST_EXAMPLES]
        inputs = self._windows(panel.take(shown), ahead[shown])
        return [
            {
                "input": one,
                "prediction": plain_values(forecasts[row].T),
                "target": None if truth is None else plain_values(truth[row].T),
                "wrong": bool(wrong[row]),
            }
            for one, row in zip(inputs, shown.tolist(), strict=True)
        ]

    def _windows(self: Any, given: Panel, ahead: np.ndarray) -> list[dict[str, Any]]:
        """Describe the last window of each series, and what is known of the steps behind it."""
        clock = WallClock.of(given, self.horizon_)
        recent, n_rows = clock.panel, clock.n_steps
        times = clock.spread(given.future_times(self.horizon_))
        source = self._source(extended(recent, n_rows, clock.spread(ahead), times))
        windows = Windows(source, source.offsets[1:] - n_rows, self._window_shape())
        location, scale = self.encoding_.scales_of(recent)
        found = []
        for row, (end, length) in enumerate(zip(windows.ends, windows.lengths, strict=True)):
            own, behind = slice(end - length, end), slice(end - length, end + n_rows)
            found.append(
                {
                    "name": str(given.ids[row]),
                    "values": (source.filled[own] * scale[row] + location[row]).T,
                    "others": source.channels[behind],
                    "ahead": source.ahead[end : end + n_rows],
                    "static": source.static[row],
                    "location": location[row],
                    "scale": scale[row],
                    "at": clock.ahead[row],
                }
            )
        return [plain_values(one) for one in found]


def _each(panel: Panel) -> list[Panel]:
    return [panel.take([row]) for row in range(len(panel))]


def _repeated(y: np.ndarray, season: int, h: int) -> np.ndarray:
    """Return the last season of a series (N, K) again for ``h`` steps."""
    season = min(season, len(y))
    repeated: np.ndarray = y[len(y) - season + np.arange(h) % season]
    return repeated


def _off(truth: np.ndarray, said: np.ndarray) -> np.ndarray:
    """Return how far forecasts (S, h, K) are off (S,); infinitely where nothing is said."""
    far = np.abs(truth - np.where(np.isnan(said), np.inf, said))
    known = ~np.isnan(truth)
    total: np.ndarray = np.where(known, far, 0.0).sum((1, 2))
    return total


def forecast_form(network: ForecastNetwork, arrays: Arrays) -> dict[str, Any]:
    """Describe a forecasting network and the paths beside it."""
    folding, seasonal = network.folding, network.seasonal
    form: dict[str, Any] = {
        "inputs": {"kind": "numbers", "width": folding.width},
        "encoder": encoder_form(network.encoder, arrays),
        "pooling": pooling_form(network.pooling, arrays),
        "head": head_form(network.head, arrays),
        "targets": network.n_targets,
        "horizon": network.horizon,
        "quantiles": network.n_outputs_per_step,
        "fold": folding.fold,
        "steps": folding.n_steps,
        "season": folding.season_length,
        "linear": None,
        "seasonal": None,
        "decoder": None,
        "future": None,
    }
    if network.linear is not None:
        form["linear"] = linear_form(network.linear.map, arrays, "linear")
    if seasonal is not None:
        form["seasonal"] = {
            "season": seasonal.season_length,
            "seasons": seasonal.n_seasons,
            "ahead": seasonal.n_ahead,
        }
    if network.decoder is not None:
        form["decoder"] = decoder_form(network.decoder, arrays)
    if network.future is not None:
        form["future"] = {
            part: linear_form(getattr(network.future, part), arrays, f"future.{part}")
            for part in ("of_future", "of_pooled", "output")
        }
    return form


def decoder_form(decoder: Decoder, arrays: Arrays) -> dict[str, Any]:
    """Describe a decoder that reads its own forecasts."""
    return {
        "kind": decoder.cell.kind.split("_")[0],
        "activation": getattr(decoder.cell, "activation", "tanh"),
        "weights": cell_form(decoder.cell, arrays, "decoder.layer1"),
        "output": linear_form(decoder.output, arrays, "decoder.output"),
    }
