"""``textseq page``: a page in which a fitted model can be played with."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from textseq.cli import options, series_files
from textseq.cli.inspected_rows import read_rows
from textseq.cli.model_kinds import not_for
from textseq.cli.options import examples

EXAMPLES = examples(
    "textseq page stars.textseq --out page.html",
    "textseq page stars.textseq test.csv --text review --label stars --out page.html",
    "textseq page large.textseq test.csv --precision float16 --max-words 20000 --out page.html",
)


def page(
    model: options.Model,
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="HTML page to write.")],
    data: Annotated[
        str | None,
        typer.Argument(
            metavar="DATA",
            help="Rows to choose from on the page, best such as the model was not fitted to, "
            "as `textseq evaluate` reads them: labelled texts or series, tagged or running text."
            " - reads standard input.",
            show_default=False,
        ),
    ] = None,
    text: options.MaybeText = None,
    label: Annotated[
        str | None,
        typer.Option(
            "--label", "-l", metavar="COLUMN", help="What is right.", show_default="label"
        ),
    ] = None,
    id_column: series_files.Id = "unique_id",
    time: series_files.Time = None,
    values: series_files.Values = None,
    precision: Annotated[
        str,
        typer.Option(
            metavar="TYPE", help="Of the weights: auto (halved where too many), float32, float16."
        ),
    ] = "auto",
    max_words: Annotated[
        int | None,
        typer.Option(metavar="N", help="Keep so many of the commonest words; the page says so."),
    ] = None,
    title: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Title of the page.", show_default="its kind")
    ] = None,
    threads: options.Threads = None,
    encoding: options.Encoding = "utf-8",
    separator: options.Separator = None,
    empty: options.Empty = "error",
) -> None:
    """Write a page that holds a model, and computes with it in the browser.

    Type or choose a row, and see step by step what becomes of it. The page is one file that asks
    for nothing from the network: open it in a browser, or send it.
    """
    options.check_outputs(out, None)
    form = options.TableForm(encoding, separator, empty).check()
    from textseq.playground.arrays import PRECISIONS

    if precision not in PRECISIONS:
        raise ValueError(f"--precision {precision}: choose from {', '.join(PRECISIONS)}")
    options.check_model_file(model)
    if data is None and (text or label or values):
        raise ValueError("--text, --label and --values name columns of DATA, which is missing")
    estimator = options.load_model(model, threads)

    from textseq.estimators.page import PageEstimator

    if not isinstance(estimator, PageEstimator):
        raise not_for("page", model, estimator)
    X = y = None
    if data is not None:
        whole = series_files.SeriesForm(
            id_column, time, options.names_of(values), encoding, separator
        )
        X, y = _rows(estimator, model, data, text, label, form, whole)
    written = estimator.to_page(out, X, y, precision=precision, max_words=max_words, title=title)
    typer.echo(f"page: {written.absolute()}")


def _rows(
    estimator: Any,
    model: str,
    data: str,
    text: list[str] | None,
    label: str | None,
    form: options.TableForm,
    whole: series_files.SeriesForm,
) -> tuple[Any, Any]:
    """Read DATA as the model was fitted to its like, and what is right where it tells so."""
    if estimator.reads == "windows":
        names = estimator.panel_.names
        numbers = [*names.targets, *names.past, *names.future, *names.static]
        columns = names.id, names.time, numbers
        return series_files.read_series(data, *columns, form.encoding, form.separator), None
    if estimator.reads == "series":
        regression = not hasattr(estimator, "classes_")
        return series_files.read_labelled_series(data, whole, label or "label", regression)
    X, y, _ = read_rows(estimator, model, data, text, label, form)
    return X, y
