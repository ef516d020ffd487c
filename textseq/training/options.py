"""How to train, with every value decided."""

from __future__ import annotations

from dataclasses import dataclass

import torch


@dataclass(frozen=True)
class TrainingOptions:
    """How to train; nothing is left to defaults.

    Parameters
    ----------
    optimizer : {"adam", "adamw", "sgd"}
    learning_rate : float
        The schedule's highest.
    momentum : float
        Of "sgd".
    weight_decay : float
    schedule : {"constant", "one_cycle", "linear", "cosine", "plateau"}
    table_rate : float
        Factor on the learning rate of the embedding table; 0 freezes it.
    max_epochs, batch_size : int
    patience : int or None
        Epochs without a better validation score before stopping; None never stops early.
    clip_grad_norm, clip_grad_value : float or None
    n_threads, seed : int
    device : torch.device
        Threads are for the CPU.
    """

    optimizer: str
    learning_rate: float
    momentum: float
    weight_decay: float
    schedule: str
    table_rate: float
    max_epochs: int
    batch_size: int
    patience: int | None
    clip_grad_norm: float | None
    clip_grad_value: float | None
    n_threads: int
    seed: int
    device: torch.device = torch.device("cpu")
