"""Parameters of what answers questions."""

from __future__ import annotations

from typing import Any

from textseq.estimators.declared import Rule, changed, count, declared, param
from textseq.estimators.parameters import (
    EmbeddingParameters,
    EncoderParameters,
    RareTokenParameters,
    TokenizerParameters,
    TrainingParameters,
    ValidationParameters,
    VectorParameters,
)


@declared
class AnswererParameters(
    TokenizerParameters,
    RareTokenParameters,
    EmbeddingParameters,
    VectorParameters,
    EncoderParameters,
    TrainingParameters,
    ValidationParameters,
):
    """What a model that answers questions lets choose."""

    n_passes: int = param(
        count(0),
        "Times that the sentences of a passage read each other given the question, so that an "
        "answer can follow from several; with 0 each is read by itself.",
        default=3,
    )
    max_answer_length: int | str = param(
        count(), 'Tokens of the longest answer; "auto" is that of the training rows.',
        default="auto",
    )  # fmt: skip
    tokenizer: Any = changed(
        help="What cuts questions and passages. A callable takes a text and returns its tokens, "
        "which must stand in the text as they are, but for case.",
        rule=Rule('"word", Tokenizer or callable'),
        kw_only=False,
        default="word",
    )
    encoder: Any = changed(
        '"mean" and "max", which make one vector of a whole row, have no words to answer with. '
        "It reads questions, and passages sentence by sentence.",
        default="bigru",
    )
    hidden_size: int | tuple[int, ...] | str = changed(default=32)
    embedding_dim: int | str = changed(default=64)
