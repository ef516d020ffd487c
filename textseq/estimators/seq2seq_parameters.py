"""Checks of the parameters of ``Seq2Seq``."""

from __future__ import annotations

from typing import Any

from textseq.estimators.checks import check_choice, check_number
from textseq.estimators.network_parameters import check_network_parameters, check_sizes
from textseq.estimators.seq2seq_defaults import SEQ2SEQ_AUTO
from textseq.estimators.seq2seq_encoding import SOURCES
from textseq.nn.attention import ATTENTIONS
from textseq.nn.bags import BAGS
from textseq.nn.cells import CELLS

COUNTS = {"embedding_dim", "max_features", "max_length", "beam_size"}
SHARES = {"embedding_dropout", "label_smoothing"}
MAYBE_NONE = {"max_features", "max_length"}


def check_seq2seq_parameters(value: dict[str, Any]) -> tuple[Any, bool]:
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
    check_choice("source", value["source"], SOURCES)
    encoder, bidirectional = check_network_parameters(value, SEQ2SEQ_AUTO)
    given = {n: item for n, item in value.items() if not (n in SEQ2SEQ_AUTO and item == "auto")}
    check_sizes(given, COUNTS, SHARES, MAYBE_NONE)
    check_choice("decoder", value["decoder"], ("auto", *CELLS))
    check_number("length_penalty", value["length_penalty"])
    if not 0 <= check_number("teacher_forcing", value["teacher_forcing"]) <= 1:
        raise ValueError(f"teacher_forcing must be in [0, 1], got {value['teacher_forcing']!r}")
    if value["source"] == "vector":
        encoder, bidirectional = "mean", False
    attention = value["attention"]
    if attention is not None:
        check_choice("attention", attention, ("auto", *ATTENTIONS), or_none=True)
    if attention not in (None, "auto") and encoder in BAGS:
        what = "source='vector'" if value["source"] == "vector" else f"encoder={encoder!r}"
        raise ValueError(
            f"attention={attention!r} needs a state a step to attend to, and {what} gives one "
            "vector; use attention=None or 'auto'"
        )
    return encoder, bidirectional
