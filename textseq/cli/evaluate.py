"""``textseq evaluate``: a model file against data whose answers are known."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from textseq.cli import options, series_files
from textseq.cli.columns import as_fitted, columns_of, texts_of_model
from textseq.cli.lm import read_running
from textseq.cli.model_kinds import not_for
from textseq.cli.options import examples
from textseq.cli.sequence_figures import language_figures, tag_figures, translation_figures

if TYPE_CHECKING:
    import numpy as np
    from rich.console import Console

EXAMPLES = examples(
    "textseq evaluate stars.textseq test.csv --text review --label stars",
    "textseq evaluate stars.textseq test.csv --json figures.json",
    "textseq evaluate names.textseq test.conll",
    "textseq evaluate m.textseq pairs.csv --text eng --label fra",
    "textseq evaluate novel.textseq another.txt",
    "textseq evaluate novel.textseq another.txt --adapt --cache 2000",
)
# A wider confusion matrix fits no terminal; the commonest confusions are listed instead.
_WIDEST_MATRIX = 12
_CONFUSIONS_LISTED = 12
# Options that say something of one kind of model alone.
_KIND_OF = {
    "--scheme": "SequenceTagger",
    "--tokenize": "Seq2Seq",
    "--adapt": "LanguageModel",
    "--cache": "LanguageModel",
}


def evaluate(
    model: options.Model,
    data: Annotated[
        str,
        typer.Argument(
            metavar="DATA",
            help="A table with its labels (CSV, TSV, Parquet, JSON lines; also .gz; - reads "
            "standard input); for a tagger tagged tokens, for a language model a table or a .txt "
            "file, for a model of series a .ts file or a table with --values.",
            show_default=False,
        ),
    ],
    text: options.MaybeText = None,
    label: Annotated[
        str,
        typer.Option(
            "--label", "-l", metavar="COLUMN", help="Column to check; a translator's right answers."
        ),
    ] = "label",
    scheme: Annotated[
        str,
        typer.Option(metavar="NAME", help="How tags mark spans: IOB1, IOB2, IOE2, IOBES or BILOU."),
    ] = "auto",
    tokenize: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="What cuts translations into the words of BLEU, by sacrebleu's names: 13a, zh, "
            "char, ja-mecab, flores101 ...",
            show_default="by the script of the right answers",
        ),
    ] = None,
    adapt: Annotated[
        bool,
        typer.Option(
            "--adapt",
            help="Let a language model go on learning from the texts that it has scored already.",
        ),
    ] = False,
    cache: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            help="Of a language model: the last N tokens are likelier again in like states.",
            show_default="none",
        ),
    ] = None,
    id_column: series_files.Id = "unique_id",
    time: series_files.Time = None,
    values: series_files.Values = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write the figures here too.")
    ] = None,
    threads: options.Threads = None,
    encoding: options.Encoding = "utf-8",
    separator: options.Separator = None,
    empty: options.Empty = "error",
) -> None:
    """Print how well a model answers: what fits its kind.

    Of classes accuracy, macro-F1, the AUC of two, each class's figures and the confusions, by the
    decision threshold or costs that it was fitted to; of numbers R2, MAE and RMSE; of tags accuracy
    and the F1 of spans; of translations the share that is right, the character
    error rate, BLEU and chrF; of a language model perplexity.
    """
    options.check_outputs(None, json_file)
    form = options.TableForm(encoding, separator, empty).check()
    options.check_model_file(model)
    estimator = options.load_model(model, threads)
    given = {
        "--scheme": scheme != "auto",
        "--tokenize": tokenize is not None,
        "--adapt": adapt,
        "--cache": cache is not None,
    }
    _refuse_others([option for option, told in given.items() if told], model, estimator)

    from textseq.estimators.language.model import LanguageModel
    from textseq.estimators.seq2seq.model import Seq2Seq
    from textseq.estimators.sequence.series import SeriesEstimator
    from textseq.estimators.sequence.text import TextEstimator
    from textseq.estimators.tagging.tagger import SequenceTagger

    columns = text or ["text"]
    if isinstance(estimator, SequenceTagger):
        figures = tag_figures(estimator, data, encoding, scheme)
    elif isinstance(estimator, LanguageModel):
        figures = language_figures(
            estimator, read_running(data, text, form), adapt=adapt, cache=cache
        )
    elif isinstance(estimator, Seq2Seq) and estimator.source == "text":
        sources, targets = options.read_xy(data, columns, label, form)
        figures = translation_figures(estimator, sources, targets, tokenize)
    elif isinstance(estimator, SeriesEstimator):
        whole = series_files.SeriesForm(
            id_column, time, options.names_of(values), encoding, separator
        )
        regression = not hasattr(estimator, "classes_")
        X, y = series_files.read_labelled_series(data, whole, label, regression)
        figures = _answer_figures(estimator, model, X, y)
    elif isinstance(estimator, TextEstimator):
        regression = not hasattr(estimator, "classes_")
        named, beside = texts_of_model(estimator, text), columns_of(estimator)
        texts, targets = options.read_xy(data, named, label, form, regression, beside)
        texts = as_fitted(estimator, texts, named)
        figures = _answer_figures(estimator, model, texts, targets.to_numpy())
    else:
        raise not_for("evaluate", model, estimator)
    if json_file is not None:
        content = json.dumps(figures, indent=2, ensure_ascii=False)
        json_file.write_text(content, encoding="utf-8")
    _print_figures(options.table_console(), figures)


def _refuse_others(given: list[str], model: str, estimator: Any) -> None:
    """Refuse options that say nothing of a model of this kind."""
    kind = type(estimator).__name__
    for option in given:
        if _KIND_OF[option] != kind:
            raise ValueError(
                f"{option} is of a {_KIND_OF[option]}, and {model} is a {kind}; leave it out"
            )


def _answer_figures(estimator: Any, model: str, X: Any, y: np.ndarray) -> dict[str, Any]:
    """Score a classifier's or regressor's answers."""
    if not hasattr(estimator, "classes_"):
        return _number_figures(y, estimator.predict(X))
    if getattr(estimator, "multilabel_", False):
        raise ValueError(
            f"{model} gives each row several labels, but a table has one label column; "
            "evaluate it in Python: load_model(path).score(X, Y)"
        )
    # A model fitted in Python may have numbers for labels; a table's are strings.
    classes = [str(name) for name in estimator.classes_]
    probabilities = estimator.predict_proba(X)
    predicted = [str(label) for label in estimator.decide(probabilities)]
    figures = _class_figures(y.tolist(), probabilities, predicted, classes)
    rule = estimator.decision_rule_
    return figures if rule is None else figures | rule.to_dict()


def _number_figures(y: np.ndarray, predicted: np.ndarray) -> dict[str, float]:
    from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error

    return {
        "rows": len(y),
        "r2": float(r2_score(y, predicted)),
        "mae": float(mean_absolute_error(y, predicted)),
        "rmse": float(root_mean_squared_error(y, predicted)),
    }


def _class_figures(
    y: list[str], probabilities: np.ndarray, predicted: list[str], classes: list[str]
) -> dict[str, Any]:
    import numpy as np
    from sklearn import metrics

    from textseq.labels.calibration import expected_calibration_error
    from textseq.labels.data_warnings import unknown_lines, warn_of_data

    foreign = sorted(set(y) - set(classes))
    if foreign:
        warnings.warn(
            f"the model does not know the label {foreign[0]!r}"
            + (f" and {len(foreign) - 1} more" if len(foreign) > 1 else "")
            + "; such rows count as wrong"
            + (", and not for the AUC" if len(classes) == 2 else ""),
            stacklevel=2,
        )
        warn_of_data(unknown_lines(np.array(foreign), np.array(classes)), stacklevel=2)
    names = classes + foreign
    precision, recall, f1, rows = metrics.precision_recall_fscore_support(
        y, predicted, labels=names, zero_division=0
    )
    present = sorted(set(y) | set(predicted))
    figures: dict[str, Any] = {
        "rows": len(y),
        "accuracy": float(metrics.accuracy_score(y, predicted)),
    }
    if len(classes) == 2:
        figures["auc"] = _auc(y, probabilities, classes)
    known = np.isin(y, classes)
    if known.any():
        truth = np.array([classes.index(label) for label in np.array(y)[known]])
        figures["calibration_error"] = expected_calibration_error(truth, probabilities[known])
    return figures | {
        "macro_f1": float(
            metrics.f1_score(y, predicted, labels=present, average="macro", zero_division=0)
        ),
        "classes": [
            {
                "label": name,
                "precision": float(precision[k]),
                "recall": float(recall[k]),
                "f1": float(f1[k]),
                "rows": int(rows[k]),
            }
            for k, name in enumerate(names)
        ],
        "confusion": metrics.confusion_matrix(y, predicted, labels=names).tolist(),
    }


def _auc(y: list[str], probabilities: np.ndarray, classes: list[str]) -> float | None:
    """Return the AUC of the rows whose label the model knows; None if all have the same."""
    import numpy as np

    from textseq.comparison.scores.auc import auc

    labels = np.array(y)
    known = np.isin(labels, classes)
    area = auc(labels[known] == classes[1], probabilities[known, 1])
    return None if np.isnan(area) else area


def _print_figures(console: Console, figures: dict[str, Any]) -> None:
    if "classes" in figures:
        _print_classes(console, figures)
        return
    lone = {name: value for name, value in figures.items() if not isinstance(value, list)}
    width = max(map(len, lone))
    for name, value in lone.items():
        shown = f"{value:.4g}" if isinstance(value, float) else str(value)
        console.print(f"{name:>{width}} {shown}", markup=False, soft_wrap=True)
    if "spans" in figures:
        console.print()
        console.print(_shares_table("spans", "type", figures["spans"], "support"))


def _print_classes(console: Console, figures: dict[str, Any]) -> None:
    from rich.markup import escape

    shown = {"accuracy": "accuracy", "auc": "AUC", "macro_f1": "macro-F1"}
    scores = [
        f"{name} -" if figures[key] is None else f"{name} {figures[key]:.4f}"
        for key, name in shown.items()
        if key in figures
    ]
    if "calibration_error" in figures:
        scores.append(f"calibration error {figures['calibration_error']:.4f}")
    console.print("   ".join([*scores, f"{figures['rows']} rows\n"]))
    if "thresholds" in figures:
        second, (threshold,) = figures["classes"][1]["label"], figures["thresholds"]
        console.print(f"{escape(second)} is answered from a probability of {threshold:.3f} on\n")
    elif "costs" in figures:
        console.print("the answers of least expected cost, by the costs the model was fitted to\n")
    console.print(_shares_table("label", "label", figures["classes"], "rows"))
    names = [escape(row["label"]) for row in figures["classes"]]
    console.print()
    console.print(_confusions(names, figures["confusion"]))


def _shares_table(title: str, name: str, rows: list[dict[str, Any]], count: str) -> Any:
    """Return a table of precision, recall and F1, and of what each is of."""
    from rich.markup import escape
    from rich.table import Table

    table = Table(title, box=None, pad_edge=False)
    for column in ("precision", "recall", "F1", count):
        table.add_column(column, justify="right")
    for row in rows:
        shares = (f"{row[share]:.3f}" for share in ("precision", "recall", "f1"))
        table.add_row(escape(row[name]), *shares, str(row[count]))
    return table


def _confusions(names: list[str], counts: list[list[int]]) -> Any:
    from rich.table import Table

    if len(names) <= _WIDEST_MATRIX:
        table = Table("true \\ predicted", box=None, pad_edge=False)
        for name in names:
            table.add_column(name, justify="right")
        for name, row in zip(names, counts, strict=True):
            table.add_row(name, *map(str, row))
        return table
    wrong = [
        (count, true, predicted)
        for true, row in enumerate(counts)
        for predicted, count in enumerate(row)
        if count and true != predicted
    ]
    table = Table("commonest confusions: true", "predicted", box=None, pad_edge=False)
    table.add_column("rows", justify="right")
    for count, true, predicted in sorted(wrong, reverse=True)[:_CONFUSIONS_LISTED]:
        table.add_row(names[true], names[predicted], str(count))
    return table
