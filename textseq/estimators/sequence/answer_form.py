"""What a classifier or regressor answers, as a page's script reads it."""

from __future__ import annotations

from typing import Any

import numpy as np

from textseq.playground.examples import chosen_rows, example_forms


def answer_form(model: Any) -> dict[str, Any]:
    """Describe how a model's outputs become its answers.

    Parameters
    ----------
    model : fitted classifier or regressor
    """
    kind = model.target_kind()[0]
    if kind == "number":
        return {"kind": kind, "mean": model.mean_, "scale": model.scale_}
    form: dict[str, Any] = {"kind": kind, "names": class_names(model)}
    for name, part in (("decision", model.decision_rule_), ("isotonic", model.isotonic_)):
        if part is not None:
            form[name] = part.to_dict()
    return form


def class_names(model: Any) -> list[str]:
    """Return the classes or labels as a page writes them."""
    return [str(name) for name in model.classes_.tolist()]


def shown_answers(model: Any, X: Any, y: Any, n_rows: int) -> tuple[list[Any], Any, np.ndarray]:
    """Answer rows.

    Returns
    -------
    predictions, targets : list
        Names of classes, lists of names of labels, or numbers; targets are None without ``y``.
    wrong : ndarray of shape (n_rows,), bool
        Of numbers those that are further off than the training targets are spread.
    """
    predicted = model.predict(X)
    if model.target_kind()[0] == "number":
        numbers = predicted.astype(np.float64)
        if y is None:
            return numbers.tolist(), None, np.zeros(n_rows, dtype=bool)
        true = model._true_values(model._encode_targets(y, n_rows))
        return numbers.tolist(), true.tolist(), np.abs(numbers - true) > model.scale_
    names = class_names(model)

    def named(answers: np.ndarray) -> list[Any]:
        if model.multilabel_:
            return [[names[k] for k in np.flatnonzero(row)] for row in answers]
        return [names[k] for k in answers.tolist()]

    own = predicted if model.multilabel_ else np.searchsorted(model.classes_, predicted)
    if y is None:
        return named(own), None, np.zeros(n_rows, dtype=bool)
    true = model._encode_targets(y, n_rows)
    wrong = (own != true).any(1) if model.multilabel_ else own != true
    return named(own), named(true), wrong


def shown_examples(
    inputs: list[Any], answered: tuple[list[Any], Any, np.ndarray]
) -> tuple[np.ndarray, list[dict[str, Any]]]:
    """Choose rows to show; return their numbers, and what the page says of them."""
    predictions, targets, wrong = answered
    rows = chosen_rows(wrong)
    own = rows.tolist()
    return rows, example_forms(
        [inputs[row] for row in own],
        [predictions[row] for row in own],
        None if targets is None else [targets[row] for row in own],
        wrong[rows],
    )
