"""What a classifier's ``decision_threshold`` becomes on its validation rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from textseq.labels.data_warnings import warn_of_data
from textseq.labels.decisions import DecisionRule
from textseq.labels.thresholds import reached_by, tuned_thresholds

# What is short of a share by less is short of it by rounding.
ROUNDING = 1e-9
# Of a label that no validation row has.
HALF = 0.5


def check_rows(value: Any, targets: np.ndarray | None, classes: np.ndarray) -> None:
    """Refuse validation rows that can choose no threshold.

    Parameters
    ----------
    value : "f1" or dict
        The ``decision_threshold``.
    targets : ndarray of shape (n,) or (n, n_labels), optional
        Of the validation rows; None where there are none.
    classes : ndarray
    """
    if targets is None:
        raise ValueError(
            f"decision_threshold={value!r} is found on validation rows, and there are too few to "
            "set some aside; pass validation_data=, raise validation_fraction, or give a number"
        )
    if targets.ndim == 1 and len(np.unique(targets)) < 2:
        (only,) = classes[np.unique(targets)].tolist()
        raise ValueError(
            f"decision_threshold={value!r} is found on validation rows, and all {len(targets):,} "
            f"of them are {only!r}; pass validation_data= with rows of both classes"
        )


def decision(
    value: Any,
    rule: DecisionRule | None,
    probabilities: np.ndarray,
    targets: np.ndarray,
    weights: np.ndarray | None,
    classes: np.ndarray,
) -> tuple[DecisionRule, dict[str, Any]]:
    """Return the rule to answer by, and what the receipt has to say of it.

    Parameters
    ----------
    value : what ``decision_threshold`` may be
    rule : DecisionRule, optional
        That it names; None where the rows are to choose one.
    probabilities : ndarray of shape (n, n_classes)
        Of the validation rows.
    targets : ndarray of shape (n,) or (n, n_labels)
    weights : ndarray of shape (n,), optional
    classes : ndarray
    """
    if rule is not None and rule.costs is not None:
        own, usual = (
            float(np.average(rule.costs[targets, answers], weights=weights))
            for answers in (rule.answers(probabilities), probabilities.argmax(1))
        )
        return rule, {"mean_cost": own, "mean_cost_of_most_probable": usual}
    several = targets.ndim == 2
    truth = targets if several else targets[:, None]
    shares = probabilities if several else probabilities[:, 1:]
    if rule is None:
        rule = DecisionRule(thresholds=_found(value, truth, shares, weights, classes))
    assert rule.thresholds is not None
    thresholds = rule.thresholds
    reached = reached_by(thresholds, truth, shares, weights)._asdict()
    if several:
        return rule, {"thresholds": thresholds.tolist(), **reached}
    return rule, {"threshold": float(thresholds[0]), **{k: v[0] for k, v in reached.items()}}


def _found(
    value: Any,
    truth: np.ndarray,
    probabilities: np.ndarray,
    weights: np.ndarray | None,
    classes: np.ndarray,
) -> np.ndarray:
    """Return the thresholds that rows choose, and warn of those that can not be what is asked."""
    there = truth.any(0)
    labels = classes if truth.shape[1] > 1 else classes[1:]
    thresholds = np.full(len(labels), HALF)
    thresholds[there] = tuned_thresholds(value, truth[:, there], probabilities[:, there], weights)
    lines = []
    if not there.all():
        listed = ", ".join(map(repr, labels[~there].tolist()))
        lines.append(
            f"no validation row has the label {listed}, which is answered from a probability of "
            f"{HALF} on; pass validation_data= with rows of each label"
        )
    wanted = value.get("precision") if isinstance(value, Mapping) else None
    if wanted is not None:
        reached = reached_by(thresholds, truth, probabilities, weights)
        for place in np.flatnonzero(there & (np.array(reached.precision) < wanted - ROUNDING)):
            lines.append(
                f"no threshold answers {labels.tolist()[place]!r} at a precision of {wanted} on "
                f"the {len(truth):,} validation rows; the most precise, taken now, reaches "
                f"{reached.precision[place]:.3f} at a recall of {reached.recall[place]:.3f}: ask "
                "for less, or train a better model"
            )
    warn_of_data(lines, stacklevel=6)
    return thresholds
