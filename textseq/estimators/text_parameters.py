"""Checks of the parameters that the text estimators share."""

from __future__ import annotations

from typing import Any

from torch import nn

from textseq.estimators.checks import check_choice, check_count, check_number
from textseq.nn.encoders import ENCODERS
from textseq.nn.heads import POOLINGS
from textseq.training.optimizers import OPTIMIZERS, SCHEDULES

COUNTS = ("hidden_size", "num_layers", "embedding_dim")
COUNTS_OR_NONE = (
    "max_features", "max_epochs", "batch_size", "max_length", "patience", "n_threads",
)  # fmt: skip
SHARES = ("embedding_dropout", "dropout", "momentum", "validation_fraction")
ABOVE_ZERO_OR_NONE = ("learning_rate", "clip_grad_norm", "clip_grad_value")


def check_text_parameters(value: dict[str, Any]) -> tuple[Any, bool]:
    """Check all parameters; return the encoder without shorthand, and whether bidirectional.

    Parameters
    ----------
    value : dict
        Parameters by name, as ``get_params`` returns them.

    Raises
    ------
    ValueError
        Names the parameter, its value and what it may be.
    """
    encoder, bidirectional = resolve_encoder(value["encoder"], bool(value["bidirectional"]))
    check_choice("pooling", value["pooling"], POOLINGS)
    check_choice("optimizer", value["optimizer"], OPTIMIZERS)
    check_choice("schedule", value["schedule"], ["auto", *SCHEDULES])
    for name in COUNTS:
        check_count(name, value[name])
    for name in COUNTS_OR_NONE:
        if not _open(value[name]):
            check_count(name, value[name])
    for name in SHARES:
        if not _open(value[name]):
            check_number(name, value[name], under=1.0)
    for name in ABOVE_ZERO_OR_NONE:
        if not _open(value[name]):
            check_number(name, value[name], above=True)
    check_number("weight_decay", value["weight_decay"])
    if tuple(value["ngram_range"]) != (1, 1) and encoder != "mean":
        raise ValueError(
            f"ngram_range={value['ngram_range']} goes with encoder='mean' only: "
            f"encoder={encoder!r} reads tokens in order, and n-grams overlap"
        )
    return encoder, bidirectional


def resolve_encoder(encoder: Any, bidirectional: bool) -> tuple[Any, bool]:
    """Split shorthand such as "bilstm" into ("lstm", True), and check the name."""
    if not isinstance(encoder, str):
        if isinstance(encoder, type) and issubclass(encoder, nn.Module):
            return encoder, bidirectional
        raise ValueError(f"encoder must be a name or an nn.Module class, got {encoder!r}")
    shorthand = {f"bi{name}": name for name in ENCODERS if name != "mean"}
    check_choice("encoder", encoder, [*ENCODERS, *shorthand])
    if encoder in shorthand:
        return shorthand[encoder], True
    if encoder == "mean" and bidirectional:
        raise ValueError("encoder='mean' has no direction; leave bidirectional=False")
    return encoder, bidirectional


def _open(value: Any) -> bool:
    """Whether a value is left to the recipe, or switched off."""
    return value is None or (isinstance(value, str) and value == "auto")
