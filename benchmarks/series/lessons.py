"""Three lessons on series, each in a few lines; prints what a class would look at.

    python benchmarks/series/lessons.py --data DIR [--lessons electricity,pollution,sunspots]

DIR holds series/; see benchmarks/README.md.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import pandas as pd

from textseq import Forecaster, compare_forecasts, find_learning_rate, load_sample


def electricity(data: Path) -> None:
    """A week of hourly demand, then the next hour; then the next day."""
    half_hours = pd.read_csv(data / "series/vic_elec/vic_elec.csv.gz", parse_dates=["time_local"])
    hourly = half_hours.groupby(half_hours["time_local"].dt.floor("h"))["demand"].mean()
    frame = hourly.asfreq("h").ffill().rename_axis("ds").rename("y").reset_index()
    past = frame[frame["ds"] < "2014"]

    model = Forecaster(h=1, input_size=168, num_layers=2, hidden_size=32, dropout=0.2, patience=3)
    print(find_learning_rate(model, past).verdict)
    model.fit(past, val_size=365 * 24)
    print(model.history_[["epoch", "loss", "validation_loss", "learning_rate"]])
    print(model.predict(df=frame[frame["ds"] < "2014-06-01"]))

    day = Forecaster(h=24, input_size=168).fit(past, val_size=365 * 24)
    print(day.predict(level=(90,)))


def pollution(data: Path) -> None:
    """A year of hours and eleven variables, then 24 hours of seven of them."""
    frame = pd.read_csv(data / "series/pollution.csv.gz")
    frame["ds"] = pd.to_datetime(frame[["year", "month", "day", "hour"]])
    targets = ["pm2.5", "DEWP", "TEMP", "PRES", "Iws", "Is", "Ir"]
    winds = pd.get_dummies(frame["cbwd"], prefix="wind", dtype=float)
    frame = pd.concat([frame[["ds", *targets]], winds], axis=1)

    # A window is a year: one pass, in minutes, and not again over the validation rows.
    model = Forecaster(h=24, input_size=8760, max_epochs=1, retrain=False)
    model.fit(frame, target_col=targets, past=list(winds.columns))
    print(model.predict(level=(80,)).query("variable == 'pm2.5'"))


def sunspots(data: Path) -> None:
    """Three encoders on a monthly series, in one call."""
    print(compare_forecasts(load_sample("sunspots"), h=12, encoders=("rnn", "lstm", "gru")))


LESSONS = {"electricity": electricity, "pollution": pollution, "sunspots": sunspots}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--lessons", default=",".join(LESSONS))
    arguments = parser.parse_args()
    for name in arguments.lessons.split(","):
        print(f"# {LESSONS[name].__doc__}")
        LESSONS[name](arguments.data)


if __name__ == "__main__":
    main()
