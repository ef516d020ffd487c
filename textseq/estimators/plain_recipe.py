"""The plain recipe: training as torch and luz start, with nothing that was chosen on corpora."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from textseq.estimators.declared import parameters_of

RECIPES = ("tuned", "plain")

# Adam, its rate and the dropouts as torch has them by default, in Python and in R (optim_adam,
# nn_lstm, nn_cross_entropy_loss); epochs and rows of a step as luz, R's loop over torch, has
# them: fit(epochs = 10) and as_dataloader(batch_size = 32).
PLAIN: dict[str, Any] = {
    "optimizer": "adam",
    "learning_rate": 1e-3,
    "schedule": "constant",
    "weight_decay": 0.0,
    "max_epochs": 10,
    "batch_size": 32,
    "patience": None,
    "clip_grad_norm": None,
    "embedding_dropout": 0.0,
    "input_dropout": 0.0,
    "hidden_dropout": 0.0,
    "weight_dropout": 0.0,
    "dropout": 0.0,
    "head_dropout": 0.0,
    "label_smoothing": 0.0,
    "unfreeze": "all",
    "rate_decay": 1.0,
    "wide": None,
    "characters": None,
    "speed_perturbation": 0.0,
    "vocal_tract_perturbation": 0.0,
    "noise": False,
    "masks": 0,
}


def by_recipe(kind: type, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return an estimator's parameters, with the plain recipe's in place of defaults if chosen.

    A parameter at its default counts as not given: scikit-learn's copies name every parameter,
    so that nothing else can tell.

    Parameters
    ----------
    kind : type
        The estimator.
    given : mapping of str to value

    Examples
    --------
    >>> from textseq import TextClassifier
    >>> given = TextClassifier(recipe="plain", dropout=0.2).get_params()
    >>> found = by_recipe(TextClassifier, given)
    >>> [found[name] for name in ("optimizer", "dropout", "head_dropout", "hidden_size")]
    ['adam', 0.2, 0.0, 128]
    """
    if given["recipe"] != "plain":
        return dict(given)
    declared = parameters_of(kind)
    plain = {
        name: value
        for name, value in PLAIN.items()
        if name in declared and given[name] == declared[name].default
    }
    return {**given, **plain}
