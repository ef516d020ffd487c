"""``textseq predict``: labels for new texts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from textseq.cli import options, series_files
from textseq.cli.columns import as_fitted, columns_of, rows_of, texts_of_model
from textseq.cli.forecast import levels_of
from textseq.cli.model_kinds import not_for
from textseq.cli.options import examples

if TYPE_CHECKING:
    import polars as pl

    from textseq.estimators.forecasting.forecaster import Forecaster

EXAMPLES = examples(
    "textseq predict stars.textseq new.csv --text review --proba -o predicted.csv",
    "textseq predict stars.textseq new.csv --abstain 0.8 --coverage 0.95",
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
    abstain: Annotated[
        float | None,
        typer.Option(metavar="P", help="No label where the likeliest class has less probability."),
    ] = None,
    coverage: Annotated[
        float | None,
        typer.Option(
            metavar="SHARE",
            help="Add a set of classes that holds the true one in such a share of all rows.",
        ),
    ] = None,
    level: Annotated[
        str | None,
        typer.Option(
            metavar="PERCENT[,...]", help="Add intervals that hold a number so often: 80,95."
        ),
    ] = None,
    out: options.TableOut = None,
    id_column: series_files.Id = "unique_id",
    time: series_files.Time = None,
    values: series_files.Values = None,
    threads: options.Threads = None,
    encoding: options.Encoding = "utf-8",
    separator: options.Separator = None,
    empty: Annotated[
        str,
        typer.Option(
            metavar="WHAT",
            help="Rows without a text: missing gives them no answer; keep reads an empty text; "
            "drop leaves them out; error.",
        ),
    ] = "missing",
) -> None:
    """Predict a label, a number or a translation for every text: the input's columns and it.

    A model of whole series reads a .ts file, or a table with --values, and gives a row a series.
    A forecaster reads DATA as the latest rows of its series, in the columns that it was fitted
    to, and predicts the steps after them.
    """
    from textseq.estimators.forecasting.forecaster import Forecaster
    from textseq.estimators.seq2seq.model import Seq2Seq
    from textseq.estimators.sequence.series import SeriesEstimator
    from textseq.estimators.sequence.text import TextEstimator

    table = options.check_table_out(out)
    wanted = _Wanted(proba, abstain, coverage, None if level is None else levels_of(level))
    form = options.TableForm(encoding, separator, empty).check("missing")
    options.check_model_file(model)
    estimator = options.load_model(model, threads)
    if isinstance(estimator, Forecaster):
        found = _forecast(estimator, data, encoding, separator)
    elif isinstance(estimator, SeriesEstimator):
        whole = series_files.SeriesForm(
            id_column, time, options.names_of(values), encoding, separator
        )
        found = _of_series(estimator, data, whole, wanted)
    elif isinstance(estimator, TextEstimator) or (
        isinstance(estimator, Seq2Seq) and estimator.source == "text"
    ):
        if table is not None and _can_be_read_in_parts(data, form):
            _write_in_parts(estimator, Path(data), text, form, wanted, table)
            return
        found = _of_texts(estimator, data, text, form, wanted)
    else:
        raise not_for("predict", model, estimator)
    options.put_table(found, table)


_NO_NUMBERS = "--level: this model predicts no numbers, which have intervals"


class _Wanted(NamedTuple):
    """What is wanted beside the answers, as the options have it."""

    proba: bool
    abstain: float | None
    coverage: float | None
    level: list[float] | None

    def check_no_classes(self) -> None:
        """Refuse what only classes have."""
        for option, value in (
            ("--proba", self.proba or None),
            ("--abstain", self.abstain),
            ("--coverage", self.coverage),
        ):
            if value is not None:
                raise ValueError(
                    f"{option}: this model predicts no classes, which have probabilities"
                )


def _of_texts(
    estimator: Any, data: str, text: list[str] | None, form: options.TableForm, wanted: _Wanted
) -> pl.DataFrame:
    """Return the rows of a table, and what is predicted of those that have a text."""
    named = texts_of_model(estimator, text) if columns_of(estimator) else text
    frame, columns = options.read_texts(data, named, form)
    return _answered(estimator, frame, columns, wanted, data)


def _can_be_read_in_parts(source: str, form: options.TableForm) -> bool:
    """Tell whether a source is a file of a table that need not be read at once."""
    from textseq.table_files import names_table

    usual = options.TableForm()
    plain = (form.encoding, form.separator) == (usual.encoding, usual.separator)
    return plain and names_table(source) and Path(source).is_file()


def _write_in_parts(
    estimator: Any,
    data: Path,
    text: list[str] | None,
    form: options.TableForm,
    wanted: _Wanted,
    out: Path,
) -> None:
    """Write the same to a file, some rows at a time, so that memory need not hold the table."""
    from textseq.corpus.table_batches import read_text_batches
    from textseq.table_files import write_batches

    columns = texts_of_model(estimator, text)
    options.check_columns(columns)
    frames = read_text_batches(data, columns, form.empty)
    write_batches(
        (_answered(estimator, frame, columns, wanted, str(data)) for frame in frames), out
    )


def _answered(
    estimator: Any, frame: pl.DataFrame, columns: list[str], wanted: _Wanted, data: str
) -> pl.DataFrame:
    """Return rows with what is predicted of those that have a text."""
    import polars as pl

    beside = columns_of(estimator)
    there = frame.select(pl.all_horizontal(pl.col(columns).is_not_null())).to_series()
    # One text at least, which tells the columns of the answers.
    some = frame.filter(there) if there.any() else frame.head(1)
    read = some.with_columns(pl.col(columns).fill_null(""))
    X = as_fitted(estimator, rows_of(read, columns, beside), columns)
    added = _predictions(estimator, X, wanted)
    repeated = [name for name in added if name in frame.columns]
    if repeated:
        raise ValueError(f"{data} has a column {repeated[0]!r} already; rename it")
    answers = pl.DataFrame([pl.Series(name, values) for name, values in added.items()])
    # A row of the answers for each text, nothing for rows without.
    place = pl.when(there).then(there.cum_sum() - 1)
    return frame.with_columns(answers.select(pl.all().gather(frame.select(place).to_series())))


def _of_series(
    estimator: Any, data: str, form: series_files.SeriesForm, wanted: _Wanted
) -> pl.DataFrame:
    import polars as pl

    X, _, ids = series_files.read_whole_series(data, form, None)
    return pl.DataFrame({form.id_column: ids} | _predictions(estimator, X, wanted))


def _forecast(
    estimator: Forecaster, data: str, encoding: str, separator: str | None
) -> pl.DataFrame:
    from textseq.estimators.forecasting.forecaster import LEVELS

    names = estimator.panel_.names
    if names.future:
        raise ValueError(
            f"the model needs {', '.join(names.future)} of the steps ahead; "
            "predict with it in Python: load_model(path).predict(df=..., X_future=...)"
        )
    numbers = [*names.targets, *names.past, *names.static]
    frame = series_files.read_series(data, names.id, names.time, numbers, encoding, separator)
    level = None if estimator.calibration_ is None else LEVELS
    return estimator.predict(df=frame, level=level)


def _predictions(estimator: Any, X: Any, wanted: _Wanted) -> dict[str, Any]:
    if hasattr(estimator, "classes_"):
        return _classes(estimator, X, wanted)
    wanted.check_no_classes()
    if wanted.level is not None:
        if not hasattr(estimator, "misses_"):
            raise ValueError(_NO_NUMBERS)
        return dict(estimator.predict(X, level=wanted.level).items())
    answers = estimator.predict(X)
    if isinstance(answers, list):  # a CSV's cell holds no list
        answers = [said if isinstance(said, str) else " ".join(said) for said in answers]
    return {"prediction": answers}


def _classes(estimator: Any, X: Any, wanted: _Wanted) -> dict[str, Any]:
    """Return the columns of a classifier's answers."""
    if wanted.level is not None:
        raise ValueError(_NO_NUMBERS)
    names = estimator.classes_
    if wanted.abstain is not None:
        added = {"prediction": estimator.predict(X, abstain=wanted.abstain).tolist()}
    elif getattr(estimator, "multilabel_", False):
        marks = estimator.predict(X)
        added = {f"prediction_{name}": marks[:, k] for k, name in enumerate(names)}
    elif not wanted.proba:
        added = {"prediction": estimator.predict(X)}
    else:
        added = {}
    if wanted.proba:
        probabilities = estimator.predict_proba(X)
        # One pass of the network gives both.
        added = added or {"prediction": estimator.decide(probabilities)}
        added |= {f"probability_{name}": probabilities[:, k] for k, name in enumerate(names)}
    if wanted.coverage is not None:
        sets = estimator.predict_set(X, wanted.coverage)
        added["set"] = ["|".join(names[row].astype(str)) for row in sets]
    return added
