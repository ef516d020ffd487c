"""A panel with room for the steps to forecast."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from textseq.ragged import offsets_of
from textseq.series.panel import Panel


def extended(panel: Panel, h: int, ahead: np.ndarray, times: np.ndarray | None = None) -> Panel:
    """Append ``h`` rows to every series: their times and covariates known ahead, no targets.

    Parameters
    ----------
    panel : Panel
    h : int
    ahead : ndarray of shape (S, h, F)
        Covariates known ahead.
    times : ndarray of shape (S, h), optional
        Those of the new rows; the next of the panel's frequency by default.

    Returns
    -------
    Panel
        Targets of the new rows are NaN; covariates known only up to now keep their last value.
    """
    lengths = panel.lengths + h
    offsets = offsets_of(lengths)
    own = np.repeat(np.arange(len(panel)), lengths)
    within = np.arange(len(own)) - offsets[own]
    is_new = within >= panel.lengths[own]
    rows = np.minimum(panel.offsets[own] + within, panel.offsets[1:][own] - 1)
    new_times = panel.future_times(h) if times is None else times
    times, future = panel.times[rows], panel.future[rows]
    times[is_new] = new_times.ravel()
    future[is_new] = ahead.reshape(len(panel) * h, -1)
    return replace(
        panel,
        offsets=offsets,
        times=times,
        y=np.where(is_new[:, None], np.nan, panel.y[rows]),
        past=panel.past[rows],
        future=future,
    )


def last_rows(panel: Panel, n_rows: int) -> Panel:
    """Keep at most the last ``n_rows`` rows of every series, in memory."""
    return panel.joined((_last(part, n_rows) for _, part in panel.parts()), in_file=False)


def _last(panel: Panel, n_rows: int) -> Panel:
    lengths = np.minimum(panel.lengths, n_rows)
    own = np.repeat(np.arange(len(panel)), lengths)
    within = np.arange(len(own)) - offsets_of(lengths)[own]
    rows = (panel.offsets[1:] - lengths)[own] + within
    return replace(
        panel,
        offsets=offsets_of(lengths),
        times=panel.times[rows],
        y=panel.y[rows],
        past=panel.past[rows],
        future=panel.future[rows],
    )


def n_missing_at_end(panel: Panel) -> np.ndarray:
    """Count the rows after the last value of each series and target, shape (S, K)."""
    (missing,) = panel.by_series(_missing_at_end)
    return missing


def _missing_at_end(panel: Panel) -> tuple[np.ndarray]:
    rows = np.where(np.isnan(panel.y), -1, np.arange(len(panel.y))[:, None])
    last = np.maximum.reduceat(rows, panel.offsets[:-1], axis=0)
    return (np.minimum(panel.offsets[1:, None] - 1 - last, panel.lengths[:, None]),)
