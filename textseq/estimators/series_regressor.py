"""Series to numbers."""

from __future__ import annotations

from textseq.estimators.answers import NumberAnswers
from textseq.estimators.series_estimator import SeriesEstimator


class SeriesRegressor(NumberAnswers, SeriesEstimator):
    """Predict a number from a whole series, with the networks of ``SeriesClassifier``.

    The target is standardised by the mean and spread of the training rows, and
    the squared error is minimised.

    Parameters
    ----------
    encoder, bidirectional, hidden_size, num_layers, connections, normalization, activation
        The network, as in ``SeriesClassifier``; so are all the others.
    init, init_gain, pooling, head_sizes
        The network.
    dropout, head_dropout
        Regularisation.
    optimizer, learning_rate, momentum, weight_decay, schedule, max_epochs, batch_size, patience
        Training.
    clip_grad_norm, clip_grad_value, truncated_bptt_steps, scoring, validation_fraction, warm_start
        Training.
    device, n_threads, random_state, verbose
        Training.

    Attributes
    ----------
    mean_, scale_ : float
        Mean and standard deviation of the training targets.
    n_channels_, fitted_parameters_, history_, receipt_, interrupted_
        As in ``SeriesClassifier``.

    Examples
    --------
    >>> import numpy as np
    >>> heights = np.linspace(1.0, 4.0, 60)
    >>> waves = heights[:, None] * np.sin(np.arange(30))
    >>> model = SeriesRegressor(hidden_size=16, random_state=0, n_threads=1).fit(waves, heights)
    >>> low, high = model.predict(waves[[0, -1]])
    >>> bool(low < high)
    True
    """
