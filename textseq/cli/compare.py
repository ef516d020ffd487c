"""``textseq compare``: encoders side by side on one table."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from textseq.cli import options
from textseq.cli.options import examples

EXAMPLES = examples(
    "textseq compare reviews.csv --text review --label stars --out page.html",
    "textseq compare train.tsv --test test.tsv --encoders gru,bigru --seeds 5",
    "textseq compare names.csv -t name -l country --tokenizer char --folds 5",
    "textseq compare reviews.csv --vectors glove.6B.50d.top20k --json table.json",
)


def compare(
    data: options.Data,
    text: options.Text = ["text"],  # noqa: B006
    label: options.Label = "label",
    encoders: Annotated[
        str,
        typer.Option(
            metavar="NAMES",
            help="Comma-separated: mean, max, rnn, lstm, gru, janet, tcn; birnn, bilstm ...",
        ),
    ] = "mean,lstm,bilstm",
    vectors: options.Vectors = None,
    test: Annotated[
        str | None,
        typer.Option(
            metavar="FILE|SHARE", help="Table to test on, or a share of DATA.", show_default="0.2"
        ),
    ] = None,
    folds: Annotated[
        int | None, typer.Option(metavar="K", help="Cross-validate instead of one split.")
    ] = None,
    seeds: Annotated[int, typer.Option(metavar="N", help="Fits of every network.")] = 3,
    baselines: Annotated[
        bool, typer.Option(help="Put the majority class and TF-IDF beside the networks.")
    ] = True,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FILE", help="HTML page to write.")
    ] = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="JSON file to write.")
    ] = None,
    tokenizer: options.TokenizerKind = "word",
    max_length: options.MaxLength = None,
    epochs: options.Epochs = None,
    regression: options.Regression = False,
    threads: options.Threads = None,
    jobs: Annotated[
        int | None, typer.Option(metavar="N", help="Fits side by side; 1 times them best.")
    ] = None,
    seed: options.Seed = 0,
    encoding: options.Encoding = "utf-8",
) -> None:
    """Compare encoders and baselines on the same split, tokens and seeds."""
    for path in (out, json_file):
        options.writable(path)
    if test is not None and folds is not None:
        raise ValueError("--test and --folds exclude each other: the folds are the test sets")
    X, y = options.read_xy(data, text, label, encoding, regression)
    held_out = _test_of(test, text, label, encoding, regression)
    word_vectors = None if vectors is None else options.load_vectors(vectors)

    from textseq.comparison.compare import compare as run
    from textseq.report.table import render

    with _progress() as on_fit:
        comparison = run(
            X,
            y,
            [name.strip() for name in encoders.split(",") if name.strip()],
            estimator=options.estimator_of(
                regression,
                tokenizer=tokenizer,
                max_length=max_length,
                epochs=epochs,
                n_threads=threads,
            ),
            test=held_out,
            cv=folds,
            n_seeds=seeds,
            vectors=word_vectors,
            baselines=baselines,
            n_jobs=jobs,
            random_state=seed,
            on_fit=on_fit,
        )
    render(comparison, options.table_console())
    if json_file is not None:
        comparison.to_json(json_file)
        typer.echo(f"JSON: {json_file}")
    if out is not None:
        comparison.to_html(out)
        typer.echo(f"page: {out.absolute()}")


def _test_of(
    test: str | None, text: list[str], label: str, encoding: str, regression: bool
) -> float | tuple[Any, Any] | None:
    if test is None:
        return None
    try:
        return float(test)
    except ValueError:
        return options.read_xy(test, text, label, encoding, regression)


@contextmanager
def _progress() -> Iterator[Callable[[int, int, str], None] | None]:
    """Yield what ``compare`` calls as each fit starts: a bar on a terminal, else None."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)

        def on_fit(done: int, total: int, name: str) -> None:
            bar.update(task, completed=done, total=total, description=name)

        yield on_fit
