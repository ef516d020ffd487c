"""What all estimators share: the training of their network, its receipt, its file."""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO, ClassVar

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from textseq.batches import NetworkRows, Plan, plan_batches
from textseq.estimators.progress import progress
from textseq.estimators.receipt import versions
from textseq.estimators.saved_model import header_of, network_arrays, own_arrays
from textseq.files import StrPath, weights_checksum, write_model
from textseq.nn.trainable import Trainable
from textseq.training.devices import choose_device
from textseq.training.loop import OnBatch, train
from textseq.training.objectives import Objective
from textseq.training.options import TrainingOptions
from textseq.training.threads import ThreadTeam, thread_count


class TrainedEstimator(BaseEstimator, ABC):
    """Base of the estimators: a network, trained by the one loop and kept in one file."""

    network_kind: ClassVar[type[Trainable]]
    """The class of ``network_``, built from the arguments in ``architecture_``."""

    # Parameters of every estimator.
    encoder: Any
    optimizer: str
    momentum: float
    weight_decay: Any
    clip_grad_norm: float | None
    clip_grad_value: float | None
    device: str
    n_threads: int | None
    verbose: int

    # What fitting leaves, beside what each kind of estimator adds.
    network_: Any
    architecture_: dict[str, Any]
    fitted_parameters_: dict[str, Any]
    receipt_: dict[str, Any]

    @abstractmethod
    def _objective(self) -> Objective:
        """Return what training minimises and validation scores."""

    @abstractmethod
    def _own_to_json(self) -> dict[str, Any]:
        """Return what this kind of estimator learned beside its network, JSON-able."""

    @abstractmethod
    def _own_from_file(
        self, header: dict[str, Any], arrays: dict[str, np.ndarray], code: dict[str, Any]
    ) -> None:
        """Take back what ``_own_to_json`` and ``_own_arrays`` gave.

        Parameters
        ----------
        header : dict
        arrays : dict of str to ndarray
        code : dict
            The caller's own tokenizer and encoder, which no file holds.
        """

    def _own_arrays(self) -> dict[str, np.ndarray]:
        """Return the arrays of what was learned beside the network."""
        return {}

    def _after_batch(self, on_batch: OnBatch, max_epochs: int) -> OnBatch:
        """Return what the loop calls after each batch: what shows progress."""
        return on_batch

    def _table_rate(self) -> float:
        """Factor on the learning rate of the embedding table, if there is one."""
        return 1.0

    def _training_form(self, data: NetworkRows) -> AbstractContextManager[None]:
        """Return what the network is within while it learns from ``data``: as it is."""
        return nullcontext()

    def _training_options(self, seed: int) -> TrainingOptions:
        chosen = self.fitted_parameters_
        return TrainingOptions(
            optimizer=self.optimizer,
            learning_rate=chosen["learning_rate"],
            momentum=self.momentum,
            weight_decay=chosen["weight_decay"],
            schedule=chosen["schedule"],
            table_rate=self._table_rate(),
            max_epochs=int(chosen["max_epochs"]),
            batch_size=int(chosen["batch_size"]),
            patience=chosen["patience"],
            clip_grad_norm=self.clip_grad_norm,
            clip_grad_value=self.clip_grad_value,
            n_threads=self._threads(),
            seed=seed,
            device=choose_device(self.device),
        )

    def _train(
        self,
        data: NetworkRows,
        validation: NetworkRows | None,
        seed: int,
        max_epochs: int | None = None,
        plan: Plan = plan_batches,
        objective: Objective | None = None,
    ) -> None:
        options = self._training_options(seed)
        if objective is None:
            objective = self._objective()
        if max_epochs is not None:
            options = replace(options, max_epochs=max_epochs)
        form = self._training_form(data)
        with (
            ThreadTeam(1),
            progress(self.verbose, options.max_epochs, self._shown_encoder()) as shown,
            form,
        ):
            result = train(
                self.network_,
                data,
                objective,
                options,
                validation=validation,
                on_batch=self._after_batch(shown[0], options.max_epochs),
                on_epoch=shown[1],
                plan=plan,
            )
        self.network_.requires_grad_(False)
        self.history_, self.interrupted_ = result.history, result.interrupted
        self.receipt_ = {
            "seed": seed,
            "n_threads": options.n_threads,
            "device": str(options.device),
            "rows": len(data),
            "validation_rows": 0 if validation is None else len(validation),
            "epochs": len(result.history),
            "best_epoch": result.best_epoch,
            "score_name": objective.score_name,
            "validation_score": result.best_score,
            "weights_sha256": weights_checksum(network_arrays(self.network_)),
            "versions": versions(),
        }

    def _shown_encoder(self) -> str:
        encoder = self.encoder
        return encoder.__name__ if isinstance(encoder, type) else str(encoder)

    def _threads(self) -> int:
        return thread_count(self.n_threads)

    def save(self, path: StrPath | BinaryIO) -> Path | None:
        """Write the whole model to one file; ``load_model`` opens it.

        Parameters
        ----------
        path : path-like, or file open for writing bytes
            A file of that name is replaced; it stays whole if writing fails.

        Returns
        -------
        Path or None
            None for an open file.
        """
        check_is_fitted(self, "network_")
        arrays = network_arrays(self.network_) | own_arrays(self)
        return write_model(path, type(self).__name__, header_of(self), arrays)
