"""Text classification as a user of Keras writes it."""

from __future__ import annotations

import time

import keras
import numpy as np
from keras import layers

BATCH = 64


def build(encoder: str, n_tokens: int, dim: int = 50) -> keras.Model:
    body = {
        "mean": layers.GlobalAveragePooling1D,
        "lstm": lambda: layers.LSTM(128),
        "gru": lambda: layers.GRU(128),
        "bilstm": lambda: layers.Bidirectional(layers.LSTM(128)),
    }
    embedding = layers.Embedding(n_tokens, dim, mask_zero=True)
    model = keras.Sequential([embedding, body[encoder](), layers.Dense(2)])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer="adam", loss=loss)
    return model


class Limit(keras.callbacks.Callback):
    """End the fit after so many seconds; count its batches."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds, self.batches = seconds, 0

    def on_train_begin(self, logs: dict | None = None) -> None:
        self.started = time.perf_counter()

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        self.batches += 1
        self.model.stop_training = time.perf_counter() - self.started > self.seconds


def train_epoch(
    model: keras.Model, ids: np.ndarray, labels: np.ndarray, limit: float
) -> dict[str, float]:
    """Train for an epoch, or ``limit`` seconds of it; return seconds and tokens seen."""
    callback = Limit(limit)
    started = time.perf_counter()
    # The rows come shuffled; in their order it is known which of them were seen.
    model.fit(ids, labels, batch_size=BATCH, shuffle=False, verbose=0, callbacks=[callback])
    seconds = time.perf_counter() - started
    return {"seconds": seconds, "tokens": int((ids[: callback.batches * BATCH] != 0).sum())}
