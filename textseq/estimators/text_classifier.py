"""Texts to labels: binary, multiclass and multilabel classification."""

from __future__ import annotations

from typing import Any

from torch import nn

from textseq.estimators.answers import LabelAnswers
from textseq.estimators.text_estimator import TextEstimator


class TextClassifier(LabelAnswers, TextEstimator):
    """Classify texts with a recurrent network, or the mean of their word vectors.

    A parameter of ``"auto"`` is decided from the data at ``fit``, by one recipe
    for all corpora; ``fitted_parameters_`` tells what was decided.

    Parameters
    ----------
    tokenizer : {"word", "char", "bpe"}, Tokenizer or callable, default "word"
        A callable takes a text and returns its tokens.
    lowercase : bool, default True
        Whether texts are turned to lower case first.
    min_df : int or float, default 1
        Least texts (or share of texts) that hold a token of the vocabulary.
    max_features : int or None, default 30_000
        Most tokens in the vocabulary.
    ngram_range : tuple of int, default (1, 1)
        Shortest and longest n-grams; beyond (1, 1) for ``encoder="mean"`` or "max" only.
    hash_buckets : int or None, default None
        None makes every n-gram a token of the vocabulary. A number hashes the n-grams of
        two and more tokens into so many vectors instead (200_000, say): in less time and
        memory, but n-grams may share a vector. ``max_length`` then counts single tokens.
    max_length : int, None or "auto"
        Tokens read of each text, from its start. "auto" reads 400 with a
        recurrent encoder and all with the mean.
    representation : {"embedding", "onehot", "integer"}, default "embedding"
        What the network reads of a token: a learned vector, a one-hot row, or its
        id as a number. The last two show what embeddings are for.
    vectors : WordVectors, path, name or None, default None
        Pretrained word vectors, as ``WordVectors.load`` takes them, the shipped
        ``"glove.6B.50d.top20k"`` among them; random ones of ``embedding_dim`` if None.
    freeze_vectors : bool, default False
        Whether the word vectors stay as they are in training.
    embedding_dim : int, default 100
        Width of random word vectors.
    pretrained : LanguageModel, TextClassifier, TextRegressor, path or None, default None
        A fitted model, or the file of a saved one, to start from. It hands on its tokenizer,
        its vocabulary (words new to it are put behind, with the mean of its vectors), its
        embeddings and its encoder, whose parameters here must be left out or be the same. The
        head learns from vectors less their mean and over their standard deviation, those of
        the training texts at the start; the fitted head has both within its weights.
    unfreeze : {"gradual", "all", "none"}, default "gradual"
        What learns of a model with ``pretrained``: the head in the first epoch and one more
        layer in each epoch after it, down to the embeddings; all at once; or the head alone.
    rate_decay : float, default 2.6
        With ``pretrained``, each layer learns at 1 / ``rate_decay`` of the rate of the
        layer above it.
    encoder : str or nn.Module subclass, default "lstm"
        "mean", "max", "rnn", "lstm", "gru", "janet" or "tcn"; "birnn", "bilstm",
        "bigru" and "bijanet" stand for ``bidirectional=True``. A class is called
        with (input_size, hidden_size), takes x (B, T, D) and lengths (B,),
        returns states (B, T, H), and has ``out_dim`` H.
    bidirectional : bool, default False
        Whether a second recurrent encoder reads backwards.
    hidden_size : int, default 128
        Units of one direction.
    num_layers : int or "auto"
        "auto" is 1, and for the tcn 2 levels, or with ``pooling="last"`` as many as
        let the last state see a long text.
    connections : {"plain", "residual", "dense"}, default "plain"
        Between layers: "residual" adds a layer's input to its output; with
        "dense" every layer reads the states of all below.
    normalization : {"batch", "layer"} or None, default None
        Of each layer's states; padding takes no part in it. Batch statistics are
        taken for each thread's share of a batch.
    activation : {"tanh", "relu"}, default "tanh"
        Of "rnn".
    init : {"default", "xavier", "kaiming", "orthogonal", "chrono"}
        First values of the encoder's weights. All but "default" set the LSTM's
        forget bias to 1; "chrono" is orthogonal with forget biases that remember up
        to the longest text.
    init_gain : float, default 1.0
        Factor on the recurrent weights' first values: far above 1 gradients explode.
    pooling : {"max", "mean", "last", "attention", "concat"} or "auto"
        How the hidden states of a text become one vector; "concat" lays last, max and mean
        side by side. "auto" is "max", and with ``pretrained`` "concat".
    head_sizes : tuple of int, default ()
        Units of hidden layers between that vector and the outputs.
    embedding_dropout, dropout : float or "auto"
        On the word vectors; between recurrent layers and before the head.
    head_dropout : float, default 0.5
        On the head's hidden layers.
    optimizer : {"adamw", "adam", "sgd"}, default "adamw"
        How weights follow their gradients.
    learning_rate : float or "auto"
        The schedule's highest; pretrained vectors learn at half of it.
    momentum : float, default 0.9
        Of "sgd".
    weight_decay : float, default 0.0
        How much weights shrink at each step.
    schedule : str
        "one_cycle", "linear", "cosine", "plateau", "slanted_triangular", "constant" or "auto".
        Course of the learning rate over training.
    max_epochs : int or "auto"
        Most passes over the training rows.
    batch_size : int or "auto"
        Rows of a step.
    patience : int, None or "auto"
        Epochs without a better validation score before training stops. The
        best epoch's weights are kept in any case.
    clip_grad_norm, clip_grad_value : float or None, default 1.0 and None
        Largest norm of the gradient, and of each of its values.
    truncated_bptt_steps : int or None, default None
        Steps through which a recurrent encoder's gradient flows back, at most.
    class_weight : None, "balanced", dict of label to weight, or list
        Weight of each class in the loss, and in the validation score, which is then named
        "weighted accuracy". Of several labels a row: "balanced" weighs a label's 0s and 1s
        alike; a number, in a dict by label or a list, is the weight of the label where it is
        there, and ``{0: 1.0, 1: 5.0}`` has both. They count in the loss alone.
    scoring : str or callable, optional
        What chooses the best epoch in place of accuracy (of numbers, of R squared): one of
        scikit-learn's scores, such as "f1_macro" (or "macro-f1"), "roc_auc", "neg_log_loss" or
        "balanced_accuracy", or a callable (estimator, X, y) -> float, higher being better, whose
        estimator answers for all of the validation rows at once. ``history_`` has it as
        ``validation_score``. A file keeps the name, and no callable.
    validation_fraction : float, default 0.1
        Share of the rows that choose the best epoch (none if that is under 20 rows).
    warm_start : bool, default False
        Whether a second ``fit`` goes on from the weights of the first, with its vocabulary,
        classes and network; the parameters of training may change. ``history_`` is the last
        fit's.
    device : str, default "auto"
        "cpu", "cuda" or "cuda:1"; "auto" is a GPU where torch finds one. A fitted model is
        kept on the CPU and visits the GPU to predict.
    n_threads : int or None, default None
        Threads that share each batch; by default as many as OMP_NUM_THREADS, joblib,
        threadpoolctl or torch allow, and never more than the cores that the process may use.
        The same seed and thread count, which ``receipt_`` names, give the same weights to the
        last bit.
    random_state : int, RandomState, Generator or None
        Seed of the first weights, the order of the rows and dropout.
    verbose : int, default 0
        1 shows a progress bar on a terminal, and elsewhere writes a line an epoch to stderr.

    Attributes
    ----------
    classes_ : ndarray
        Sorted labels; label numbers for an indicator matrix.
    vocabulary_ : Vocabulary
    tokenizer_ : Tokenizer
    fitted_parameters_ : dict
        All parameters with "auto" decided.
    history_ : DataFrame
        One row an epoch: loss, validation loss and score, gradient norm,
        learning rate, seconds, tokens per second.
    receipt_ : dict
        Seed, threads, rows, fingerprints of data and weights, scores, versions.
    interrupted_ : bool
        Whether Ctrl-C ended training; the best weights so far were kept.

    Examples
    --------
    >>> texts = ["a good film", "a bad film", "good", "bad"] * 10
    >>> labels = ["pos", "neg", "pos", "neg"] * 10
    >>> model = TextClassifier(encoder="bilstm", hidden_size=8, random_state=0).fit(texts, labels)
    >>> model.predict(["a good good film"]).tolist()
    ['pos']
    """

    def __init__(
        self,
        tokenizer: Any = "word",
        *,
        lowercase: bool = True,
        min_df: int | float = 1,
        max_features: int | None = 30_000,
        ngram_range: tuple[int, int] = (1, 1),
        hash_buckets: int | None = None,
        max_length: int | str | None = "auto",
        representation: str = "embedding",
        vectors: Any = None,
        freeze_vectors: bool = False,
        embedding_dim: int = 100,
        pretrained: Any = None,
        unfreeze: str = "gradual",
        rate_decay: float = 2.6,
        encoder: str | type[nn.Module] = "lstm",
        bidirectional: bool = False,
        hidden_size: int = 128,
        num_layers: int | str = "auto",
        connections: str = "plain",
        normalization: str | None = None,
        activation: str = "tanh",
        init: str = "default",
        init_gain: float = 1.0,
        pooling: str = "auto",
        head_sizes: tuple[int, ...] = (),
        embedding_dropout: float | str = "auto",
        dropout: float | str = "auto",
        head_dropout: float = 0.5,
        optimizer: str = "adamw",
        learning_rate: float | str = "auto",
        momentum: float = 0.9,
        weight_decay: float = 0.0,
        schedule: str = "auto",
        max_epochs: int | str = "auto",
        batch_size: int | str = "auto",
        patience: int | str | None = "auto",
        clip_grad_norm: float | None = 1.0,
        clip_grad_value: float | None = None,
        truncated_bptt_steps: int | None = None,
        class_weight: str | dict[Any, float] | None = None,
        scoring: Any = None,
        validation_fraction: float = 0.1,
        warm_start: bool = False,
        device: str = "auto",
        n_threads: int | None = None,
        random_state: Any = None,
        verbose: int = 0,
    ) -> None:
        super().__init__(
            tokenizer,
            lowercase=lowercase,
            min_df=min_df,
            max_features=max_features,
            ngram_range=ngram_range,
            hash_buckets=hash_buckets,
            max_length=max_length,
            representation=representation,
            vectors=vectors,
            freeze_vectors=freeze_vectors,
            embedding_dim=embedding_dim,
            pretrained=pretrained,
            unfreeze=unfreeze,
            rate_decay=rate_decay,
            encoder=encoder,
            bidirectional=bidirectional,
            hidden_size=hidden_size,
            num_layers=num_layers,
            connections=connections,
            normalization=normalization,
            activation=activation,
            init=init,
            init_gain=init_gain,
            pooling=pooling,
            head_sizes=head_sizes,
            embedding_dropout=embedding_dropout,
            dropout=dropout,
            head_dropout=head_dropout,
            optimizer=optimizer,
            learning_rate=learning_rate,
            momentum=momentum,
            weight_decay=weight_decay,
            schedule=schedule,
            max_epochs=max_epochs,
            batch_size=batch_size,
            patience=patience,
            clip_grad_norm=clip_grad_norm,
            clip_grad_value=clip_grad_value,
            truncated_bptt_steps=truncated_bptt_steps,
            scoring=scoring,
            validation_fraction=validation_fraction,
            warm_start=warm_start,
            device=device,
            n_threads=n_threads,
            random_state=random_state,
            verbose=verbose,
        )
        self.class_weight = class_weight
