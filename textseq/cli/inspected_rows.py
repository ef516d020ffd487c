"""What ``textseq inspect`` looks at: rows of DATA with their targets, and rows to follow."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from textseq.cli import options
from textseq.cli.columns import as_fitted, columns_of, texts_of_model
from textseq.cli.lm import read_running
from textseq.cli.model_kinds import not_for

if TYPE_CHECKING:
    from textseq.estimators.base import TrainedEstimator


class InspectedRows(NamedTuple):
    """Rows of DATA, their targets, and what they are called."""

    X: Any
    y: Any
    called: str


def check_model(estimator: TrainedEstimator, path: str) -> None:
    """Refuse models that read no texts."""
    from textseq.estimators.forecasting.forecaster import Forecaster
    from textseq.estimators.sequence.series import SeriesEstimator
    from textseq.estimators.sequence.text import TextEstimator

    kind, by_steps = type(estimator).__name__, estimator.network_kind.answers_steps
    of_numbers = by_steps and not estimator.network_.steps_are_tokens
    if isinstance(estimator, SeriesEstimator | Forecaster) or of_numbers:
        raise ValueError(
            f"{path} is a {kind}{' of numbers' if of_numbers else ''}, which reads no texts; "
            f"inspect it in Python: recurrent_spectrum(load_model({path!r})), "
            "gradient_flow(...) and so on"
        )
    if not isinstance(estimator, TextEstimator) and not by_steps:
        raise not_for("inspect", path, estimator)


def check_text(estimator: TrainedEstimator, text: str) -> None:
    """Refuse a text that can't be followed, before minutes of work."""
    from textseq.inspection.reading import read_one
    from textseq.inspection.step_reading import read_row

    read = read_row if estimator.network_kind.answers_steps else read_one
    read(estimator, row_of(estimator, text))


def row_of(estimator: TrainedEstimator, text: str) -> str | list[str]:
    """Return a text as the model reads one row: for a tagger it is cut at white space."""
    return text.split() if estimator.reads == "steps" else text


def read_rows(
    estimator: Any,
    path: str,
    data: str,
    text: list[str] | None,
    label: str | None,
    form: options.TableForm,
) -> InspectedRows:
    """Read DATA as the model at ``path`` was fitted to its like."""
    if estimator.reads == "steps":
        from textseq.cli.tag import read_tagged

        if text or label:
            raise ValueError(
                "--text and --label name columns of a table; a tagger's DATA is a file of tagged "
                "tokens"
            )
        rows, tags = read_tagged(data, form.encoding)
        return InspectedRows(rows, tags, _called(len(rows), "sentence", data))
    if estimator.reads == "running text":
        if label:
            raise ValueError("--label names what a text is checked by; a language model reads on")
        texts = read_running(data, text, form)
        return InspectedRows(texts, None, _called(len(texts), "text", data))
    if estimator.reads == "sources":
        sources, targets = options.read_xy(data, text or ["text"], label or "label", form)
        return InspectedRows(sources, targets, _called(len(targets), "source", data))
    X, y = _labelled(estimator, path, data, texts_of_model(estimator, text), label or "label", form)
    return InspectedRows(X, y, _called(len(y), "text", data))


def _labelled(
    estimator: Any, model: str, data: str, text: list[str], label: str, form: options.TableForm
) -> tuple[Any, Any]:
    """Read the texts of a table, and their labels as the model knows them."""
    import numpy as np

    regression = not hasattr(estimator, "classes_")
    if not regression and estimator.multilabel_:
        raise ValueError(
            f"{model} gives each text several labels, but a table has one label column; "
            "inspect it without DATA, or in Python: gradient_flow(load_model(path), X, Y)"
        )
    X, y = options.read_xy(data, text, label, form, regression, columns_of(estimator))
    X = as_fitted(estimator, X, text)
    if regression:
        return X, y.to_numpy()
    # A model fitted in Python may have numbers for labels; a table's are strings.
    known = {str(name): name for name in estimator.classes_}
    foreign = [name for name in y.unique(maintain_order=True) if name not in known]
    if foreign:
        raise ValueError(
            f"the model does not know the label {foreign[0]!r} in column {label!r}; "
            f"it knows {', '.join(map(repr, list(known)[:8]))}"
        )
    return X, np.array([known[name] for name in y], dtype=estimator.classes_.dtype)


def _called(count: int, one: str, data: str) -> str:
    return f"On {count:,} {one}{'' if count == 1 else 's'} of {_source(data)}"


def _source(data: str) -> str:
    return "standard input" if data == "-" else Path(data).name
