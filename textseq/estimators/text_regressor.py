"""Texts to numbers."""

from __future__ import annotations

from textseq.estimators.answers import NumberAnswers
from textseq.estimators.text_estimator import TextEstimator


class TextRegressor(NumberAnswers, TextEstimator):
    """Predict a number from a text, with the networks of ``TextClassifier``.

    The target is standardised by the mean and spread of the training rows, and
    the squared error is minimised.

    Parameters
    ----------
    tokenizer, lowercase, min_df, max_features, ngram_range, hash_buckets, max_length
        Text to ids, as in ``TextClassifier``; so are all the others.
    vectors, freeze_vectors, embedding_dim
        The word vectors.
    pretrained, unfreeze, rate_decay
        A fitted model to start from, and how it learns.
    representation, encoder, bidirectional, hidden_size, num_layers, connections, normalization
        The network.
    activation, init, init_gain, pooling, head_sizes
        The network.
    embedding_dropout, dropout, head_dropout
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
    vocabulary_, tokenizer_, fitted_parameters_, history_, receipt_, interrupted_
        As in ``TextClassifier``.

    Examples
    --------
    >>> texts = ["bad", "good", "good good", "good good good"] * 25
    >>> stars = [0.0, 1.0, 2.0, 3.0] * 25
    >>> model = TextRegressor(encoder="gru", hidden_size=16, random_state=0, n_threads=1)
    >>> low, high = model.fit(texts, stars).predict(["bad", "good good good"])
    >>> bool(low < high)
    True
    """
