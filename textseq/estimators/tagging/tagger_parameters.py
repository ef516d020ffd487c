"""Parameters of taggers."""

from __future__ import annotations

from typing import Any

from textseq.estimators.declared import Rule, changed, declared, one_of, param
from textseq.estimators.parameters import (
    ClassWeightParameters,
    EmbeddingParameters,
    EncoderParameters,
    RareTokenParameters,
    ScoringParameters,
    TrainingParameters,
    UnfreezeParameters,
    ValidationParameters,
    VectorParameters,
)
from textseq.estimators.tagging.learned_spans import SPAN_F1
from textseq.labels.spans import SCHEMES
from textseq.nn.tagging import HEADS
from textseq.nn.word_features import CHARACTERS


@declared
class TaggerParameters(
    RareTokenParameters,
    EmbeddingParameters,
    VectorParameters,
    UnfreezeParameters,
    EncoderParameters,
    TrainingParameters,
    ScoringParameters,
    ClassWeightParameters,
    ValidationParameters,
):
    """What a tagger lets choose."""

    head: str = param(
        one_of(*HEADS),
        '"crf" decides on the tags of a row together, and learns which tag follows which; "linear" '
        "decides step by step.",
        kw_only=False,
        default="crf",
    )
    tag_scheme: str | None = param(
        one_of(*SCHEMES),
        "How tags mark spans: only tags that it lets follow each other are answered, such as no "
        '"I-person" behind "O" in IOB2, with either head. "auto" is the scheme that the tags of '
        "all rows follow; None, also where they follow none, as parts of speech do, lets any tag "
        "follow any. Training and ``predict_proba`` know nothing of it.",
        default="auto",
    )
    characters: str | None = param(
        one_of(*CHARACTERS),
        "What reads the characters of each word, as it stands, beside the word's vector: a "
        'convolution ("cnn") or an LSTM, together with its shape, such as capitals and digits. '
        'Of words that training did not meet they are all that is known. "auto" is "cnn" for rows '
        "of words, and None for characters, ids, frames, and what ``pretrained`` reads.",
        default="auto",
    )
    encoder: Any = changed(
        '"mean" and "max", which make one vector of a whole row, have no tags to give.',
        default="bilstm",
    )
    pretrained: Any = changed(
        rule=Rule("LanguageModel, TextClassifier, TextRegressor, path, name or None"),
        help="A fitted model of words, or of characters where rows are of these, or the file of a "
        "saved one, to start from: it hands on its vocabulary, its embeddings and its encoder, "
        "which of a language model reads forwards alone. Or the folder of a transformer "
        "(config.json, tokenizer.json, model.safetensors; BERT, RoBERTa, XLM-R, CamemBERT, "
        "DistilBERT, and with ``pip install textseq[transformers]`` the other families that read "
        "texts), or the name of one that has been fetched from the hub before, which becomes the "
        'encoder, "transformer". It reads words in pieces; a word has the tag of its first.',
        default=None,
    )
    unfreeze: str = changed(
        help="What learns of a model with ``pretrained``: the head in the first epoch and one more "
        "layer in each epoch after it, down to the embeddings; all at once; or the head alone. "
        '"auto" is "all".',
        default="auto",
    )
    rate_decay: float | str = changed(
        help="With ``pretrained``, each layer learns at 1 / ``rate_decay`` of the rate of the "
        'layer above it; "auto" is 1.',
        default="auto",
    )
    learning_rate: float | str = changed("Pretrained vectors learn at half of it.", default="auto")
    scoring: str | None = changed(
        rule=one_of(SPAN_F1),
        help='What chooses the best epoch: "span_f1" is the F1 score of spans, as the method of '
        'that name counts them; None is the share of steps tagged right. "auto" is "span_f1" where '
        "tags mark spans, also those of the validation rows, and ``class_weight`` is None. With it "
        'a number is added to what every step says of "O", that of the best F1 of at least 100 '
        "validation spans: where spans are rare and hard to tell, it pays to answer more of them "
        "than are most probable. ``receipt_`` has it as ``outside_shift``.",
        default="auto",
    )
    class_weight: Any = changed(
        rule=Rule('None, "balanced" or dict of tag to weight'),
        help="Weight of the steps of each tag in the loss, and in the validation score, which is "
        'then named "weighted token accuracy". For ``head="linear"`` alone: "crf" decides on the '
        "tags of a row together, and learns from no step by itself.",
        default=None,
    )
    lowercase: bool | str = changed(
        help="Whether words are turned to lower case before their vectors are looked up, as most "
        'word vectors are. "auto" does so where ``characters`` are read, which keep the case.',
        default="auto",
    )
    min_df: int | float = changed(
        "It learns from rare words, too: one that occurs n times is read as unknown in 1 / (1 + n) "
        "of its places, drawn anew in each epoch, unless ``vectors`` know it.",
        default=1,
    )
