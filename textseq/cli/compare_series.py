"""``textseq compare-series``: encoders side by side on labelled series."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from textseq.cli import options
from textseq.cli.options import examples
from textseq.cli.progress import fits_bar

if TYPE_CHECKING:
    import numpy as np

EXAMPLES = examples(
    "textseq compare-series GunPoint_TRAIN.ts --test GunPoint_TEST.ts --out page.html",
    "textseq compare-series steps.csv --id walk --time second --values x,y,z --label activity",
    "textseq compare-series Covid3Month_TRAIN.ts --regression --encoders lstm_fcn,tcn",
)
Series = tuple[list["np.ndarray"], "np.ndarray"]


def compare_series(
    data: Annotated[
        str,
        typer.Argument(
            metavar="DATA",
            help="A .ts file, or a table with a row a step: CSV, TSV, Parquet or JSON lines "
            "(each also .gz); - reads such a table from standard input.",
            show_default=False,
        ),
    ],
    test: Annotated[
        str | None,
        typer.Option(
            metavar="FILE|SHARE", help="Series to test on, or a share of DATA.", show_default="0.2"
        ),
    ] = None,
    id_column: Annotated[
        str, typer.Option("--id", metavar="COLUMN", help="Of a table: tells series apart.")
    ] = "unique_id",
    time: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN", help="Of a table: sorts steps.", show_default="as they stand"
        ),
    ] = None,
    values: Annotated[
        str | None, typer.Option(metavar="COLUMNS", help="Of a table: the channels, a,b,c.")
    ] = None,
    label: options.Label = "label",
    encoders: Annotated[
        str,
        typer.Option(
            metavar="NAMES",
            help="Comma-separated: lstm_fcn, rnn, lstm, gru, janet, tcn, mean, max; bilstm ...",
        ),
    ] = "lstm_fcn,lstm,gru",
    folds: options.Folds = None,
    seeds: options.Seeds = 3,
    baselines: Annotated[
        bool,
        typer.Option(
            help="Put the majority class, 1-NN DTW and linear models beside the networks."
        ),
    ] = True,
    dtw: Annotated[
        bool,
        typer.Option(help="Put 1-NN DTW, the slowest, among them if it takes minutes at most."),
    ] = True,
    out: options.PageOut = None,
    json_file: options.JsonOut = None,
    epochs: Annotated[
        int | None,
        typer.Option(metavar="N", help="Most passes over the series.", show_default="by the data"),
    ] = None,
    regression: options.Regression = False,
    threads: options.Threads = None,
    jobs: options.Jobs = None,
    seed: options.Seed = 0,
    encoding: options.Encoding = "utf-8",
) -> None:
    """Compare encoders and baselines on the same split of labelled series, with the same seeds."""
    options.check_outputs(out, json_file)
    options.check_one_split(test, folds)
    read = partial(
        _read,
        id_column=id_column,
        time=time,
        label=label,
        values=options.names_of(values),
        regression=regression,
        encoding=encoding,
    )
    X, y = read(data)
    held_out = _test_of(test, read)

    from textseq.comparison.compare import compare
    from textseq.estimators.series_classifier import SeriesClassifier
    from textseq.estimators.series_regressor import SeriesRegressor
    from textseq.report.table import render

    estimator = SeriesRegressor if regression else SeriesClassifier
    given: dict[str, Any] = {} if epochs is None else {"max_epochs": epochs}
    with fits_bar() as on_fit:
        comparison = compare(
            X,
            y,
            options.names_of(encoders),
            estimator=estimator(n_threads=threads, **given),
            test=held_out,
            cv=folds,
            n_seeds=seeds,
            baselines=baselines if dtw or not baselines else "fast",
            n_jobs=jobs,
            random_state=seed,
            on_fit=on_fit,
        )
    render(comparison, options.table_console())
    options.write_comparison(comparison, out, json_file)


def _test_of(test: str | None, read: Callable[[str], Series]) -> float | Series | None:
    if test is None:
        return None
    try:
        return float(test)
    except ValueError:
        return read(test)


def _read(
    source: str,
    *,
    id_column: str,
    time: str | None,
    label: str,
    values: list[str],
    regression: bool,
    encoding: str,
) -> Series:
    """Read series (channels, time_i) and their labels, strings or numbers."""
    import numpy as np

    if Path(source.lower().removesuffix(".gz")).suffix == ".ts":
        from textseq.series.ts_files import read_ts

        X, y = read_ts(source, encoding)
        if y is None:
            raise ValueError(f"{source} has no labels: its header has no @classLabel true")
    else:
        X, y = _read_long(source, id_column, time, label, values, encoding)
    if not regression:
        return X, np.asarray(y).astype(str)
    try:
        return X, np.asarray(y, dtype=np.float64)
    except ValueError:
        raise ValueError(
            f"{source}: --regression needs numbers for labels, but one is {y[0]!r}"
        ) from None


def _read_long(
    source: str, id_column: str, time: str | None, label: str, values: list[str], encoding: str
) -> tuple[list[np.ndarray], np.ndarray]:
    from textseq.series.long_series import read_long_series
    from textseq.tables import read_series_table

    if not values:
        raise ValueError(f"{source} is a table: name the columns of its channels, --values a,b,c")
    keys = [id_column, *([] if time is None else [time]), label]
    options.check_columns([*keys, *values])
    frame = read_series_table(source, keys, values, encoding=encoding)
    X, y, _ = read_long_series(frame, values, id_col=id_column, time_col=time, label_col=label)
    assert y is not None
    return X, y
