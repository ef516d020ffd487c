"""Checks of a language model's parameters."""

from __future__ import annotations

from typing import Any

from textseq.estimators.checks import check_choice
from textseq.estimators.language_defaults import AUTO
from textseq.estimators.network_parameters import check_network_parameters, check_sizes
from textseq.nn.cells import CELLS
from textseq.nn.softmax import SOFTMAXES
from textseq.text.tokenizer import Tokenizer

LEVELS = ("word", "char", "bpe")
ENCODERS = (*CELLS, "tcn")
REPRESENTATIONS = ("embedding", "onehot")
COUNTS = {"embedding_dim", "max_features", "min_count"}
SHARES = {
    "embedding_dropout", "input_dropout", "hidden_dropout", "weight_dropout",
}  # fmt: skip
MAYBE_NONE = {"max_features"}


def check_language_parameters(value: dict[str, Any]) -> None:
    """Check all parameters.

    Parameters
    ----------
    value : dict
        Parameters by name, as ``get_params`` returns them.

    Raises
    ------
    ValueError
        Names the parameter, its value and what it may be.
    """
    if not isinstance(value["level"], Tokenizer) and not callable(value["level"]):
        check_choice("level", value["level"], LEVELS)
    if not isinstance(value["encoder"], str) or value["encoder"] not in ENCODERS:
        raise ValueError(
            f"encoder={value['encoder']!r} can't say what comes next: it must read forwards, "
            f"step by step; choose from: {', '.join(ENCODERS)}"
        )
    check_network_parameters(value | {"bidirectional": False}, AUTO)
    check_choice("representation", value["representation"], REPRESENTATIONS)
    _check_vectors(value)
    check_choice("softmax", value["softmax"], ("auto", *SOFTMAXES))
    if value["tie_weights"] not in (True, False):
        check_choice("tie_weights", value["tie_weights"], ("True", "False", "auto"))
    given = {n: item for n, item in value.items() if not (n in AUTO and item == "auto")}
    check_sizes(given, COUNTS, SHARES, MAYBE_NONE)
    if given.get("truncated_bptt_steps", 1) is None:
        raise ValueError(
            "truncated_bptt_steps=None would hold the whole text at once; name the steps of a "
            "window, 100 for example"
        )
    if value["encoder"] not in CELLS and given.get("weight_dropout"):
        raise ValueError(
            f"weight_dropout={value['weight_dropout']} drops recurrent weights, which "
            f"encoder={value['encoder']!r} lacks; set weight_dropout=0, or 'auto'"
        )


def _check_vectors(value: dict[str, Any]) -> None:
    """Refuse word vectors where there are no words, or no embeddings that start anew."""
    if value["vectors"] is None:
        if value["freeze_vectors"]:
            raise ValueError("freeze_vectors=True has no vectors to freeze; pass some: vectors=...")
        return
    for name, excluded in (("representation", "onehot"), ("level", "char")):
        if value[name] == excluded:
            raise ValueError(
                f"vectors are embeddings of words, but {name}={excluded!r}; "
                "leave one of the two out"
            )
    if value["pretrained"] is not None:
        raise ValueError(
            "vectors are for embeddings that start anew, and pretrained brings its own; "
            "leave one of the two out"
        )


def check_drawing(temperature: float, top_k: int | None, top_p: float | None) -> None:
    """Check what ``generate`` is asked to draw from."""
    from textseq.estimators.checks import check_count, check_number

    check_number("temperature", temperature)
    if top_k is not None:
        check_count("top_k", top_k)
    if top_p is not None and not 0 < check_number("top_p", top_p) <= 1:
        raise ValueError(f"top_p must be a share above 0 and at most 1, got {top_p!r}")
