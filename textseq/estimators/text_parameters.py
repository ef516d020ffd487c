"""Checks of the parameters that the text estimators share."""

from __future__ import annotations

from typing import Any

from textseq.estimators.checks import check_choice, check_number
from textseq.estimators.defaults import AUTO
from textseq.estimators.network_parameters import check_network_parameters, check_sizes
from textseq.nn.bags import BAGS
from textseq.nn.representations import REPRESENTATIONS
from textseq.text.hashed_ngrams import MOST_BUCKETS
from textseq.text.tokenizer import Tokenizer
from textseq.training.options import UNFREEZE

COUNTS = {"embedding_dim", "max_features", "max_length", "hash_buckets"}
SHARES = {"embedding_dropout"}
MAYBE_NONE = {"max_features", "max_length", "hash_buckets"}
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
    encoder, bidirectional = check_network_parameters(value, AUTO)
    check_choice("representation", value["representation"], REPRESENTATIONS)
    given = {n: item for n, item in value.items() if not (n in AUTO and item == "auto")}
    check_sizes(given, COUNTS, SHARES, MAYBE_NONE)
    check_choice("unfreeze", value["unfreeze"], UNFREEZE)
    check_number("rate_decay", value["rate_decay"], least=1.0)
    _check_fit(value, encoder)
    return encoder, bidirectional


def _check_fit(value: dict[str, Any], encoder: Any) -> None:
    """Refuse parameters that are sound one by one but not together."""
    if tuple(value["ngram_range"]) != (1, 1) and encoder not in BAGS:
        raise ValueError(
            f"ngram_range={value['ngram_range']} goes with encoder='mean' or 'max' only: "
            f"encoder={encoder!r} reads tokens in order, and n-grams overlap"
        )
    if value["hash_buckets"] is not None:
        _check_hashing(value)
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
