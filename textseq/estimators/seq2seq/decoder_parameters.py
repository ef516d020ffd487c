"""How a decoder says targets, whatever it is told of the sources."""

from __future__ import annotations

from typing import Any

from textseq.estimators.declared import SHARE, Rule, changed, count, declared, number, one_of, param
from textseq.estimators.parameters import ScoringParameters
from textseq.estimators.seq2seq.encoding import SOURCES
from textseq.estimators.seq2seq.scores import scoring_of
from textseq.nn.attention import ATTENTIONS
from textseq.nn.bags import BAGS
from textseq.nn.cells import CELLS


@declared
class DecoderParameters(ScoringParameters):
    """What a decoder lets choose, and what its answers are scored by."""

    source: str = param(
        one_of(*SOURCES),
        "What is read: texts (strings, or lists of tokens); series of numbers, as "
        "``SeriesClassifier`` takes them, channels before time; or one vector a row.",
        kw_only=False,
        default="text",
    )
    decoder: str = param(
        one_of(*CELLS),
        'Cell of the decoder. "auto" is the encoder\'s where it has one, else "lstm".',
        default="auto",
    )
    attention: str | None = param(
        one_of(*ATTENTIONS),
        "How the decoder attends to the source's states; of several layers the first does. "
        '"auto" is "additive", and None where there is nothing to attend to.',
        default="auto",
    )
    label_smoothing: float = param(
        SHARE,
        "Share of each true token's probability that training deals to all tokens.",
        default=0.1,
    )
    beam_size: int = param(
        count(),
        "Beginnings that ``predict`` follows at once; 1 is greedy, and five times as fast.",
        default=5,
    )
    length_penalty: float = param(
        number(),
        "How much longer outputs are preferred among several beams; 0 is not at all.",
        default=0.6,
    )
    scoring: str = changed(
        default="bleu",
        help="What ``score`` returns: BLEU or chrF (0 to 100), the share of answers that are "
        "right, or the negative of the character error rate. The epoch is chosen by likelihood.",
        rule=Rule("str", scoring_of),
    )


def check_attention(attention: str | None, encoder: Any, what: str) -> None:
    """Refuse attention to an encoder that gives one vector; ``what`` says why it does."""
    if attention not in (None, "auto") and encoder in BAGS:
        raise ValueError(
            f"attention={attention!r} needs a state a step to attend to, and {what} gives one "
            "vector; use attention=None or 'auto'"
        )
