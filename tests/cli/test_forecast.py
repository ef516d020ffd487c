import io
import json
import os
import shlex
import signal

import numpy as np
import polars as pl
import pytest

from textseq import Forecaster, load_sample
from textseq.cli.app import app
from textseq.cli.option_words import option_words
from textseq.comparison.forecasts.result import ForecastComparison
from textseq.samples import sample_path

from .conftest import on_terminal

QUICK = "--epochs 2 --threads 1 --windows 2"


@pytest.fixture
def here(tmp_path, monkeypatch, capsys):
    """Run a command in this process, in an empty folder; return what it printed."""

    def run(command):
        app(shlex.split(command), standalone_mode=False)
        return capsys.readouterr().out

    monkeypatch.chdir(tmp_path)
    return run


@pytest.fixture
def passengers(tmp_path):
    """The monthly series as R's users have it: no ids, columns of their own names."""
    frame = pl.read_csv(sample_path("airpassengers"))
    frame.select(Month="ds", passengers="y").rename({"passengers": "#Passengers"}).write_csv(
        tmp_path / "AirPassengers.csv"
    )
    return "AirPassengers.csv --time Month --target '#Passengers' -H 12"


def test_one_series_without_ids_to_forecasts_page_and_json(textseq, passengers, tmp_path):
    done = textseq(
        f"forecast {passengers} {QUICK} --encoders gru,rnn --level 90 "
        "--out out.csv --page page.html --json table.json"
    )
    assert done.returncode == 0, done.stderr
    shown = done.stdout.decode()
    for name in ("gru", "rnn", "naive", "seasonal naive", "drift", "in 90 %"):
        assert name in shown
    assert f"page: {tmp_path / 'page.html'}" in shown
    comparison = ForecastComparison.from_json(tmp_path / "table.json")
    best = comparison.table.query("kind == 'network'")["model"].iloc[0]
    forecasts = pl.read_csv(tmp_path / "out.csv")
    assert forecasts.columns == ["unique_id", "Month", best, f"{best}-lo-90", f"{best}-hi-90"]
    assert forecasts["Month"][[0, 11]].to_list() == ["1961-01", "1961-12"]
    page = (tmp_path / "page.html").read_text()
    assert f"The next 12 steps, by {best} fitted to all rows" in page


def test_the_forecasts_are_those_of_the_forecaster(textseq, passengers):
    done = textseq(f"forecast {passengers} {QUICK} --encoder gru --seed 3 -o -")
    assert done.returncode == 0, done.stderr
    printed = pl.read_csv(io.BytesIO(done.stdout))
    model = Forecaster(12, encoder="gru", max_epochs=2, n_threads=1, random_state=3)
    expected = model.fit(load_sample("airpassengers")).predict()
    np.testing.assert_allclose(printed["gru"], expected["gru"], rtol=1e-6)
    np.testing.assert_allclose(printed["gru-lo-80"], expected["gru-lo-80"], rtol=1e-6)
    # The table does not stand in the way of the forecasts.
    assert b"seasonal naive" in done.stderr


def test_without_a_file_the_forecasts_are_printed(here, passengers, tmp_path):
    shown = here(f"forecast {passengers} {QUICK} --encoder gru")
    assert "1961-12" in shown
    assert "more rows" not in shown
    assert os.listdir(tmp_path) == ["AirPassengers.csv"]


def test_hours_covariates_and_parquet(here, tmp_path):
    hours = pl.read_csv(sample_path("etth1")).head(300)
    hours.write_csv(tmp_path / "train.csv")
    ahead = pl.read_csv(sample_path("etth1")).slice(300, 6).select("date", "HUFL")
    ahead.write_csv(tmp_path / "ahead.csv")
    shown = here(
        f"forecast train.csv --time date --target OT,LULL --past MULL --future HUFL "
        f"--future-data ahead.csv -H 6 {QUICK} --encoder gru --baselines naive,drift "
        "--out out.parquet"
    )
    forecasts = pl.read_parquet(tmp_path / "out.parquet")
    assert forecasts.columns[:4] == ["unique_id", "date", "variable", "gru"]
    assert forecasts["variable"].to_list() == ["OT", "LULL"] * 6
    assert str(forecasts["date"][0]) == "2016-07-13 12:00:00"
    assert "seasonal" not in shown


def test_ids_integers_missing_values_and_long_output(here, tmp_path):
    rng = np.random.default_rng(0)
    loads = rng.normal(size=120).round(3).astype(str)
    loads[3] = "NA"
    meters = np.repeat(["007", "a"], 60)
    lines = [f"{meters[row]},{row % 60},{loads[row]}" for row in range(120)]
    (tmp_path / "loads.csv").write_text("\n".join(["meter,hour,kwh", *lines]))
    shown = here(
        f"forecast loads.csv --id meter --time hour --target kwh -H 20 {QUICK} "
        "--encoder rnn --level none --baselines none"
    )
    assert "warning: 1 of 120 values (0.8 %) are missing" in shown
    assert "16 more rows; --out FILE writes them all" in shown
    assert "\n007 " in shown
    assert "in 80 %" not in shown


def test_gaps_are_filled_where_the_command_says_so(here, tmp_path):
    days = pl.DataFrame({"ds": range(80), "y": [float(day % 7) for day in range(80)]})
    missing = pl.col("ds").is_in([30, 31])
    days.filter(~missing).write_csv(tmp_path / "gap.csv")
    days.with_columns(pl.when(missing).then(0.0).otherwise("y").alias("y")).write_csv(
        tmp_path / "zero.csv"
    )
    options = f"-H 7 {QUICK} --encoder rnn -o -"
    filled = here(f"forecast gap.csv --fill zero {options}")
    assert filled == here(f"forecast zero.csv {options}")
    assert filled != here(f"forecast gap.csv --fill interpolate {options}")


