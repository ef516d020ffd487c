"""Series to their next values: global networks over many series, with intervals and backtests."""

from __future__ import annotations

QUANTILES = (0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975)
LEVELS = (80, 95)
