"""Forecasts on public series, beside the naive ones in the same run.

Writes forecasting.json and forecasting.md beside this file:

    python benchmarks/series/forecasting.py --data DIR [--sets etth1,m4,vic_elec] [--seeds 3]

`--seeds 0` runs the naive forecasts alone.

DIR holds series/; see benchmarks/README.md. Nothing is chosen on a test part: the settings
below were chosen on the validation part of the training rows, whose last part also chooses
the epoch and calibrates the intervals of every fit.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np
import pandas as pd

from textseq import Forecaster
from textseq.estimators.forecasting.backtest import backtest
from textseq.series.baselines import forecast_baseline
from textseq.series.metrics import coverage, mase, naive_scale, smape
from textseq.series.panel import read_panel

HERE = Path(__file__).parent
LEVEL = 90
BASELINES = ("naive", "seasonal_naive", "drift")
MONTH = 30 * 24
WEEK = 7 * 24


def etth1(data: Path, seeds: int, encoders: list[str]) -> list[dict]:
    """Oil temperature: 12, 4 and 4 months of 30 days, in units of the first 12 months' spread."""
    frame = pd.read_csv(data / "series/ETTh1.csv", usecols=["date", "OT"])
    frame = frame.rename(columns={"date": "ds", "OT": "y"}).iloc[: 20 * MONTH]
    train = frame["y"].iloc[: 12 * MONTH]
    rows = []
    for h in (24, 96, 336):
        task = f"ETTh1, {h} steps"
        rows += origins(task, frame, train, h, 4 * MONTH, 4 * MONTH, seeds, encoders)
    return rows


def vic_elec(data: Path, seeds: int, encoders: list[str]) -> list[dict]:
    """Electricity demand of Victoria, hourly means: 2012, 2013 and 2014."""
    frame = pd.read_csv(data / "series/vic_elec/vic_elec.csv.gz")
    stamps = pd.to_datetime(frame["time_local"])
    hourly = frame["demand"].groupby(stamps.dt.floor("h")).mean()
    # The hour that the change of clocks leaves out is the one before it.
    hourly = hourly.asfreq("h").ffill()
    frame = pd.DataFrame({"ds": hourly.index, "y": hourly.to_numpy()})
    years = frame["ds"].dt.year
    train, n_val, n_test = frame["y"][years == 2012], (years == 2013).sum(), (years == 2014).sum()
    rows = []
    for h in (1, 168):
        task = f"vic_elec, {h} step{'s' * (h > 1)}"
        rows += origins(task, frame, train, h, int(n_val), int(n_test), seeds, encoders)
    return rows


def origins(task, frame, train, h, n_val, n_test, seeds, encoders) -> list[dict]:
    """Fit once, then forecast from every hour of the test part."""
    panel = read_panel(frame)
    moments = {"n_windows": n_test - h + 1, "step_size": 1, "refit": False}
    shared = {"h": h, "levels": (LEVEL,), **moments}
    naive = backtest({}, panel, baselines=BASELINES, **shared).frame
    rows = [judged(task, naive, name, name, train, h) for name in BASELINES]
    if h == WEEK:
        weekly = backtest({}, panel, baselines=("seasonal_naive",), season_length=WEEK, **shared)
        rows.append(judged(task, weekly.frame, "seasonal_naive", "a week before", train, h))
    for encoder in encoders:
        for seed in range(seeds):
            # The squared error is judged, so it is what is learned; and by the custom of these
            # sets the validation part is not trained on.
            model = Forecaster(h=h, encoder=encoder, loss="mse", retrain=False, random_state=seed)
            started = time.perf_counter()
            found = model.cross_validation(
                frame, level=(LEVEL,), baselines=(), val_size=n_val, **moments
            )
            print(f"{task}: {encoder}, seed {seed}: {time.perf_counter() - started:.0f} s")
            rows.append(judged(task, found, encoder, encoder, train, h, seed))
    return rows


