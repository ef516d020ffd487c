"""Checks of the parameters that the text estimators share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from torch import nn

from textseq.estimators.checks import check_choice, check_count, check_number
from textseq.estimators.defaults import AUTO
from textseq.nn.bags import BAGS
from textseq.nn.cells import CELLS
from textseq.nn.encoders import ACTIVATIONS, CONNECTIONS, ENCODERS
from textseq.nn.heads import POOLINGS
from textseq.nn.initialization import INITS
from textseq.nn.normalization import NORMALIZATIONS
from textseq.nn.representations import REPRESENTATIONS
from textseq.text.hashed_ngrams import MOST_BUCKETS
from textseq.text.tokenizer import Tokenizer
from textseq.training.devices import choose_device
from textseq.training.optimizers import OPTIMIZERS
from textseq.training.schedules import SCHEDULES

CHOICES = {
    "representation": REPRESENTATIONS,
    "connections": CONNECTIONS,
    "activation": ACTIVATIONS,
    "init": INITS,
    "pooling": POOLINGS,
    "optimizer": OPTIMIZERS,
    "schedule": ("auto", *SCHEDULES),
}
COUNTS = {
    "hidden_size", "embedding_dim", "num_layers", "max_features", "max_epochs", "batch_size",
    "max_length", "patience", "truncated_bptt_steps", "n_threads", "hash_buckets",
}  # fmt: skip
SHARES = {"embedding_dropout", "dropout", "head_dropout", "momentum", "validation_fraction"}
ABOVE_ZERO = {"learning_rate", "init_gain", "clip_grad_norm", "clip_grad_value"}
MAYBE_NONE = {
    "max_features", "max_length", "patience", "truncated_bptt_steps", "n_threads",
    "clip_grad_norm", "clip_grad_value", "hash_buckets",
}  # fmt: skip
# A one-hot row of more numbers takes more memory and time than any lesson is worth.
WIDEST_ONE_HOT = 5_000


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
    for name, choices in CHOICES.items():
        check_choice(name, value[name], choices)
    if value["normalization"] is not None:
        check_choice("normalization", value["normalization"], NORMALIZATIONS)
    given = {name: item for name, item in value.items() if _given(name, item)}
    for name in COUNTS & given.keys():
        check_count(name, given[name])
    for name in SHARES & given.keys():
        check_number(name, given[name], under=1.0)
    for name in ABOVE_ZERO & given.keys():
        check_number(name, given[name], above=True)
    check_number("weight_decay", value["weight_decay"])
    choose_device(value["device"])
    _check_head_sizes(value["head_sizes"])
    _check_fit(value, encoder)
    return encoder, bidirectional


def _check_head_sizes(sizes: Any) -> None:
    if isinstance(sizes, str) or not isinstance(sizes, Iterable):
        raise ValueError(f"head_sizes must be a tuple of sizes such as (128,), got {sizes!r}")
    for size in sizes:
        check_count("a size in head_sizes", size)


def _check_fit(value: dict[str, Any], encoder: Any) -> None:
    """Refuse parameters that are sound one by one but not together."""
    if tuple(value["ngram_range"]) != (1, 1) and encoder not in BAGS:
        raise ValueError(
            f"ngram_range={value['ngram_range']} goes with encoder='mean' or 'max' only: "
            f"encoder={encoder!r} reads tokens in order, and n-grams overlap"
        )
    if value["hash_buckets"] is not None:
        _check_hashing(value)
    if value["init"] == "chrono" and encoder in ("rnn", "tcn"):
        raise ValueError(
            f"init='chrono' sets the bias of a forget gate, which encoder={encoder!r} lacks; "
            "use init='orthogonal', or encoder='lstm', 'gru' or 'janet'"
        )
    if value["vectors"] is not None and value["representation"] != "embedding":
        raise ValueError(
            f"vectors are embeddings, but representation={value['representation']!r}; "
            "leave one of the two out"
        )


def _check_hashing(value: dict[str, Any]) -> None:
    buckets, ngram_range = value["hash_buckets"], tuple(value["ngram_range"])
    if buckets > MOST_BUCKETS:
        raise ValueError(f"hash_buckets={buckets} is more than {MOST_BUCKETS}; use 200_000, say")
    if ngram_range[0] != 1 or ngram_range[1] < 2:
        raise ValueError(
            f"hash_buckets={buckets} hashes the n-grams beyond single tokens, of which "
            f"ngram_range={ngram_range} has none, or nothing else; use ngram_range=(1, 2), "
            "or hash_buckets=None"
        )
    tokenizer = value["tokenizer"]
    if isinstance(tokenizer, Tokenizer) and tokenizer.ngram_range != (1, 1):
        raise ValueError(
            f"hash_buckets={buckets} makes n-grams of single tokens, but the tokenizer given has "
            f"ngram_range={tokenizer.ngram_range}; give it ngram_range=(1, 1)"
        )


def check_width(representation: str, n_tokens: int) -> None:
    """Refuse one-hot rows of very many numbers."""
    if representation == "onehot" and n_tokens > WIDEST_ONE_HOT:
        raise ValueError(
            f"representation='onehot' would make each token {n_tokens:,} numbers (at most "
            f"{WIDEST_ONE_HOT:,}); set max_features={WIDEST_ONE_HOT - 2} or less, or use "
            "'embedding', which is a one-hot row times a learned matrix"
        )


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


def _given(name: str, value: Any) -> bool:
    """Whether a value is neither left to the recipe nor switched off."""
    if value is None:
        return name not in MAYBE_NONE
    return not (name in AUTO and isinstance(value, str) and value == "auto")
