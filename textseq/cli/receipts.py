"""What a receipt says of a fit, in words."""

from __future__ import annotations

from typing import Any


def validated(receipt: dict[str, Any]) -> str:
    """Say how the best epoch of a fit validated."""
    score = receipt["validation_score"]
    if score is None:
        return "no validation rows"
    return f"validation {receipt['score_name']} {score:.3f} on {receipt['validation_rows']} rows"


def best_epochs(receipt: dict[str, Any]) -> str:
    """Name the epoch whose weights a model holds, or that of each of its networks."""
    return ", ".join(str(one["best_epoch"]) for one in receipt.get("members", [receipt]))
