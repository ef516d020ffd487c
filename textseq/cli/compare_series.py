"""``textseq compare-series``: encoders side by side on labelled series."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from textseq.cli import options, series_files
from textseq.cli.checkpoints import CheckpointFolder
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
    id_column: series_files.Id = "unique_id",
    time: series_files.Time = None,
    values: series_files.Values = None,
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
    recipe: options.Recipe = "tuned",
    regression: options.Regression = False,
    threads: options.Threads = None,
    jobs: options.Jobs = None,
    checkpoint: CheckpointFolder = None,
    seed: options.Seed = 0,
    encoding: options.Encoding = "utf-8",
    separator: options.Separator = None,
) -> None:
    """Compare encoders and baselines on the same split of labelled series, with the same seeds."""
    options.check_outputs(out, json_file)
    options.check_one_split(test, folds)
    form = series_files.SeriesForm(id_column, time, options.names_of(values), encoding, separator)
    read = partial(series_files.read_labelled_series, form=form, label=label, regression=regression)
    X, y = read(data)
    held_out = _test_of(test, read)

    from textseq.comparison.scores.compare import compare
    from textseq.comparison.scores.table import render
    from textseq.estimators.sequence.series import SeriesClassifier, SeriesRegressor

    estimator = SeriesRegressor if regression else SeriesClassifier
    given: dict[str, Any] = {} if epochs is None else {"max_epochs": epochs}
    with fits_bar() as on_fit:
        comparison = compare(
            X,
            y,
            options.names_of(encoders),
            estimator=estimator(recipe=recipe, n_threads=threads, **given),
            test=held_out,
            cv=folds,
            n_seeds=seeds,
            baselines=baselines if dtw or not baselines else "fast",
            n_jobs=jobs,
            random_state=seed,
            on_fit=on_fit,
            checkpoint=checkpoint,
        )
    # Before anything is printed, which a reader that leaves ends.
    written = options.write_comparison(comparison, out, json_file)
    render(comparison, options.table_console())
    for line in written:
        typer.echo(line)


def _test_of(test: str | None, read: Callable[[str], Series]) -> float | Series | None:
    if test is None:
        return None
    try:
        return float(test)
    except ValueError:
        return read(test)
