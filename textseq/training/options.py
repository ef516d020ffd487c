"""How to train, with every value decided."""

from __future__ import annotations

from dataclasses import dataclass

import torch

UNFREEZE = ("gradual", "all", "none")


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
    schedule : str
        One of ``SCHEDULES``.
    table_rate : float
        Factor on the learning rate of the embedding table; 0 freezes it.
    max_epochs, batch_size : int
    patience : int or None
        Epochs without a better validation score before stopping; None never stops early.
    clip_grad_norm, clip_grad_value : float or None
    n_threads, seed : int
    device : torch.device
        Threads are for the CPU.
    rate_decay : float
        Each layer group learns at 1 / ``rate_decay`` of the rate of the group above it.
    unfreeze : {"all", "gradual", "none"}
        Layer groups that learn: all of them; one in the first epoch, from the top, and one more
        in each epoch after it; or the top one alone.
    crop_length : int or None
        Of rows with more steps each epoch reads a stretch of so many, drawn anew.
    averaging : {"exponential", "triggered"} or None
        Which average of the weights validates and is kept.

    References
    ----------
    Howard & Ruder (2018), "Universal Language Model Fine-tuning for Text Classification",
    sections 3.2 and 3.3: discriminative rates and gradual unfreezing.
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
    rate_decay: float = 1.0
    unfreeze: str = "all"
    crop_length: int | None = None
    averaging: str | None = None
