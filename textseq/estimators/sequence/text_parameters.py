"""What the estimators of texts let choose."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from textseq.checks import check_count
from textseq.estimators.declared import FLAG, Rule, changed, count, declared, one_of, param
from textseq.estimators.encoding.pretrained import Pretrained
from textseq.estimators.encoding.pretrained_transformer import PretrainedTransformer
from textseq.estimators.encoding.text import fit_tokenizer
from textseq.estimators.encoding.text_rows import check_text_columns
from textseq.estimators.parameters import (
    EmbeddingParameters,
    EncoderParameters,
    HeadParameters,
    RareTokenParameters,
    RepresentationParameters,
    TextLengthParameters,
    TokenizerParameters,
    TrainingParameters,
    UnfreezeParameters,
    ValidationParameters,
    VectorParameters,
)
from textseq.estimators.sequence.text_recipe import CROP_LENGTH, LONG_CROP_LENGTH, MANY_CLASSES
from textseq.nn.bags import BAGS
from textseq.nn.representations import REPRESENTATIONS
from textseq.text.hashed_ngrams import MOST_BUCKETS
from textseq.text.row_forms import Field
from textseq.text.tokenizer import Tokenizer
from textseq.text.vectors.subword_table import SubwordTable


def _check_buckets(name: str, buckets: Any) -> None:
    if check_count(name, buckets) > MOST_BUCKETS:
        raise ValueError(f"{name}={buckets} is more than {MOST_BUCKETS}; use 200_000, say")


@declared
class TextParameters(
    ValidationParameters,
    TextLengthParameters,
    TokenizerParameters,
    RareTokenParameters,
    EmbeddingParameters,
    VectorParameters,
    RepresentationParameters,
    UnfreezeParameters,
    EncoderParameters,
    HeadParameters,
    TrainingParameters,
):
    """What the estimators of texts let choose."""

    tokenizer: Any = changed(kw_only=False, default="word")
    text_columns: str | tuple[str, ...] | None = param(
        Rule("str or tuple of str", check_text_columns, several=True, or_one=True),
        "Columns of a frame that hold the texts: one, or two to compare. All others stand beside "
        "them, and the head reads them too: numbers, truth values, categories (strings among "
        "them) and dates, of which values may be missing. By default types tell: a column of "
        "strings holds the texts.",
        default=None,
    )
    ngram_range: tuple[int, int] = param(
        Rule("tuple of int", several=True),
        'Shortest and longest n-grams; beyond (1, 1) for ``encoder="mean"`` or "max" only.',
        default=(1, 1),
    )
    hash_buckets: int | None = param(
        Rule("int", _check_buckets),
        "None makes every n-gram a token of the vocabulary. A number hashes the n-grams of two "
        "and more tokens into so many vectors instead (200_000, say): in less time and memory, "
        "but n-grams may share a vector. ``max_length`` then counts single tokens.",
        default=None,
    )
    head_sizes: tuple[int, ...] | str = changed(
        '"auto" is one layer of 512 above the mean of a table of subwords, and else none.',
        default="auto",
    )
    max_length: int | str | None = changed(
        '"auto" reads all, or what a pretrained transformer can read.', default="auto"
    )
    crop_length: int | str | None = param(
        count(),
        "Most tokens that an epoch reads of a training text: of a longer one a stretch, drawn "
        "anew in each epoch, so that long texts are learned from as a whole, in the time and "
        "memory of short ones; answers are of whole texts. None reads all each time, as "
        '"auto" does with the mean, whose time hardly depends on it, and with a pretrained '
        f"transformer; else that is {CROP_LENGTH}, and {LONG_CROP_LENGTH} for {MANY_CLASSES} "
        "classes and more, and for characters.",
        default="auto",
    )
    lowercase: bool = changed(default=True)
    vectors: Any = changed(
        "Or a table of subwords, as ``load_vectors`` opens one (model2vec's, WordLlama's): its own "
        "tokenizer then cuts the texts, and all its tokens are known.",
        default=None,
    )
    normalization: str | None = changed(
        '"auto" is "l2" for the mean of a table of subwords, and else none.', default="auto"
    )
    representation: str = changed(
        '"transformer" lets the encoder read the states of the one that ``pretrained`` names.',
        rule=one_of(*REPRESENTATIONS, "transformer"),
        default="embedding",
    )
    pretrained: Any = changed(
        "Their parameters here must be left out or be the same. Words new to the vocabulary are "
        "put behind it, with the mean of its vectors. Or the folder of a transformer "
        "(config.json, tokenizer.json, model.safetensors; BERT, RoBERTa, XLM-R, CamemBERT, "
        "DistilBERT, and with ``pip install textseq[transformers]`` the other families that "
        "read texts), or the name of one that has been fetched from the hub before: it "
        'becomes the encoder, "transformer"; with ``representation="transformer"`` the encoder '
        "reads its states. The head learns from vectors less their mean and over their standard "
        "deviation, those of the training texts at the start; the fitted head has both within "
        "its weights.",
        default=None,
    )
    unfreeze: str = changed(
        'Of a transformer "none" computes what it gives once; that is "auto" where another encoder '
        "reads its states.",
        default="auto",
    )
    wide: str | None = param(
        one_of("ngrams"),
        'A path from n-grams straight to the outputs, beside the encoder: "ngrams" fits '
        "a linear model of whole texts' words and pairs of them (characters: up to four), beyond "
        "``max_length`` too, and adds its outputs to the network's, each times a share that the "
        "validation rows choose. It is fitted after the network, and learns of the validation "
        'rows in the end if they were split off by ``fit`` itself. "auto" is "ngrams", but '
        "None for pairs of texts and for tokens that are n-grams already.",
        default="auto",
    )
    cache: bool = param(
        FLAG,
        "Whether what a frozen transformer gives of the training texts is kept on disk, in the "
        "cache folder (``TEXTSEQ_CACHE``, or the user's own), by its files and the text, so that "
        "other fits need not compute it again. States take 1.5 KB a token at a width of 384.",
        default=False,
    )
    learning_rate: float | str = changed(
        "Pretrained vectors learn at half of it; a table of subwords whose mean is read, at 8/3 "
        "of it times the root mean square of its numbers, and for 10 classes and more at twice "
        "that.",
        default="auto",
    )
    pooling: str = changed('"auto" is "max", and with ``pretrained`` "concat".', default="auto")
    validation_fraction: float | str = changed(
        '"auto" is a tenth, of very many rows 20,000 of them, but none for the mean of a table '
        "of subwords by itself (``wide=None``), whose last epoch stays, unless ``scoring``, "
        "``patience``, ``calibrate`` or a ``decision_threshold`` to be found need such rows.",
        default="auto",
    )

    def new_tokenizer(
        self,
        fields: tuple[Field, ...],
        pretrained: Pretrained | PretrainedTransformer | None,
        table: SubwordTable | None,
    ) -> Tokenizer:
        """Return what cuts the texts of a new model, fitted to the training texts."""
        if pretrained is not None:
            return pretrained.tokenizer
        return fit_tokenizer(
            self.tokenizer,
            fields,
            self.lowercase,
            self.ngram_range,
            self.hash_buckets,
            self.max_features,
            table,
        )


def n_grams_are_tokens(value: Mapping[str, Any]) -> bool:
    """Whether n-grams stand in the vocabulary, rather than behind it by their hashes."""
    return tuple(value["ngram_range"]) != (1, 1) and value["hash_buckets"] is None


def check_together(value: Mapping[str, Any], encoder: Any) -> None:
    """Refuse parameters that are sound one by one but not together."""
    if tuple(value["ngram_range"]) != (1, 1) and encoder not in BAGS:
        raise ValueError(
            f"ngram_range={value['ngram_range']} goes with encoder='mean' or 'max' only: "
            f"encoder={encoder!r} reads tokens in order, and n-grams overlap"
        )
    if value["hash_buckets"] is not None:
        _check_hashing(value)
    if value["wide"] == "ngrams" and n_grams_are_tokens(value):
        raise ValueError(
            f"wide='ngrams' makes n-grams of single tokens, and ngram_range="
            f"{value['ngram_range']} makes tokens of n-grams; leave one of the two out, or "
            "hash them (hash_buckets=200_000)"
        )
    if value["vectors"] is not None and value["representation"] != "embedding":
        raise ValueError(
            f"vectors are embeddings, but representation={value['representation']!r}; "
            "leave one of the two out"
        )


def check_crop(value: Mapping[str, Any]) -> None:
    """Refuse a stretch of what is no row of tokens as they stand in the text."""
    if value["crop_length"] in (None, "auto"):
        return
    hashed = value["hash_buckets"] is not None
    if hashed or "transformer" in (value["encoder"], value["representation"]):
        other = f"hash_buckets={value['hash_buckets']}" if hashed else "a transformer"
        raise ValueError(
            f"crop_length={value['crop_length']} takes a stretch out of a text's tokens, which "
            f"does not go with {other}; leave crop_length out"
        )


def _check_hashing(value: Mapping[str, Any]) -> None:
    buckets, ngram_range = value["hash_buckets"], tuple(value["ngram_range"])
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
