"""``textseq forecast``: models backtested side by side, and the best network's forecasts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from textseq.cli import options
from textseq.cli.checkpoints import CheckpointFolder
from textseq.cli.options import examples
from textseq.cli.progress import fits_bar
from textseq.cli.series_files import Data, read_series, series_of

if TYPE_CHECKING:
    import polars as pl
    from rich.console import Console

    from textseq.comparison.forecasts.result import ForecastComparison

EXAMPLES = examples(
    "textseq forecast AirPassengers.csv --time Month --target '#Passengers' --horizon 12",
    "textseq forecast loads.csv --id meter --time hour --target kwh --page page.html -o out.csv",
    "textseq forecast loads.parquet --future temperature --future-data weather.csv -o - | head",
    "textseq forecast sales.csv --horizon 12 --encoders lstm,gru --baselines statistical",
    "textseq forecast meters/ --id meter --time hour --target kwh --windows 1 -o out.parquet",
)
# More would not be read on a terminal.
_ROWS_SHOWN = 24


def forecast(
    data: Data,
    horizon: Annotated[
        int | None,
        typer.Option(
            "--horizon",
            "-H",
            metavar="N",
            help="Steps ahead to forecast.",
            show_default="24, or as the series are long",
        ),
    ] = None,
    id_column: Annotated[
        str,
        typer.Option("--id", metavar="COLUMN", help="Tells series apart; not needed for one."),
    ] = "unique_id",
    time: Annotated[
        str,
        typer.Option(metavar="COLUMN", help="Dates that start with the year, or whole numbers."),
    ] = "ds",
    target: Annotated[
        str, typer.Option(metavar="COLUMN", help="What to forecast; several: a,b.")
    ] = "y",
    encoders: Annotated[
        str,
        typer.Option(
            "--encoders",
            "--encoder",
            metavar="NAMES",
            help="Comma-separated: rnn, lstm, gru, janet, tcn, mean; birnn, bilstm ...",
        ),
    ] = "rnn,lstm,gru",
    past: Annotated[
        str | None,
        typer.Option(metavar="COLUMNS", help="Covariates known up to now: a,b."),
    ] = None,
    future: Annotated[
        str | None,
        typer.Option(metavar="COLUMNS", help="Covariates known ahead, given in --future-data."),
    ] = None,
    future_data: Annotated[
        str | None,
        typer.Option(
            metavar="FILE", help="Table of id, time and --future columns of the steps ahead."
        ),
    ] = None,
    static: Annotated[
        str | None, typer.Option(metavar="COLUMNS", help="Covariates of a whole series: a,b.")
    ] = None,
    freq: Annotated[
        str | None,
        typer.Option(
            metavar="STEP", help="Step between times: h, D, W, MS, 15min ...", show_default="found"
        ),
    ] = None,
    fill: Annotated[
        str,
        typer.Option(
            metavar="HOW",
            help="Steps within a series that have no row: error; interpolate, on the line between "
            "the values around them; or zero.",
        ),
    ] = "error",
    season: Annotated[
        int | None,
        typer.Option(metavar="N", help="Steps in a season.", show_default="by the step"),
    ] = None,
    level: Annotated[
        str, typer.Option(metavar="PERCENTS", help="Prediction intervals; none: without.")
    ] = "80,95",
    windows: Annotated[
        int, typer.Option(metavar="N", help="Moments of the past to forecast from.")
    ] = 5,
    baselines: Annotated[
        str,
        typer.Option(
            metavar="NAMES",
            help="naive (with seasonal naive and drift), statistical (adds AutoETS and "
            "AutoTheta), r (adds R's auto.arima and ets), a list of names, or none.",
        ),
    ] = "naive",
    out: options.TableOut = None,
    page: Annotated[Path | None, typer.Option(metavar="FILE", help="HTML page to write.")] = None,
    json_file: options.JsonOut = None,
    epochs: Annotated[
        int | None,
        typer.Option(metavar="N", help="Most passes over the windows.", show_default="by the data"),
    ] = None,
    recipe: options.Recipe = "tuned",
    val_size: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            help="Last rows of each series that choose the best epoch and the intervals.",
            show_default="by the data",
        ),
    ] = None,
    seeds: Annotated[int, typer.Option(metavar="N", help="Backtests of every network.")] = 1,
    jobs: options.Jobs = None,
    checkpoint: CheckpointFolder = None,
    threads: options.Threads = None,
    seed: options.Seed = 0,
    encoding: options.Encoding = "utf-8",
    separator: options.Separator = None,
) -> None:
    """Backtest networks and baselines, then forecast with the best network, fitted to all rows.

    The forecasts go to --out, the page with them and the backtest to --page.
    """
    to_pipe = str(out) == "-"
    table = options.check_table_out(out)
    options.check_outputs(page, json_file, table)
    ahead_names, names = options.names_of(future), options.names_of(encoders)
    _check_named(names, ahead_names, future_data)
    levels, cheap = levels_of(level), _baselines(baselines)
    columns: dict[str, Any] = {
        "id_col": id_column,
        "time_col": time,
        "target_col": options.names_of(target),
        "past": options.names_of(past),
        "future": ahead_names,
        "static": options.names_of(static),
        "freq": _step(freq),
        "val_size": val_size,
    }
    rows = series_of(data, id_column, time, _numbers(columns), encoding, separator)
    ahead = None
    if future_data is not None:
        ahead = read_series(future_data, id_column, time, ahead_names, encoding, separator)

    from textseq.comparison.forecasts.compare import compare_forecasts
    from textseq.comparison.forecasts.table import render
    from textseq.estimators.forecasting.forecaster import Forecaster

    template = Forecaster(fill_gaps=fill, recipe=recipe, n_threads=threads, random_state=seed)
    if season is not None:
        template.set_params(season_length=season)
    if epochs is not None:
        template.set_params(max_epochs=epochs)
    with fits_bar() as on_fit:
        comparison = compare_forecasts(
            rows,
            "auto" if horizon is None else horizon,
            names,
            estimator=template,
            n_windows=windows,
            n_seeds=seeds,
            level=levels,
            baselines=cheap,
            random_state=seed,
            n_jobs=jobs,
            on_fit=on_fit,
            checkpoint=checkpoint,
            **columns,
        )
    best = _best(comparison)
    model = template.set_params(h=comparison.h, encoder=best, verbose=1)
    model.fit(rows, **columns, checkpoint=checkpoint and checkpoint / "model.ckpt")
    found = model.predict(X_future=ahead, level=levels)
    # Before anything is printed, which a reader that leaves ends.
    written = _written(comparison, found, table, page, json_file)
    console = options.table_console(stderr=to_pipe)
    render(comparison, console)
    console.print()
    if out is None:
        _show(found, console)
    elif to_pipe:
        options.put_table(found, None)
    for line in written:
        typer.echo(line, err=to_pipe)
    if model.interrupted_:
        raise typer.Exit(130)


def _written(
    comparison: ForecastComparison,
    found: pl.DataFrame,
    table: Path | None,
    page: Path | None,
    json_file: Path | None,
) -> list[str]:
    """Write the files asked for; return what says where they are."""
    said = []
    if table is not None:
        options.put_table(found, table)
        said.append(f"forecasts: {table.absolute()}")
    if page is not None:
        said.append(f"page: {comparison.to_html(page, found).absolute()}")
    if json_file is not None:
        said.append(f"JSON: {comparison.to_json(json_file).absolute()}")
    return said


def _check_named(encoders: list[str], future: list[str], future_data: str | None) -> None:
    if not encoders:
        raise ValueError("--encoders names no encoder")
    if bool(future) != (future_data is not None):
        raise ValueError(
            "--future names columns, --future-data the table of their values in the steps ahead; "
            "give both"
        )


def _numbers(columns: dict[str, Any]) -> list[str]:
    roles = ("target_col", "past", "future", "static")
    named = [name for role in roles for name in columns[role]]
    if not columns["target_col"]:
        raise ValueError("--target names no column")
    options.check_columns([columns["id_col"], columns["time_col"], *named])
    return named


def _step(freq: str | None) -> str | int | None:
    return int(freq) if freq is not None and freq.isdigit() else freq


def levels_of(level: str) -> list[float]:
    """Read the percentages of ``--level``."""
    try:
        return [] if level == "none" else [float(one) for one in options.names_of(level)]
    except ValueError:
        raise ValueError(f"--level {level}: write percentages such as 80,95, or none") from None


def _baselines(baselines: str) -> bool | str | list[str]:
    from textseq.series.baselines import BASELINE_SETS

    if baselines == "none":
        return False
    return baselines if baselines in BASELINE_SETS else options.names_of(baselines)


def _best(comparison: ForecastComparison) -> str:
    from textseq.comparison.forecasts.model import best_network

    network = best_network(comparison.ranked)
    assert network is not None
    return network.name


def _show(found: pl.DataFrame, console: Console) -> None:
    """Print the first forecasts, and where to have them all."""
    from textseq.report.terminal import text_table, text_writer

    rows = (
        [f"{cell:,.4g}" if isinstance(cell, float) else str(cell) for cell in row]
        for row in found.head(_ROWS_SHOWN).iter_rows()
    )
    console.print(text_table(found.columns, rows, console))
    if len(found) > _ROWS_SHOWN:
        line = f"{len(found) - _ROWS_SHOWN:,} more rows; --out FILE writes them all"
        console.print(text_writer(console)(line, ""))
