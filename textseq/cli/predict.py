"""``textseq predict``: labels for new texts."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from textseq.cli import options
from textseq.cli.options import examples
from textseq.cli.series_files import read_series, write_forecasts

if TYPE_CHECKING:
    import polars as pl

    from textseq.estimators.forecaster import Forecaster

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
    """Predict a label, or a translation, for every text: the input's columns and it, as CSV.

    A forecaster reads DATA as the latest rows of its series, in the columns that it was fitted
    to, and predicts the steps after them.
    """
    import polars as pl

    from textseq.estimators.forecaster import Forecaster
    from textseq.estimators.seq2seq import Seq2Seq
    from textseq.estimators.text_estimator import TextEstimator

    options.writable(out)
    options.check_model_file(model)
    estimator = options.load_model(model, threads)
    if isinstance(estimator, Forecaster):
        write_forecasts(_forecast(estimator, data, encoding), out)
        return
    translates = isinstance(estimator, Seq2Seq) and estimator.source == "text"
    if not (translates or isinstance(estimator, TextEstimator)):
        raise ValueError(
            f"{model} reads series, which this command does not; in Python, "
            f"textseq.load_model({model!r}).predict(X) does"
        )
    frame, columns = options.read_texts(data, text, encoding)
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


def _forecast(estimator: Forecaster, data: str, encoding: str) -> pl.DataFrame:
    from textseq.estimators.forecaster import LEVELS

    names = estimator.panel_.names
    if names.future:
        raise ValueError(
            f"the model needs {', '.join(names.future)} of the steps ahead; "
            "predict with it in Python: load_model(path).predict(df=..., X_future=...)"
        )
    numbers = [*names.targets, *names.past, *names.static]
    frame = read_series(data, names.id, names.time, numbers, encoding)
    level = None if estimator.calibration_ is None else LEVELS
    return estimator.predict(df=frame, level=level)


def _predictions(estimator: Any, X: Any, proba: bool) -> dict[str, Any]:
    if not hasattr(estimator, "classes_"):
        if proba:
            raise ValueError("--proba: this model predicts no classes, which have probabilities")
        answers = estimator.predict(X)
        if isinstance(answers, list):  # a CSV's cell holds no list
            answers = [said if isinstance(said, str) else " ".join(said) for said in answers]
        return {"prediction": answers}
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
