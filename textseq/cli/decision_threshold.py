"""``--decision-threshold`` of ``textseq fit``: what it may be, and what became of it."""

from __future__ import annotations

from typing import Annotated, Any

import typer

DecisionThreshold = Annotated[
    str | None,
    typer.Option(
        metavar="WHAT",
        help="Of two classes, from which probability on the second of the alphabet is answered: a "
        "number, or found on the validation rows: f1, precision=0.9 (with the most recall) or "
        "recall=0.95. Costs are for Python and R.",
        show_default="the most probable class",
    ),
]


def check_decision_threshold(given: str | None, regression: bool) -> dict[str, Any]:
    """Return the parameter that ``--decision-threshold`` stands for."""
    if given is None:
        return {}
    if regression:
        raise ValueError(
            "--decision-threshold is for classes, and --regression has none; leave one out"
        )
    name, equals, share = given.partition("=")
    value: Any = share if equals else name
    try:
        value = float(value)
    except ValueError:
        if equals or value != "f1":
            raise ValueError(
                f"--decision-threshold {given} is not known; use a number such as 0.3, f1, "
                "precision=0.9 or recall=0.95"
            ) from None
    value = {name: value} if equals else value
    from textseq.labels.decisions import check_decision

    check_decision("--decision-threshold", value)
    return {"decision_threshold": value}


def decided(receipt: dict[str, Any], classes: Any) -> str:
    """Say from which probability on the second of two classes is answered; "" without a rule."""
    found = receipt.get("decision")
    if found is None or "threshold" not in found:
        return ""
    return (
        f"{classes[1]} from a probability of {found['threshold']:.3f} on, validation precision "
        f"{found['precision']:.3f}, recall {found['recall']:.3f}"
    )
