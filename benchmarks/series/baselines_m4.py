"""The simple baselines on M4 Hourly: a check of the metrics against the competition's own figures.

The competition's seasonal naive has sMAPE 13.912 and MASE 1.193 there:

    python benchmarks/series/baselines_m4.py --data DIR

DIR holds series/m4_hourly/Hourly-train.csv and Hourly-test.csv; see benchmarks/README.md.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import polars as pl

from textseq.series.baselines import choose_baselines, forecast_baseline
from textseq.series.metrics import score_forecasts
from textseq.series.panel import Panel, read_panel

HORIZON = 48
SEASON = 24


def read(folder: Path) -> Panel:
    """Return train and test end to end; times are the hours of each series."""
    parts = [
        pl.read_csv(folder / f"Hourly-{part}.csv", infer_schema_length=None)
        for part in ("train", "test")
    ]
    wide = parts[0].join(parts[1], on="V1", suffix="_test")
    hours = [name for name in wide.columns if name != "V1"]
    values = wide.select(y=pl.concat_list(pl.col(hours)).list.drop_nulls(), unique_id="V1")
    values = values.with_columns(ds=pl.int_ranges(pl.col("y").list.len()))
    return read_panel(values.explode("y", "ds"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--baselines", default="naive", help="naive, statistical or r")
    arguments = parser.parse_args()
    panel = read(arguments.data / "series" / "m4_hourly")
    train = panel.until(panel.lengths - HORIZON)
    rows = panel.offsets[1:, None] - HORIZON + np.arange(HORIZON)
    columns = {"y": panel.y[rows, 0]}
    for name in choose_baselines(arguments.baselines):
        start = time.perf_counter()
        columns |= forecast_baseline(name, train, HORIZON, SEASON, levels=[90]).columns(name)
        print(f"{name}: {time.perf_counter() - start:.2f} s")
    frame = train.frame(columns, HORIZON, cutoff=True)
    with pl.Config(float_precision=3, tbl_cols=-1, tbl_width_chars=120):
        print(f"{len(panel)} series")
        print(score_forecasts(frame, panel, SEASON))


if __name__ == "__main__":
    main()
