"""Checks of the parameters that say what a network is and how it trains."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from torch import nn

from textseq.estimators.checks import check_choice, check_count, check_number
from textseq.estimators.scoring import scoring_name
from textseq.flags import check_flag
from textseq.nn.cells import CELLS
from textseq.nn.encoders import ACTIVATIONS, CONNECTIONS, ENCODERS
from textseq.nn.heads import POOLINGS
from textseq.nn.initialization import INITS
from textseq.nn.normalization import NORMALIZATIONS
from textseq.training.devices import choose_device
from textseq.training.optimizers import OPTIMIZERS
from textseq.training.schedules import SCHEDULES

CHOICES = {
    "connections": CONNECTIONS,
    "activation": ACTIVATIONS,
    "init": INITS,
    "pooling": POOLINGS,
    "optimizer": OPTIMIZERS,
    "schedule": SCHEDULES,
}
COUNTS = {
    "hidden_size", "num_layers", "max_epochs", "batch_size", "patience", "truncated_bptt_steps",
    "n_threads",
}  # fmt: skip
FLAGS = {
    "bidirectional", "calendar", "freeze_vectors", "lowercase", "retrain", "tie_weights",
    "warm_start",
}  # fmt: skip
SHARES = {"dropout", "head_dropout", "momentum", "validation_fraction"}
ABOVE_ZERO = {"learning_rate", "init_gain", "clip_grad_norm", "clip_grad_value"}
MAYBE_NONE = {
    "patience", "truncated_bptt_steps", "n_threads", "clip_grad_norm", "clip_grad_value",
}  # fmt: skip


def check_network_parameters(value: dict[str, Any], auto: Iterable[str]) -> tuple[Any, bool]:
    """Check what all share; return the encoder without shorthand, and whether bidirectional.

    Parameters
    ----------
    value : dict
        Parameters by name, as ``get_params`` returns them.
    auto : iterable of str
        Names of those that may be "auto".

    Raises
    ------
    ValueError
        Names the parameter, its value and what it may be.
    """
    given = {
        name: item
        for name, item in value.items()
        if not (name in auto and isinstance(item, str) and item == "auto")
    }
    for name in FLAGS & given.keys():
        check_flag(name, given[name])
    encoder, bidirectional = resolve_encoder(value["encoder"], bool(value["bidirectional"]))
    for name in CHOICES.keys() & given.keys():
        choices = ("auto", *CHOICES[name]) if name in auto else CHOICES[name]
        check_choice(name, given[name], choices)
    if value["normalization"] is not None:
        check_choice("normalization", value["normalization"], NORMALIZATIONS)
    check_sizes(given, COUNTS, SHARES, MAYBE_NONE)
    for name in ABOVE_ZERO & given.keys():
        if given[name] is not None or name not in MAYBE_NONE:
            check_number(name, given[name], above=True)
    check_number("weight_decay", given.get("weight_decay", 0.0))
    choose_device(value["device"])
    if value.get("scoring") is not None:
        scoring_name(value["scoring"])
    _check_head_sizes(given.get("head_sizes", ()))
    if value["init"] == "chrono" and encoder in ("rnn", "tcn"):
        raise ValueError(
            f"init='chrono' sets the bias of a forget gate, which encoder={encoder!r} lacks; "
            "use init='orthogonal', or encoder='lstm', 'gru' or 'janet'"
        )
    return encoder, bidirectional


def check_sizes(
    value: dict[str, Any], counts: set[str], shares: set[str], maybe_none: set[str]
) -> None:
    """Check the named parameters: whole numbers, and shares in [0, 1)."""
    given = {n: item for n, item in value.items() if item is not None or n not in maybe_none}
    for name in counts & given.keys():
        check_count(name, given[name])
    for name in shares & given.keys():
        check_number(name, given[name], under=1.0)


def _check_head_sizes(sizes: Any) -> None:
    if isinstance(sizes, str) or not isinstance(sizes, Iterable):
        raise ValueError(f"head_sizes must be a tuple of sizes such as (128,), got {sizes!r}")
    for size in sizes:
        check_count("a size in head_sizes", size)


def resolve_encoder(encoder: Any, bidirectional: bool) -> tuple[Any, bool]:
    """Split shorthand such as "bilstm" into ("lstm", True), and check the name."""
    if not isinstance(encoder, str):
        if isinstance(encoder, type) and issubclass(encoder, nn.Module):
            return encoder, bidirectional
        raise ValueError(f"encoder must be a name or an nn.Module class, got {encoder!r}")
    shorthand = {f"bi{name}": name for name in CELLS}
    check_choice("encoder", encoder, [*ENCODERS, *shorthand])
    if encoder in shorthand:
        return shorthand[encoder], True
    if bidirectional and encoder not in CELLS:
        raise ValueError(
            f"encoder={encoder!r} can't be bidirectional; leave bidirectional=False, or choose "
            f"from: {', '.join(shorthand)}"
        )
    return encoder, bidirectional
