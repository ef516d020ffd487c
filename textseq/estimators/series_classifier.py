"""Series to labels: binary, multiclass and multilabel classification."""

from __future__ import annotations

from typing import Any

from torch import nn

from textseq.estimators.answers import LabelAnswers
from textseq.estimators.series_estimator import SeriesEstimator


class SeriesClassifier(LabelAnswers, SeriesEstimator):
    """Classify whole series, of one or several channels, of equal or unequal lengths.

    Every channel is scaled by the mean and spread of the training rows, those for
    validation left out. A missing value (NaN) becomes the channel's mean; where the training
    series miss values of a channel, the network also reads at which steps they are missing.
    In a channel that the training series never miss, a missing value is the mean alone.

    A parameter of ``"auto"`` is decided from the data at ``fit``, by one recipe for all sets;
    ``fitted_parameters_`` tells what was decided.

    Parameters
    ----------
    encoder : str or nn.Module subclass, default "lstm_fcn"
        "lstm_fcn" (convolutions beside a small LSTM), "mean", "max", "rnn", "lstm", "gru",
        "janet" or "tcn"; "birnn", "bilstm", "bigru" and "bijanet" stand for
        ``bidirectional=True``. A class is called with (input_size, hidden_size), takes
        x (B, T, D) and lengths (B,), returns states (B, T, H), and has ``out_dim`` H.
    bidirectional : bool, default False
        Of the recurrent encoders.
    hidden_size : int or "auto"
        Units of one direction, or maps of a convolution.
    num_layers : int or "auto"
        Of the recurrent encoders and, as levels, of the tcn.
    connections : {"plain", "residual", "dense"}, default "plain"
        Between layers: "residual" adds a layer's input to its output; with
        "dense" every layer reads the states of all below.
    normalization : {"batch", "layer"} or None, default None
        Of each layer's states; padding takes no part in it. The convolutions of "lstm_fcn"
        have batch normalisation in any case. Batch statistics are taken for each thread's
        share of a batch.
    activation : {"tanh", "relu"}, default "tanh"
        Of "rnn".
    init : {"default", "xavier", "kaiming", "orthogonal", "chrono"}
        First values of the encoder's weights. All but "default" set the LSTM's
        forget bias to 1; "chrono" is orthogonal with forget biases that remember up
        to the longest series.
    init_gain : float, default 1.0
        Factor on the recurrent weights' first values: far above 1 gradients explode.
    pooling : {"mean", "max", "last", "attention", "concat"}, default "mean"
        How the hidden states of a series become one vector.
    head_sizes : tuple of int, default ()
        Units of hidden layers between that vector and the outputs.
    dropout : float or "auto"
        Between recurrent layers and before the head.
    head_dropout : float, default 0.5
        On the head's hidden layers.
    optimizer : {"adamw", "adam", "sgd"}, default "adamw"
    learning_rate : float or "auto"
        The schedule's highest.
    momentum : float, default 0.9
        Of "sgd".
    weight_decay : float, default 0.0
    schedule : str
        "one_cycle", "linear", "cosine", "plateau", "slanted_triangular", "constant" or "auto".
        Course of the learning rate over training.
    max_epochs, batch_size : int or "auto"
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
        Share of the rows that choose the best epoch (none if that is under 100 rows).
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
    verbose : int, default 0
        1 shows a progress bar on a terminal, and elsewhere writes a line an epoch to stderr.

    Attributes
    ----------
    classes_ : ndarray
        Sorted labels; label numbers for an indicator matrix.
    n_channels_ : int
    fitted_parameters_ : dict
        All parameters with "auto" decided.
    history_ : DataFrame
        One row an epoch: loss, validation loss and score, gradient norm,
        learning rate, seconds, steps per second.
    receipt_ : dict
        Seed, threads, rows, fingerprints of data and weights, scores, versions.
    interrupted_ : bool
        Whether Ctrl-C ended training; the best weights so far were kept.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> waves = [np.sin(np.arange(n) * speed) for n, speed in zip(rng.integers(20, 40, 40),
    ...                                                           [0.3, 0.9] * 20)]
    >>> model = SeriesClassifier(hidden_size=16, random_state=0, n_threads=1)
    >>> model = model.fit(waves, ["slow", "fast"] * 20)
    >>> model.predict([np.sin(np.arange(50) * 0.8)]).tolist()
    ['fast']
    """

    def __init__(
        self,
        encoder: str | type[nn.Module] = "lstm_fcn",
        *,
        bidirectional: bool = False,
        hidden_size: int | str = "auto",
        num_layers: int | str = "auto",
        connections: str = "plain",
        normalization: str | None = None,
        activation: str = "tanh",
        init: str = "default",
        init_gain: float = 1.0,
        pooling: str = "mean",
        head_sizes: tuple[int, ...] = (),
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
            encoder,
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
