"""The parameters that several estimators share, each declared once; a task's own stand with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from torch import nn

from textseq.checks import check_choice, check_count, check_flag, check_number
from textseq.estimators.declared import (
    ABOVE_ZERO,
    FLAG,
    SHARE,
    Rule,
    count,
    declared,
    is_auto,
    number,
    one_of,
    param,
)
from textseq.estimators.plain_recipe import RECIPES
from textseq.estimators.scoring import scoring_name
from textseq.labels.decisions import check_decision
from textseq.message_language import written
from textseq.nn.cells import CELLS
from textseq.nn.encoders import (
    ACTIVATIONS,
    CONNECTIONS,
    ENCODERS,
    check_connections,
    layer_sizes,
)
from textseq.nn.heads import POOLINGS
from textseq.nn.initialization import INITS
from textseq.nn.normalization import NORMALIZATIONS
from textseq.nn.representations import REPRESENTATIONS
from textseq.training.averaging import AVERAGINGS
from textseq.training.devices import choose_device
from textseq.training.optimizers import OPTIMIZERS
from textseq.training.options import UNFREEZE
from textseq.training.schedules import SCHEDULES

CALIBRATIONS = ("temperature", "isotonic")


def _check_head_sizes(name: str, sizes: Any) -> None:
    if isinstance(sizes, str) or not isinstance(sizes, Iterable):
        raise ValueError(f"{name} must be a tuple of sizes such as (128,), got {sizes!r}")
    for size in sizes:
        check_count(f"a size in {name}", size)


def _check_hidden_size(name: str, size: Any) -> None:
    if not isinstance(size, tuple | list):
        check_count(name, size)
        return
    if not size:
        raise ValueError(f"{name}={size!r} is of no layer; name the units of each, as (128, 64)")
    _check_head_sizes(name, size)


def _check_scoring(_: str, scoring: Any) -> None:
    if scoring is not None:
        scoring_name(scoring)


def _check_calibrate(name: str, value: Any) -> None:
    if isinstance(value, str) and value not in CALIBRATIONS:
        raise ValueError(
            f"{name} must be {written(True)} or {written(False)}, got {written(value)}; or name "
            f"the way: {', '.join(CALIBRATIONS)}"
        )
    if not isinstance(value, str):
        check_flag(name, value)


def _check_closed_share(name: str, share: Any) -> None:
    if not 0 <= check_number(name, share) <= 1:
        raise ValueError(f"{name} must be in [0, 1], got {share!r}")


@declared
class TokenizerParameters:
    """How texts become tokens."""

    tokenizer: Any = param(
        Rule('{"word", "char", "bpe"}, Tokenizer or callable'),
        "A callable takes a text and returns its tokens.",
        default="word",
    )


@declared
class TextLengthParameters:
    """How much of a text is read."""

    max_length: int | str | None = param(
        count(), "Tokens read of each text, from its start; all, if None.", default=None
    )


@declared
class RareTokenParameters:
    """Which tokens are too rare to be in the vocabulary."""

    min_df: int | float = param(
        Rule("int or float"),
        "Least texts (or share of texts) that hold a token of the vocabulary. Tokens outside it "
        "share the vector of the unknown token.",
        default=1,
    )


@declared
class EmbeddingParameters:
    """Tokens of a vocabulary, and their vectors."""

    lowercase: bool | str = param(
        FLAG,
        "Whether texts are turned to lower case first, as most word vectors are.",
        default=True,
    )
    max_features: int | None = param(count(), "Most tokens in the vocabulary.", default=30_000)
    embedding_dim: int | str = param(
        count(), "Width of token vectors that start at random.", default=100
    )
    embedding_dropout: float | str = param(
        SHARE, "Share of the token vectors' values that training leaves out.", default="auto"
    )


@declared
class VectorParameters:
    """Word vectors that were there before."""

    vectors: Any = param(
        Rule("WordVectors, path, name or None"),
        "Pretrained word vectors, as ``WordVectors.load`` takes them, the shipped "
        '``"glove.6B.50d.top20k"`` among them; random ones of ``embedding_dim`` if None.',
        default=None,
    )
    freeze_vectors: bool = param(
        FLAG, "Whether the word vectors stay as they are in training.", default=False
    )


@declared
class RepresentationParameters:
    """What a network reads of a token."""

    representation: str = param(
        one_of(*REPRESENTATIONS),
        "What the network reads of a token: a learned vector, a one-hot row, or its id as a "
        "number. The last two show what embeddings are for.",
        default="embedding",
    )


@declared
class PretrainedParameters:
    """What a network starts from."""

    pretrained: Any = param(
        Rule("LanguageModel, TextClassifier, TextRegressor, path or None"),
        "A fitted model, or the file of a saved one, to start from: it hands on its tokenizer, "
        "its vocabulary, its embeddings and its encoder.",
        default=None,
    )


@declared
class UnfreezeParameters(PretrainedParameters):
    """How what was pretrained goes on learning."""

    unfreeze: str = param(
        one_of(*UNFREEZE),
        "What learns of a model with ``pretrained``: the head in the first epoch and one more "
        "layer in each epoch after it, down to the embeddings; all at once; or the head alone. "
        '"auto" is "gradual", and of a transformer "all".',
        default="auto",
    )
    rate_decay: float | str = param(
        number(1.0),
        "With ``pretrained``, each layer learns at 1 / ``rate_decay`` of the rate of the layer "
        'above it; "auto" is 2.6, and 1 with a transformer.',
        default="auto",
    )


@declared
class StackParameters:
    """The encoder of every network."""

    encoder: Any = param(
        Rule("str or nn.Module subclass"),
        '"mean", "max", "rnn", "lstm", "gru", "janet", "tcn" or "lstm_fcn" (convolutions beside '
        'a small LSTM, for series); "birnn", "bilstm", "bigru" and "bijanet" stand for '
        "``bidirectional=True``. A class is called with (input_size, hidden_size), takes "
        "x (B, T, D) and lengths (B,), returns states (B, T, H), and has ``out_dim`` H.",
        default="lstm",
    )
    hidden_size: int | tuple[int, ...] | str = param(
        Rule("int or tuple of int", _check_hidden_size, several=True, or_one=True),
        "Units of one direction of a layer, or maps of a convolution. Several, such as "
        "``(256, 128, 64)``, are those of each layer of a recurrent encoder or level of the tcn, "
        "the first reading the inputs.",
        default=128,
    )
    num_layers: int | str = param(
        count(),
        "Layers of a recurrent encoder; levels of the tcn. Where ``hidden_size`` names each, "
        "their number.",
        default="auto",
    )
    connections: str = param(
        one_of(*CONNECTIONS),
        'Between layers: "residual" adds a layer\'s input to its output; with "dense" every '
        "layer reads the states of all below.",
        default="plain",
    )
    normalization: str | None = param(
        one_of(*NORMALIZATIONS),
        "Of each layer's states; padding takes no part in it. Batch statistics are taken for "
        "each thread's share of a batch; \"l2\" scales each step's states to length 1. The "
        'convolutions of "lstm_fcn" have batch normalisation in any case.',
        default=None,
    )
    activation: str = param(one_of(*ACTIVATIONS), 'Nonlinearity of "rnn".', default="tanh")
    init: str = param(
        one_of(*INITS),
        "First values of the encoder's weights. All but \"default\" set the LSTM's forget bias to "
        '1; "chrono" is orthogonal with forget biases that remember up to the longest row.',
        default="default",
    )
    init_gain: float = param(
        ABOVE_ZERO,
        "Factor on the recurrent weights' first values: far above 1 gradients explode.",
        default=1.0,
    )
    truncated_bptt_steps: int | str | None = param(
        count(),
        "Steps through which a recurrent encoder's gradient flows back, at most.",
        default=None,
    )
    dropout: float | str = param(
        SHARE,
        "Share of values left out between layers, and before the output layer.",
        default="auto",
    )


@declared
class EncoderParameters(StackParameters):
    """An encoder that may read backwards too."""

    bidirectional: bool = param(
        FLAG, "Whether a second recurrent encoder reads backwards.", default=False
    )


@declared
class PoolingParameters:
    """How the states of a row become one vector."""

    pooling: str = param(
        one_of(*POOLINGS),
        'How the hidden states of a row become one vector; "concat" lays last, max and mean side '
        "by side.",
        default="last",
    )


@declared
class HeadParameters(PoolingParameters):
    """What is between that vector and the outputs."""

    head_sizes: tuple[int, ...] | str = param(
        Rule("tuple of int", _check_head_sizes, several=True),
        "Units of hidden layers between that vector and the outputs.",
        default=(),
    )
    head_dropout: float | str = param(SHARE, "On the head's hidden layers.", default=0.5)


@declared
class TyingParameters:
    """Whether one table of vectors reads and writes."""

    tie_weights: bool | str = param(
        FLAG,
        "Whether the vectors of the tokens to be said are also the output layer's weights.",
        default=True,
    )


@declared
class TeacherParameters:
    """What a decoder reads while it learns."""

    teacher_forcing: float = param(
        Rule("float", _check_closed_share),
        "How often, in training, each step of a decoder reads the true value before it rather "
        "than its own answer.",
        default=1.0,
    )


@declared
class TrainingParameters:
    """How every network is trained."""

    recipe: str = param(
        one_of(*RECIPES),
        'What decides on training: "tuned" as was best on the validation parts of many sets; '
        '"plain" as torch and luz start: Adam at a constant rate of 0.001 for all weights, '
        "10 epochs, 32 rows a step, and no dropout, decay, clipping or smoothing. It decides on "
        "parameters at their defaults alone: those that were given otherwise stay.",
        default="tuned",
    )
    optimizer: str = param(
        one_of(*OPTIMIZERS), "How weights follow their gradients.", default="adamw"
    )
    learning_rate: float | str = param(
        ABOVE_ZERO,
        "Size of the weights' steps: the schedule's highest.",
        default="auto",
    )
    momentum: float = param(
        SHARE, 'Of "sgd": share of a step that the next one takes on.', default=0.9
    )
    weight_decay: float | str = param(
        number(), "How much weights shrink at each step.", default=0.0
    )
    schedule: str = param(
        one_of(*SCHEDULES), "Course of the learning rate over training.", default="auto"
    )
    max_epochs: int | str = param(count(), "Most passes over the training rows.", default="auto")
    batch_size: int | str = param(count(), "Rows of a step.", default="auto")
    patience: int | str | None = param(
        count(),
        "Epochs without a better validation score before training stops; None never stops early. "
        "The best epoch's weights are kept in any case.",
        default="auto",
    )
    clip_grad_norm: float | None = param(ABOVE_ZERO, "Largest norm of the gradient.", default=1.0)
    clip_grad_value: float | None = param(
        ABOVE_ZERO, "Largest size of each value of the gradient.", default=None
    )


@declared
class AveragingParameters:
    """Whether the weights are averaged over training."""

    averaging: str | None = param(
        one_of(*AVERAGINGS),
        "What validates and is kept in place of the last step's weights: their running average "
        'over some hundred steps, "exponential"; or "triggered", their mean from where the '
        "validation loss has been no better for five epochs than before (NT-ASGD), which wants a "
        'constant rate: ``schedule="constant"``.',
        default=None,
    )


@declared
class ClassWeightParameters:
    """What classes count for."""

    class_weight: Any = param(
        Rule('None, "balanced", dict of label to weight, or list'),
        "Weight of each class in the loss, and in the validation score, which is then named "
        '"weighted accuracy". Of several labels a row: "balanced" weighs a label\'s 0s and 1s '
        "alike; a number, in a dict by label or a list, is the weight of the label where it is "
        "there, and ``{0: 1.0, 1: 5.0}`` has both. They count in the loss alone.",
        default=None,
    )


@declared
class CalibrationParameters:
    """Whether probabilities are put right."""

    calibrate: bool | str = param(
        Rule('bool, "temperature" or "isotonic"', _check_calibrate),
        "Whether, in the end, outputs are divided by the temperature of least loss on the "
        "validation rows, so that probabilities are as often right as they say. No answer changes. "
        'True is "temperature". "isotonic", of two classes, also bends their log odds by a rising '
        "curve; answers may change, the order of rows does not. On corpora of opinions it was on "
        "average no better than the temperature alone, and wants 1,000 validation rows and more.",
        default=False,
    )


@declared
class DecisionParameters:
    """Which class probabilities are answered by."""

    decision_threshold: Any = param(
        Rule('None, float, "f1", dict or matrix of costs', check_decision),
        "None answers the most probable class, and each of several labels above a probability of "
        "0.5. A number answers the second of two classes, or each label, from that probability "
        'on. "f1" finds the threshold (of several labels one each) of the largest F1 on the '
        'validation rows; ``{"precision": 0.9}`` that of the largest recall among those of at '
        'least that precision there; ``{"recall": 0.95}`` the other way round. Costs, a matrix in '
        "the order of ``classes_`` with a row for each true class and a column for each answer, or "
        'a dict such as ``{"ham": {"spam": 10}, "spam": {"ham": 1}}``, give the answer of least '
        "expected cost; they mean most with ``calibrate=True`` and without ``class_weight``. It "
        "comes last of all: the epoch is chosen by the most probable classes, probabilities do "
        "not change, and ``receipt_`` has what it reaches on the validation rows.",
        default=None,
    )


@declared
class ScoringParameters:
    """What chooses among the epochs."""

    scoring: Any = param(
        Rule("str, callable or None", _check_scoring),
        "What chooses the best epoch in place of accuracy (of numbers, of R squared): one of "
        'scikit-learn\'s scores, such as "f1_macro" (or "macro-f1"), "roc_auc", "neg_log_loss" or '
        '"balanced_accuracy", or a callable (estimator, X, y) -> float, higher being better, whose '
        "estimator answers for all of the validation rows at once. ``history_`` has it as "
        "``validation_score``. A file keeps the name, and no callable.",
        default=None,
    )


@declared
class AnswerParameters(ScoringParameters):
    """What chooses among the epochs of a classifier or regressor, and what it goes on from."""

    warm_start: bool = param(
        FLAG,
        "Whether a second ``fit`` goes on from the weights of the first, with its encoding and "
        "network, new classes among its own; the parameters of training may change. A wide path "
        "goes on if the rows are others. ``history_`` is the last fit's.",
        default=False,
    )


@declared
class MemberParameters:
    """How many networks answer together."""

    n_members: int = param(
        count(),
        "Networks that are trained, one after the other, each from first weights of its own, and "
        "whose outputs are averaged. Each is validated on other rows, so that together they learn "
        "from all. Training, answers and the file take so many times as much.",
        default=1,
    )


@declared
class ValidationParameters:
    """Which rows choose the best epoch."""

    validation_fraction: float | str = param(
        SHARE,
        "Share of the rows that choose the best epoch (none if that is under 20 rows).",
        default=0.1,
    )


@declared
class MachineParameters:
    """What a fit may use of the machine, and what it tells."""

    device: str = param(
        Rule("str", lambda _, name: choose_device(name)),
        '"cpu", "cuda" or "cuda:1"; "auto" is a GPU where torch finds one. A fitted model is kept '
        "on the CPU and visits the GPU to predict.",
        default="auto",
    )
    n_threads: int | None = param(
        count(),
        "Threads that share each batch; by default as many as OMP_NUM_THREADS, joblib, "
        "threadpoolctl or torch allow, and never more than the cores that the process may use. "
        "The same seed and thread count, which ``receipt_`` names, give the same weights to the "
        "last bit.",
        default=None,
    )
    random_state: Any = param(
        Rule("int, RandomState, Generator or None"),
        "Seed of the first weights, the order of the rows and dropout.",
        default=None,
    )
    verbose: int = param(
        Rule("int"),
        "1 shows a progress bar on a terminal, and elsewhere writes a line an epoch to stderr.",
        default=0,
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


def check_layers(values: Mapping[str, Any], encoder: Any) -> None:
    """Refuse units of several layers where they do not fit the encoder or each other."""
    sizes = values["hidden_size"]
    if not isinstance(sizes, tuple | list):
        return
    if encoder not in (*CELLS, "tcn"):
        raise ValueError(
            f"hidden_size={sizes!r} names the units of layers, which encoder={encoder!r} does not "
            f"stack; give one number, or choose from: {', '.join(CELLS)}, tcn"
        )
    n_layers = len(sizes) if is_auto(values["num_layers"]) else values["num_layers"]
    layer_sizes(sizes, n_layers)
    if encoder in CELLS:
        check_connections(values["connections"], sizes)


def check_init(init: str, encoder: Any) -> None:
    """Refuse first values that an encoder has no use for."""
    if init == "chrono" and encoder in ("rnn", "tcn"):
        raise ValueError(
            f"init='chrono' sets the bias of a forget gate, which encoder={encoder!r} lacks; "
            "use init='orthogonal', or encoder='lstm', 'gru' or 'janet'"
        )