def judged(task, found, column, name, train, h, seed=0) -> dict:
    """Return a row: errors in units of the training rows' spread, coverage and width."""
    spread = train.std(ddof=0)
    truth = found["y"].to_numpy()
    errors = (found[column].to_numpy() - truth) / spread
    low, high = found[f"{column}-lo-{LEVEL}"], found[f"{column}-hi-{LEVEL}"]
    return {
        "task": task,
        "model": name,
        "seed": seed,
        "mse": float(np.mean(errors**2)),
        "mae": float(np.mean(np.abs(errors))),
        "coverage": coverage(truth, low.to_numpy(), high.to_numpy()),
        "width": float((high - low).mean() / spread),
        "windows": len(found) // h,
    }


def m4(data: Path, seeds: int, encoders: list[str]) -> list[dict]:
    """All 414 hourly series of the M4 competition, 48 steps, its own metrics."""
    folder = data / "series/m4_hourly"
    train, test = (
        pd.read_csv(folder / f"Hourly-{part}.csv", index_col=0) for part in ("train", "test")
    )
    long = train.stack().dropna().rename("y").reset_index()
    long.columns = ["unique_id", "ds", "y"]
    long["ds"] = long["ds"].str[1:].astype(int) - 1
    panel = read_panel(long)
    truth = test.loc[panel.ids].to_numpy()
    scale = naive_scale(panel, 24)
    rows = []

    def add(name: str, seed: int, forecast, low, high, seconds: float) -> None:
        rows.append(
            {
                "task": "M4 Hourly, 48 steps",
                "model": name,
                "seed": seed,
                "mase": mase(truth, forecast, scale),
                "smape": smape(truth, forecast),
                "coverage": coverage(truth, low, high),
                "seconds": seconds,
            }
        )
        print(rows[-1])

    for name in BASELINES:
        started = time.perf_counter()
        found = forecast_baseline(name, panel, 48, 24, (LEVEL,))
        parts = (found.mean, found.lower[LEVEL], found.upper[LEVEL])
        add(name, 0, *(part[:, :, 0] for part in parts), time.perf_counter() - started)
    for encoder in encoders:
        for seed in range(seeds):
            model = Forecaster(h=48, encoder=encoder, season_length=24, random_state=seed)
            started = time.perf_counter()
            model.fit(long)
            seconds = time.perf_counter() - started
            found = model.predict(level=(LEVEL,))
            columns = (encoder, f"{encoder}-lo-{LEVEL}", f"{encoder}-hi-{LEVEL}")
            parts = [found[column].to_numpy().reshape(-1, 48) for column in columns]
            add(encoder, seed, *parts, seconds)
    return rows


SETS = {"etth1": etth1, "m4": m4, "vic_elec": vic_elec}


def table(rows: list[dict]) -> str:
    frame = pd.DataFrame(rows)
    lines = []
    for metrics, tasks in (
        (["mse", "mae", "coverage", "width"], [t for t in frame["task"].unique() if "M4" not in t]),
        (
            ["mase", "smape", "coverage", "seconds"],
            [t for t in frame["task"].unique() if "M4" in t],
        ),
    ):
        if not tasks:
            continue
        lines += ["| series | model | " + " | ".join(metrics) + " | seeds |"]
        lines += ["|" + "---|" * (len(metrics) + 3)]
        for task in tasks:
            for name, part in frame[frame["task"] == task].groupby("model", sort=False):
                cells = [f"{part[metric].mean():.4g}" for metric in metrics]
                lines.append(f"| {task} | {name} | {' | '.join(cells)} | {len(part)} |")
        lines.append("")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--sets", default=",".join(SETS))
    parser.add_argument("--encoders", default="lstm")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--out", type=Path, default=HERE)
    arguments = parser.parse_args()
    stored = arguments.out / "forecasting.json"
    # A run replaces the rows it names and keeps the others.
    rows = json.loads(stored.read_text()) if stored.exists() else []
    found = {(row["task"], row["model"], row["seed"]): row for row in rows}
    for name in arguments.sets.split(","):
        for row in SETS[name](arguments.data, arguments.seeds, arguments.encoders.split(",")):
            found[row["task"], row["model"], row["seed"]] = row
    rows = list(found.values())
    stored.write_text(json.dumps(rows, indent=1) + "\n")
    (arguments.out / "forecasting.md").write_text(table(rows))
    print(table(rows))


if __name__ == "__main__":
    main()
