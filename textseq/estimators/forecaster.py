"""Series to their next values: global networks over many series, with intervals and backtests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from sklearn.utils.validation import check_is_fitted
from torch import nn

from textseq.estimators.backtest import backtest
from textseq.estimators.calibration import Calibration
from textseq.estimators.checks import check_count, seed_of
from textseq.estimators.forecast_defaults import AUTO, ForecastFacts, resolve
from textseq.estimators.forecast_fit import (
    ForecastSplit,
    build_forecast_network,
    calibrate,
    forecast_panel,
)
from textseq.estimators.forecast_parameters import check_forecast_parameters
from textseq.estimators.forecast_state import (
    arrays_from_state,
    state_from_arrays,
    state_from_json,
    state_to_json,
)
from textseq.estimators.receipt import series_fingerprint
from textseq.estimators.trained_estimator import TrainedEstimator
from textseq.estimators.window_encoding import WindowEncoding
from textseq.nn.forecasting import ForecastNetwork
from textseq.series.extension import last_rows
from textseq.series.panel import Panel, read_panel
from textseq.training.devices import computing
from textseq.training.forecast_objective import forecast_objective
from textseq.training.loop import OnBatch
from textseq.training.objectives import Objective

QUANTILES = (0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975)
LEVELS = (80, 95)
