"""What may change from one fit to the next that goes on from it."""

from __future__ import annotations

from typing import Any

from textseq.estimators.declared import is_auto, parameters_of
from textseq.estimators.parameters import (
    AnswerParameters,
    CalibrationParameters,
    ClassWeightParameters,
    DecisionParameters,
    MachineParameters,
    TrainingParameters,
    ValidationParameters,
)

# Parameters of training; all others shape the network or what it reads.
TRAINING = {"unfreeze", "rate_decay", "freeze_vectors"}.union(
    *map(
        parameters_of,
        (
            TrainingParameters,
            CalibrationParameters,
            ClassWeightParameters,
            DecisionParameters,
            AnswerParameters,
            ValidationParameters,
            MachineParameters,
        ),
    )
)


def continued_parameters(
    given: dict[str, Any], fitted: dict[str, Any], defaults: dict[str, Any]
) -> dict[str, Any]:
    """Return the parameters of a fit that goes on from another.

    Parameters
    ----------
    given : dict
        Of the estimator, as they are now.
    fitted : dict
        Of the earlier fit, with "auto" decided; what is "auto" now stays so.
    defaults : dict
        What an estimator has that was told nothing.

    Raises
    ------
    ValueError
        If one has changed that shapes the network or what it reads, or the recipe, which has
        decided on the network's dropout.
    """
    _refuse_other("recipe", given["recipe"], fitted.get("recipe", defaults["recipe"]))
    chosen = dict(fitted)
    for name, value in given.items():
        if is_auto(value):
            continue
        if name in TRAINING:
            chosen[name] = value
        elif _plain(value) and value != defaults.get(name):
            _refuse_other(name, value, fitted.get(name))
    return chosen


def _refuse_other(name: str, value: Any, fitted: Any) -> None:
    if value != fitted:
        raise ValueError(
            f"warm_start=True goes on from a fit with {name}={fitted!r}, which can not become "
            f"{value!r}; leave it, or set warm_start=False to fit anew"
        )


def _plain(value: Any) -> bool:
    return isinstance(value, str | int | float | tuple)
