"""One fit on several workers: those of a Ray cluster, or processes that were started together."""

from __future__ import annotations

import os
import shutil
import tempfile
import warnings
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeGuard, TypeVar

from textseq.checks import check_count
from textseq.estimators.checkpoint import Checkpoint
from textseq.estimators.identity import difference
from textseq.training.workers import Workers

_FILE = "fit.ckpt"
F = TypeVar("F", bound=Callable[..., Any])
_SHARING = """checkpoint : path-like or Checkpoint, optional
            A file in which the fit is kept while it goes on, and from which it goes on after its
            process was ended: to the same weights, to the last bit. It stays there; a fit that is
            over is not done again.
        distributed : Distributed, optional
            Workers that share the fit: those of a Ray cluster, or processes that were started
            together by ``torchrun``."""


def kept_and_shared(fit: F) -> F:
    """Say of a method ``fit`` how it is kept and shared, in place of ``{sharing}``."""
    if fit.__doc__:
        fit.__doc__ = fit.__doc__.replace("{sharing}", _SHARING)
    return fit


@dataclass(frozen=True)
class Distributed:
    """Workers that share a fit: each takes a part of every batch.

    All read the same rows, and have the same network before and after each step. What they
    learn is what one process learns with as many threads as all of them have.

    Parameters
    ----------
    num_workers : int, default 0
        Workers of a Ray cluster, which is started on this machine if there is none
        (``pip install textseq[ray]``). 0 is this process, and those that were started together
        with it, as by ``torchrun``: each calls ``fit``, and has the fitted model in the end.
    resources : dict of str to float, optional
        What each of Ray's workers takes of the cluster, as ``{"CPU": 4}`` or
        ``{"CPU": 1, "GPU": 1}``; one CPU by default. It has a thread for each CPU.
    max_failures : int, default 3
        How often Ray's workers are started anew where one of them was lost; they go on from the
        last checkpoint. -1 is as often as it takes.
    storage_path : str, optional
        Where Ray keeps the checkpoints while the fit goes on, unless the fit has a ``checkpoint``;
        by default a temporary folder. Workers on several machines need a disk or bucket that all
        of them see.

    References
    ----------
    Li et al. (2020), "PyTorch Distributed: Experiences on Accelerating Data Parallel Training",
    VLDB: data parallelism, with gradients summed by all-reduce.

    Examples
    --------
    >>> from textseq import TextClassifier
    >>> texts, labels = ["so good", "so bad"] * 20, ["pos", "neg"] * 20
    >>> model = TextClassifier(encoder="mean", max_epochs=2, random_state=0)
    >>> model = model.fit(texts, labels, distributed=Distributed())  # alone, or by torchrun
    """

    num_workers: int = 0
    resources: dict[str, float] | None = None
    max_failures: int = 3
    storage_path: str | None = None

    def __post_init__(self) -> None:
        check_count("num_workers", self.num_workers, least=0)
        check_count("max_failures", self.max_failures, least=-1)

    def fit(self, estimator: Any, *args: Any, **given: Any) -> Any:
        """Fit an estimator by Ray's workers.

        Parameters
        ----------
        estimator : TrainedEstimator
        *args, **given
            As its ``fit`` takes them.

        Returns
        -------
        estimator
            The one given, fitted.
        """
        estimator.check_parameters()
        ray = _ray()
        from ray.train import CheckpointConfig, FailureConfig, RunConfig, ScalingConfig
        from ray.train.torch import TorchTrainer

        resources = {"CPU": 1.0, **(self.resources or {})}
        with ExitStack() as stack:
            if not ray.is_initialized():
                shown = bool(estimator.verbose)
                ray.init(include_dashboard=False, logging_level="ERROR", log_to_driver=shown)
                stack.callback(ray.shutdown)
            folder = self.storage_path
            if folder is None:
                folder = stack.enter_context(tempfile.TemporaryDirectory())
            result: Any = TorchTrainer(
                _fit_share,
                train_loop_config={
                    "fit": ray.put((estimator, args, given)),
                    "folder": os.getcwd(),
                },
                scaling_config=ScalingConfig(
                    num_workers=self.num_workers,
                    resources_per_worker=resources,
                    use_gpu=bool(resources.get("GPU")),
                ),
                run_config=RunConfig(
                    storage_path=str(Path(folder).absolute()) if "://" not in folder else folder,
                    failure_config=FailureConfig(max_failures=self.max_failures),
                    checkpoint_config=CheckpointConfig(num_to_keep=1),
                ),
            ).fit()
        fitted, told = result.return_value
        for message, category in told:
            warnings.warn(message, category, stacklevel=3)
        if isinstance(fitted, ValueError):
            raise fitted
        own = estimator.get_params(deep=False)
        vars(estimator).update({n: value for n, value in vars(fitted).items() if n not in own})
        return estimator


def has_workers(distributed: Any) -> TypeGuard[Distributed]:
    """Whether workers of Ray are to do a fit, and not this process."""
    if distributed is not None and not isinstance(distributed, Distributed):
        raise ValueError(f"distributed must be a Distributed, got {distributed!r:.60}")
    return distributed is not None and bool(distributed.num_workers)


def check_alike(identity: dict[str, Any], workers: Workers | None) -> None:
    """Refuse a fit of which some workers have other data or parameters than the first.

    Raises
    ------
    ValueError
        In all of them; the message says what differs.
    """
    if workers is None:
        return
    first, *others = workers.gathered(identity)
    for rank, other in enumerate(others, start=1):
        if (told := difference(first, other, any_threads=False)) is not None:
            raise ValueError(
                f"worker {rank} has another fit than the first, of which {told}; let all of them "
                "read the same rows, in the same order"
            )


class _RayCheckpoint(Checkpoint):
    """A checkpoint that Ray keeps a copy of, for workers that are started anew."""

    def after_writing(self) -> None:
        """Hand the file to Ray; each worker does, the first with the file."""
        from ray import train

        folder = None
        if not train.get_context().get_world_rank():
            folder = train.Checkpoint.from_directory(str(Path(self.path).parent))
        train.report({}, checkpoint=folder)


def _fit_share(config: dict[str, Any]) -> Any:
    """Fit as one of Ray's workers; return the fitted estimator, and what was warned of."""
    import ray
    from ray import train

    estimator, args, given = ray.get(config["fit"])
    # Ray starts workers in a folder of its own, and paths are meant from the driver's.
    with suppress(OSError):
        os.chdir(config["folder"])
    with (
        tempfile.TemporaryDirectory() as folder,
        warnings.catch_warnings(record=True) as found,
    ):
        if given.get("checkpoint") is None:
            path = Path(folder) / _FILE
            if (kept := train.get_checkpoint()) is not None:
                with kept.as_directory() as before:
                    shutil.copy(Path(before) / _FILE, path)
            given = given | {"checkpoint": _RayCheckpoint(path)}
        try:
            fitted = estimator.fit(*args, **given, distributed=Distributed())
        except ValueError as error:  # of what was given: no other try would end otherwise
            fitted = error
    return fitted, [(str(one.message), one.category) for one in found]


def _ray() -> Any:
    try:
        import ray
        import ray.train.torch
    except ImportError as error:
        raise ImportError(
            "Distributed(num_workers=...) needs Ray: pip install 'textseq[ray]'; "
            "Distributed() shares a fit between processes started by torchrun without it"
        ) from error
    return ray
