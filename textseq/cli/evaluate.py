"""``textseq evaluate``: a model file against texts whose labels are known."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from textseq.cli import options
from textseq.cli.options import examples

if TYPE_CHECKING:
    import numpy as np
    from rich.console import Console

EXAMPLES = examples(
    "textseq evaluate stars.textseq test.csv --text review --label stars",
    "textseq evaluate stars.textseq test.csv --json figures.json",
)
# A wider confusion matrix fits no terminal; the commonest confusions are listed instead.
_WIDEST_MATRIX = 12
_CONFUSIONS_LISTED = 12


def evaluate(
    model: options.Model,
    data: options.Data,
    text: options.Text = ["text"],  # noqa: B006
    label: options.Label = "label",
    json_file: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write the figures here too.")
    ] = None,
    threads: options.Threads = None,
    encoding: options.Encoding = "utf-8",
) -> None:
    """Print accuracy, macro-F1, the AUC of two classes, each class's figures and the confusions."""
    options.writable(json_file)
    estimator = options.load_model(model, threads)
    regression = not hasattr(estimator, "classes_")
    if not regression and estimator.multilabel_:
        raise ValueError(
            f"{model} gives each text several labels, but a table has one label column; "
            "evaluate it in Python: load_model(path).score(X, Y)"
        )
    X, y = options.read_xy(data, text, label, encoding, regression)
    console = options.table_console()
    if regression:
        figures = _number_figures(y.to_numpy(), estimator.predict(X))
        for name, value in figures.items():
            console.print(f"{name:>4} {value:.4g}")
    else:
        # A model fitted in Python may have numbers for labels; a table's are strings.
        classes = [str(name) for name in estimator.classes_]
        figures = _class_figures(y.to_list(), estimator.predict_proba(X), classes)
        _print_figures(console, figures)
    if json_file is not None:
        json_file.write_text(json.dumps(figures, indent=2, ensure_ascii=False), encoding="utf-8")


def _number_figures(y: np.ndarray, predicted: np.ndarray) -> dict[str, float]:
    from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error

    return {
        "rows": len(y),
        "r2": float(r2_score(y, predicted)),
        "mae": float(mean_absolute_error(y, predicted)),
        "rmse": float(root_mean_squared_error(y, predicted)),
    }


def _class_figures(y: list[str], probabilities: np.ndarray, classes: list[str]) -> dict[str, Any]:
    from sklearn import metrics

    predicted = [classes[k] for k in probabilities.argmax(1)]
    foreign = sorted(set(y) - set(classes))
    if foreign:
        warnings.warn(
            f"the model does not know the label {foreign[0]!r}"
            + (f" and {len(foreign) - 1} more" if len(foreign) > 1 else "")
            + "; such rows count as wrong"
            + (", and not for the AUC" if len(classes) == 2 else ""),
            stacklevel=2,
        )
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

    from textseq.comparison.auc import auc

    labels = np.array(y)
    known = np.isin(labels, classes)
    area = auc(labels[known] == classes[1], probabilities[known, 1])
    return None if np.isnan(area) else area


def _print_figures(console: Console, figures: dict[str, Any]) -> None:
    from rich.markup import escape
    from rich.table import Table

    shown = {"accuracy": "accuracy", "auc": "AUC", "macro_f1": "macro-F1"}
    scores = [
        f"{name} -" if figures[key] is None else f"{name} {figures[key]:.4f}"
        for key, name in shown.items()
        if key in figures
    ]
    console.print("   ".join([*scores, f"{figures['rows']} rows\n"]))
    table = Table("label", box=None, pad_edge=False)
    for name in ("precision", "recall", "F1", "rows"):
        table.add_column(name, justify="right")
    for row in figures["classes"]:
        shares = (f"{row[name]:.3f}" for name in ("precision", "recall", "f1"))
        table.add_row(escape(row["label"]), *shares, str(row["rows"]))
    console.print(table)
    names = [escape(row["label"]) for row in figures["classes"]]
    console.print()
    console.print(_confusions(names, figures["confusion"]))


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