def test_json_lines_of_whole_numbers(here, tmp_path):
    lines = "".join(json.dumps({"ds": day, "y": day % 7}) + "\n" for day in range(80))
    (tmp_path / "days.jsonl").write_text(lines)
    printed = here(f"forecast days.jsonl -H 7 {QUICK} --encoder rnn -o -")
    assert printed.splitlines()[1].startswith("series,80,")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            "t.csv --time day --target load",
            "has no column 'load'; did you mean 'loads'? Its columns are",
        ),
        ("t.csv --target loads --time dat", "has no column 'dat'; did you mean 'day'?"),
        ("t.csv --target loads --time day --id meter", "has no column 'meter'"),
        ("t.csv --target loads --time day --past loads", "column 'loads' is named twice"),
        ("t.csv --target name --time day", "line 2: 'a' in column 'name' is not a finite number"),
        ("t.csv --target loads --time day --horizon 0", "--horizon must be a whole number"),
        ("t.csv --target loads --time day --horizon 30", "too few for 5 windows"),
        ("t.csv --target loads --time day -H 2 --encoders lstn", "lstn"),
        ("t.csv --target loads --time day --baselines arima", "unknown baseline 'arima'"),
        ("t.csv --target loads --time day --level 80,x", "--level 80,x: write percentages"),
        ("t.csv --target loads --time day --freq fortnight", "fortnight"),
        ("t.csv --target loads --time day --future name", "--future-data the table"),
        ("t.csv --target loads --time gap -H 2 --windows 1", "2024-01-03"),
        ("t.csv --target loads --time gap -H 2", "filled (--fill interpolate or --fill zero)"),
        ("t.csv --target loads --time day --fill mean", "unknown --fill 'mean'; choose from"),
        ("t.csv --out forecasts.xlsx", "unknown kind of table '.xlsx'"),
        ("t.csv --out no/forecasts.csv", "there is no folder"),
        ("t.csv --page a.html --json a.html", "a.html: JSON is written"),
    ],
)
def test_bad_input_is_told(here, tmp_path, arguments, message):
    days = [f"2024-01-{day:02d}" for day in range(1, 21)]
    gap = days[:3] + [f"2024-02-{day:02d}" for day in range(1, 18)]
    pl.DataFrame({"day": days, "gap": gap, "loads": range(20), "name": ["a"] * 20}).write_csv(
        tmp_path / "t.csv"
    )
    with pytest.raises(ValueError) as caught:
        here(f"forecast {arguments}")
    assert message in option_words(str(caught.value))
    assert os.listdir(tmp_path) == ["t.csv"]


def test_a_missing_file_is_one_line(fails):
    assert fails("forecast absent.csv") == "textseq: absent.csv: No such file or directory\n"


def test_help_shows_examples_and_where_output_goes(textseq):
    shown = textseq("forecast --help", COLUMNS="200").stdout.decode()
    assert "textseq forecast AirPassengers.csv --time Month" in shown
    assert (
        "Table to write: .csv, .tsv, .jsonl (also .gz) or .parquet; - is standard output" in shown
    )


def test_control_c_in_the_backtest_ends_with_130_and_writes_nothing(passengers, tmp_path):
    command = f"forecast {passengers} --epochs 5000 --threads 1 -o out.csv"
    with on_terminal(command, tmp_path) as (process, wait_for):
        wait_for(b"rnn")  # the bar names the row that is being fitted
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
    assert process.returncode == 130
    assert not (tmp_path / "out.csv").exists()


def test_predict_reads_a_forecaster(here, tmp_path):
    frame = load_sample("airpassengers")
    model = Forecaster(12, max_epochs=2, n_threads=1, random_state=0).fit(frame.iloc[:132])
    model.save(tmp_path / "m.textseq")
    printed = pl.read_csv(io.StringIO(here(f"predict m.textseq {sample_path('airpassengers')}")))
    np.testing.assert_allclose(printed["lstm"], model.predict(df=frame)["lstm"], rtol=1e-6)
    assert printed["ds"][0] == "1961-01"


def test_predict_says_what_a_forecaster_lacks(here, tmp_path):
    frame = load_sample("etth1").iloc[:200].rename(columns={"OT": "y"})
    model = Forecaster(4, max_epochs=1, n_threads=1).fit(frame, future="HUFL")
    model.save(tmp_path / "m.textseq")
    with pytest.raises(ValueError, match="the model needs HUFL of the steps ahead"):
        here(f"predict m.textseq {sample_path('etth1')}")


def test_a_folder_or_a_glob_is_forecast_as_one_table(here, tmp_path):
    rng = np.random.default_rng(0)
    rows = pl.DataFrame(
        {
            "shop": [name for name in "abcdef" for _ in range(60)],
            "day": [*range(60)] * 6,
            "sold": rng.normal(size=360).round(3),
        }
    )
    folder = tmp_path / "sales"
    folder.mkdir()
    for number, part in enumerate(rows.sample(fraction=1, shuffle=True).iter_slices(100)):
        part.write_csv(folder / f"{number}.csv")
    rows.write_csv(tmp_path / "sales.csv")
    options = f"--id shop --time day --target sold -H 4 --encoders gru {QUICK}"
    found = []
    for data in ("sales.csv", "sales", "'sales/*.csv'"):
        here(f"forecast {data} {options} -o out.csv")
        found.append(pl.read_csv(tmp_path / "out.csv"))
    assert found[0].height == 6 * 4
    assert found[1].equals(found[0]) and found[2].equals(found[0])
    with pytest.raises(ValueError, match="--separator does not go with a folder or a glob"):
        here(f"forecast sales {options} --separator ;")
