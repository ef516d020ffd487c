"""``textseq predict``: labels for new texts."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from textseq.cli import options
from textseq.cli.options import examples

EXAMPLES = examples(
    "textseq predict stars.textseq new.csv --text review --proba -o predicted.csv",
    "echo 'a moving film' | textseq predict stars.textseq",
    "textseq predict same.textseq pairs.tsv -t question1 -t question2",
)


def predict(
    model: options.Model,
    data: options.LinesOrData = "-",
    text: options.MaybeText = None,
    proba: Annotated[
        bool, typer.Option("--proba", help="Add the probability of every class.")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", metavar="FILE", help="CSV to write.", show_default="standard output"
        ),
    ] = None,
    threads: options.Threads = None,
    encoding: options.Encoding = "utf-8",
) -> None:
    """Predict a label for every text: the input's columns and the prediction, as CSV."""
    import polars as pl

    options.writable(out)
    options.check_model_file(model)
    frame, columns = options.read_texts(data, text, encoding)
    estimator = options.load_model(model, threads)
    added = _predictions(estimator, options.texts_of(frame, columns), proba)
    repeated = [name for name in added if name in frame.columns]
    if repeated:
        raise ValueError(f"{data} has a column {repeated[0]!r} already; rename it")
    frame = frame.with_columns(pl.Series(name, values) for name, values in added.items())
    # Lists and structs have no place in a CSV.
    frame = frame.select(name for name in frame.columns if not frame[name].dtype.is_nested())
    if out is not None:
        frame.write_csv(out)
    else:
        sys.stdout.write(frame.write_csv())


def _predictions(estimator: Any, X: Any, proba: bool) -> dict[str, Any]:
    if not hasattr(estimator, "classes_"):
        if proba:
            raise ValueError("--proba: this model predicts a number, which has no probabilities")
        return {"prediction": estimator.predict(X)}
    multilabel = estimator.multilabel_
    if multilabel:
        marks = estimator.predict(X)
        added = {f"prediction_{name}": marks[:, k] for k, name in enumerate(estimator.classes_)}
        probabilities = estimator.predict_proba(X) if proba else None
    elif proba:
        # One pass of the network gives both.
        probabilities = estimator.predict_proba(X)
        added = {"prediction": estimator.classes_[probabilities.argmax(1)]}
    else:
        added, probabilities = {"prediction": estimator.predict(X)}, None
    if probabilities is not None:
        added |= {
            f"probability_{name}": probabilities[:, k] for k, name in enumerate(estimator.classes_)
        }
    return added
