"""What all estimators share: preparing, the training of their network, its receipt, its file."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from copy import copy, deepcopy
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO, ClassVar, Self

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted
from torch import Tensor

from textseq.batches import NetworkRows, Plan, plan_batches
from textseq.checks import as_int, seed_of
from textseq.estimators.build import architecture, build
from textseq.estimators.checkpoint import Checkpoint, FitCheckpoint
from textseq.estimators.declared import check_parameters
from textseq.estimators.distributed import Distributed, check_alike
from textseq.estimators.identity import rows_sha256, told_parameters, told_value
from textseq.estimators.parameters import (
    MachineParameters,
    StackParameters,
    TrainingParameters,
    check_init,
    check_layers,
    resolve_encoder,
)
from textseq.estimators.plain_recipe import by_recipe
from textseq.estimators.receipt import versions
from textseq.files import StrPath, weights_checksum, write_model
from textseq.nn.trainable import Trainable
from textseq.training.devices import choose_device
from textseq.training.loop import OnBatch, train
from textseq.training.objectives import Objective
from textseq.training.options import TrainingOptions
from textseq.training.progress import progress
from textseq.training.threads import ThreadTeam, thread_count
from textseq.training.workers import Workers, find_workers

# Before the names of arrays, in a model file, that are no weights of the network.
OWN = "own."


@dataclass(frozen=True, eq=False)
class Prepared:
    """All that a fit has decided and built before it trains.

    Parameters
    ----------
    network : Trainable
        With its first values.
    rows : NetworkRows
        What it trains on.
    validation : NetworkRows or None
        What chooses the best epoch.
    objective : Objective
    seed : int
        Of the training.
    plan : callable, default ``plan_batches``
        How rows become batches.
    notes : dict
        What the receipt has to say of the data.
    """

    network: Any
    rows: NetworkRows
    validation: NetworkRows | None
    objective: Objective
    seed: int
    plan: Plan = plan_batches
    notes: dict[str, Any] = field(default_factory=dict)


class TrainedEstimator(StackParameters, TrainingParameters, MachineParameters, BaseEstimator, ABC):
    """Base of the estimators: a network, trained by the one loop and kept in one file.

    Instruments look at every estimator through ``prepare``, ``rows``, ``objective`` and
    ``training_options``, at what its network does step by step through ``rows_by_steps`` and
    ``answered_rows``, and at one that answers step by step through ``shuffled_rows``.
    """

    network_kind: ClassVar[type[Trainable]]
    """The class of ``network_``, built from the arguments in ``architecture_``."""

    # What fitting leaves, beside what each kind of estimator adds.
    network_: Any
    # The networks beside it whose outputs are averaged with its own: of ``n_members`` all but one.
    others_: tuple[Any, ...] = ()
    architecture_: dict[str, Any]
    fitted_parameters_: dict[str, Any]
    receipt_: dict[str, Any]
    # What keeps a fit while it goes on, if anything does, and the processes that share it.
    _checkpoint: FitCheckpoint | None = None
    _workers: Workers | None = None

    reads: ClassVar[str]
    """What a row is: "texts", "series", "windows" of series, "steps" that are tagged, "running
    text" or "sources"."""

    def read(self, X: Any) -> Any:
        """Return X as an unfitted copy can read it, which knows no names of columns."""
        return X

    @abstractmethod
    def prepare(self, X: Any, y: Any = None) -> Prepared:
        """Check, decide on "auto", learn the encoding and build the network: all but training.

        Parameters
        ----------
        X, y : as ``fit`` takes them
            A forecaster or a language model, whose rows hold their own targets, has no y.
        """

    @abstractmethod
    def rows(self, X: Any, y: Any = None) -> NetworkRows:
        """Return what the fitted network reads of X, and with y what it should answer."""

    def rows_by_steps(self, X: Any, y: Any = None) -> NetworkRows:
        """Return what ``rows`` does, in rows that are short enough to be read step by step."""
        return self.rows(X, y)

    def answered_rows(self, rows: NetworkRows) -> NetworkRows:
        """Return rows with what the model itself answers as their targets, if it reads targets."""
        return rows

    def shuffled_rows(self, X: Any, y: Any, rng: np.random.Generator) -> NetworkRows:
        """Return what ``rows`` does, with the steps of each row in random order.

        What is said of a step goes with it. Of estimators whose network ``answers_steps``.
        """
        raise TypeError(f"a {type(self).__name__} answers whole rows, not their steps")

    @abstractmethod
    def objective(self) -> Objective:
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

    def _weights_elsewhere(self, header: dict[str, Any], code: dict[str, Any]) -> dict[str, Tensor]:
        """Return the weights that a model file leaves out, from where it says."""
        return {}

    def _own_arrays(self) -> dict[str, np.ndarray]:
        """Return the arrays of what was learned beside the network."""
        return {}

    def _after_batch(self, on_batch: OnBatch, max_epochs: int) -> OnBatch:
        """Return what the loop calls after each batch: what shows progress."""
        return on_batch

    def _table_rate(self) -> float:
        """Factor on the learning rate of the embedding table, if there is one."""
        return 1.0

    def _n_trained_tokens(self) -> int:
        """Return how many rows of the embedding table could learn, where there is one."""
        return 0

    def training_form(self, prepared: Prepared) -> AbstractContextManager[None]:
        """Return what the network is within while it learns: as it is."""
        return nullcontext()

    def check_parameters(self) -> None:
        """Refuse parameters that ``fit`` would refuse before it looks at data.

        Raises
        ------
        ValueError
            Names the parameter, its value and what it may be.
        """
        self._resolved(self._given())

    def _given(self) -> dict[str, Any]:
        """Return all parameters, the plain recipe's if chosen, before "auto" is decided."""
        return by_recipe(type(self), self.get_params(deep=False))

    def _resolved(self, values: Mapping[str, Any]) -> tuple[Any, bool]:
        """Check parameters; return the encoder without shorthand, and whether bidirectional."""
        check_parameters(type(self), values)
        encoder, bidirectional = resolve_encoder(
            values["encoder"], bool(values.get("bidirectional", False))
        )
        check_layers(values, encoder)
        check_init(values["init"], encoder)
        return encoder, bidirectional

    def _build_network(self, longest: int, seed: int, **learned: Any) -> None:
        """Build the network that the decided parameters tell, and draw its first weights.

        Parameters
        ----------
        longest : int
            Steps of the longest training row.
        seed : int
        **learned
            Arguments of the network that no parameter tells.
        """
        self.architecture_ = architecture(self.network_kind, self.fitted_parameters_, **learned)
        self.network_ = build(
            self.network_kind, self.architecture_, self.init, self.init_gain, longest, seed
        )

    def training_options(self, seed: int) -> TrainingOptions:
        """Return how the network is trained, once "auto" is decided."""
        chosen = self.fitted_parameters_
        layers: dict[str, Any] = {}
        if chosen.get("pretrained") is not None and "unfreeze" in chosen:
            layers = {
                "rate_decay": float(chosen["rate_decay"]),
                "unfreeze": str(chosen["unfreeze"]),
            }
        return TrainingOptions(
            optimizer=chosen["optimizer"],
            learning_rate=chosen["learning_rate"],
            momentum=chosen["momentum"],
            weight_decay=chosen["weight_decay"],
            schedule=chosen["schedule"],
            table_rate=self._table_rate(),
            max_epochs=int(chosen["max_epochs"]),
            batch_size=int(chosen["batch_size"]),
            patience=chosen["patience"],
            clip_grad_norm=chosen["clip_grad_norm"],
            clip_grad_value=chosen["clip_grad_value"],
            n_threads=thread_count(self.n_threads),
            seed=seed,
            device=choose_device(self.device),
            crop_length=as_int(chosen.get("crop_length")),
            averaging=chosen.get("averaging"),
            **layers,
        )

    def _train(self, prepared: Prepared, max_epochs: int | None = None) -> None:
        """Train what was prepared, and note how."""
        rows, validation, objective = prepared.rows, prepared.validation, prepared.objective
        options = self.training_options(prepared.seed)
        if max_epochs is not None:
            options = replace(options, max_epochs=max_epochs)
        form = self.training_form(prepared)
        saver, workers = None, self._workers
        if self._checkpoint is not None or workers is not None:
            identity = self._identity(prepared, options)
            check_alike(identity, workers)
            if self._checkpoint is not None:
                saver = self._checkpoint.begin(identity)
        with (
            ThreadTeam(1),
            progress(self._shown, options.max_epochs, self._shown_encoder()) as shown,
            form,
        ):
            result = train(
                prepared.network,
                rows,
                objective,
                options,
                validation=validation,
                on_batch=self._after_batch(shown[0], options.max_epochs),
                on_epoch=shown[1],
                plan=prepared.plan,
                saver=saver,
                workers=workers,
            )
        self.network_.requires_grad_(False)
        self.history_, self.interrupted_ = result.history, result.interrupted
        self.receipt_ = {
            "seed": prepared.seed,
            "n_threads": options.n_threads,
            **({} if workers is None else {"n_workers": workers.size}),
            "device": str(options.device),
            "rows": len(rows),
            "validation_rows": 0 if validation is None else len(validation),
            "epochs": len(result.history),
            "best_epoch": result.best_epoch,
            "score_name": objective.score_name,
            "validation_score": result.best_score,
            "weights_sha256": weights_checksum(network_arrays(self.network_)),
            "versions": versions(),
        } | prepared.notes

    @contextmanager
    def fitting(
        self, checkpoint: Any = None, distributed: Distributed | None = None
    ) -> Iterator[None]:
        """Let a fit within be kept, go on from what was kept, and be shared.

        Parameters
        ----------
        checkpoint : path-like, Checkpoint or None
        distributed : Distributed, optional
            Whether processes that were started together share it.
        """
        if distributed is not None:
            self._workers = find_workers()
        writes = self._workers is None or not self._workers.rank
        if checkpoint is not None:
            self._checkpoint = FitCheckpoint(Checkpoint.of(checkpoint), writes)
        try:
            yield
        finally:
            for name in ("_checkpoint", "_workers"):
                self.__dict__.pop(name, None)

    @property
    def _shown(self) -> Any:
        """What ``verbose`` is of the one process that shows progress."""
        return self.verbose if self._workers is None or not self._workers.rank else 0

    def _seed(self) -> int:
        """Return the seed of a fit, drawn where none was chosen."""
        if self._checkpoint is not None:
            seed = self._checkpoint.seed_of(self.random_state)
        else:
            seed = seed_of(self.random_state)
        return seed if self._workers is None else int(self._workers.gathered(seed)[0])

    def _identity(self, prepared: Prepared, options: TrainingOptions) -> dict[str, Any]:
        """Return what must be as it was for a fit to go on from a checkpoint, JSON-able."""
        given = told_parameters(self)
        decided = {n: told_value(v) for n, v in self.fitted_parameters_.items() if n in given}
        identity = {
            "estimator": type(self).__name__,
            "versions": versions(),
            "parameters": given,
            "decided": decided,
            "data_sha256": prepared.notes.get("data_sha256"),
            "rows_sha256": rows_sha256(prepared.rows, prepared.validation),
            "n_threads": options.n_threads * (1 if self._workers is None else self._workers.size),
            "seed": options.seed,
            "start_sha256": weights_checksum(network_arrays(prepared.network)),
        }
        # As it is read from a file, in which tuples are lists.
        plain: dict[str, Any] = json.loads(json.dumps(identity))
        return plain

    def _shown_encoder(self) -> str:
        encoder = self.encoder
        return encoder.__name__ if isinstance(encoder, type) else str(encoder)

    @property
    def n_parameters_(self) -> int:
        """Number of weights that training could change, words beyond its texts left out."""
        check_is_fitted(self, "network_")
        return sum(map(self._n_weights, self.networks))

    def _n_weights(self, network: Any) -> int:
        table = network.table
        dense = sum(weight.numel() for weight in network.parameters() if weight is not table)
        return dense if table is None else dense + self._n_trained_tokens() * table.shape[1]

    @property
    def networks(self) -> tuple[Any, ...]:
        """All fitted networks that answer together, ``network_`` first."""
        check_is_fitted(self, "network_")
        return (self.network_, *self.others_)

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
        return write_model(path, type(self).__name__, header_of(self), arrays_of(self))

    def __sklearn_clone__(self) -> Self:
        """Return an unfitted copy; a pretrained model that it starts from is no copy itself."""
        bare = copy(self)
        pretrained = getattr(self, "pretrained", None)
        if pretrained is not None:
            bare.pretrained = None
        cloned: Self = BaseEstimator.__sklearn_clone__(bare)
        if pretrained is not None:
            cloned.pretrained = pretrained
        return cloned

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.non_deterministic = self.random_state is None
        return tags


def copied(network: Any) -> Any:
    """Return a copy of a network, made without OpenMP's threads, which a fork leaves behind."""
    with ThreadTeam(1):
        return deepcopy(network)


def network_arrays(network: Trainable) -> dict[str, np.ndarray]:
    """Return the network's weights by name."""
    return {name: weight.numpy() for name, weight in network.state_dict().items()}


def arrays_of(estimator: TrainedEstimator) -> dict[str, np.ndarray]:
    """Return what a fitted estimator's file holds: its network's weights, and what is beside."""
    arrays = network_arrays(estimator.network_)
    for number, network in enumerate(estimator.others_, start=2):
        mark = member_mark(number)
        arrays |= {mark + name: array for name, array in network_arrays(network).items()}
    return arrays | {f"{OWN}{name}": array for name, array in estimator._own_arrays().items()}


def member_mark(number: int) -> str:
    """Return what a file has before the names of the weights of a network behind the first."""
    return f"member{number}."


def header_of(estimator: TrainedEstimator) -> dict[str, Any]:
    """Return all of a fitted estimator but its weights, JSON-able."""
    # Where a model was fitted need not be there where it is opened.
    parameters = estimator.get_params(deep=False) | {"device": "auto"}
    return {
        "parameters": _plain(parameters),
        "network": _named(estimator.architecture_),
        "fitted_parameters": _plain(estimator.fitted_parameters_),
        "history": estimator.history_.to_dict(orient="list"),
        "interrupted": estimator.interrupted_,
        "receipt": estimator.receipt_,
        **estimator._own_to_json(),
    }


def _plain(parameters: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters that a file can hold; None for word vectors and functions."""
    plain = {}
    for name, value in _named(parameters).items():
        if isinstance(value, Path):
            value = str(value)
        elif isinstance(value, np.generic | np.ndarray):
            value = value.tolist()
        plain[name] = value if _storable(value) else None
    return plain


def _storable(value: Any) -> bool:
    """Whether JSON has the value as it is: of dicts those that are named by strings."""
    if isinstance(value, dict):
        return all(isinstance(key, str) and _storable(item) for key, item in value.items())
    return value is None or isinstance(value, str | int | float | tuple | list)


def _named(parameters: dict[str, Any]) -> dict[str, Any]:
    """Replace a caller's encoder class by its name."""
    encoder = parameters.get("encoder")
    if isinstance(encoder, type):
        name = f"class {encoder.__module__}.{encoder.__qualname__}"
        return parameters | {"encoder": name}
    return parameters
