"""What a comparison compares: networks by encoder, baselines, the caller's own estimators."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from sklearn.base import BaseEstimator, clone
from sklearn.pipeline import Pipeline

from textseq.comparison.named_rows import named_rows
from textseq.comparison.scores.baselines import LINEAR_TASKS, BesideColumns, linear_model
from textseq.embedding.api_embedder import ApiEmbedder
from textseq.estimators.base import TrainedEstimator
from textseq.estimators.encoding.embedding_table import read_vectors
from textseq.estimators.transformer_embedder import TransformerEmbedder
from textseq.text.tokenizer import Tokenizer
from textseq.text.transformer_folder import TransformerFolder
from textseq.training.threads import threads_each

T = TypeVar("T", bound=TrainedEstimator)

# Parameters that change how texts are cut.
TOKENIZER_PARAMETERS = {"tokenizer", "lowercase", "ngram_range", "hash_buckets", "vectors"}


@dataclass(frozen=True)
class Candidate:
    """One row to be: its name, its kind and an unfitted estimator.

    Parameters
    ----------
    name : str
    kind : {"network", "baseline", "estimator"}
    estimator : BaseEstimator
    shares_tokens : bool
        Whether it reads the tokens that were cut once for all rows.
    unseeded : tuple of str
        Starts of the names of random states that decide nothing.
    encodes : bool
        Whether it is a pipeline of a transformer and the linear model that reads its vectors.
    """

    name: str
    kind: str
    estimator: BaseEstimator
    shares_tokens: bool = False
    unseeded: tuple[str, ...] = ()
    encodes: bool = False

    @classmethod
    def of_network(
        cls,
        name: str,
        parameters: dict[str, Any],
        template: TrainedEstimator,
        tokenizer: Tokenizer | None,
    ) -> Candidate:
        """Return the row of a network: the template's parameters, but for the row's own."""
        if tokenizer is not None and parameters.get("pretrained") is not None:
            # It brings its own tokenizer, and vectors in place of those of the others.
            parameters = {"vectors": None} | parameters
        pretrained = template.get_params(deep=False).get("pretrained") is not None
        own_tokens = pretrained or TOKENIZER_PARAMETERS & set(parameters)
        shares_tokens = tokenizer is not None and not own_tokens
        if shares_tokens:
            parameters = parameters | {"tokenizer": tokenizer}
        network = clone(template).set_params(**parameters)
        network.check_parameters()
        return cls(name, "network", network, shares_tokens)

    @classmethod
    def of_transformer(cls, name: str, transformer: Any, task: str, columns: bool) -> Candidate:
        """Return the row of a transformer: its features, read by the linear model of the task."""
        features = BesideColumns(transformer) if columns else transformer
        steps = [("features", features), ("linear", linear_model(task))]
        return cls(name, "estimator", Pipeline(steps), unseeded=("linear__",), encodes=True)

    @property
    def seeded(self) -> tuple[str, ...]:
        """Names of the parameters that take a random state; the baselines draw no numbers."""
        if self.kind == "baseline":
            return ()
        names = self.estimator.get_params(deep=True)
        states = (k for k in names if k == "random_state" or k.endswith("__random_state"))
        return tuple(k for k in states if not k.startswith(self.unseeded))

    def build(self, seed: int) -> BaseEstimator:
        """Return a fresh estimator with that seed."""
        return clone(self.estimator).set_params(**dict.fromkeys(self.seeded, seed))


def find_candidates(
    encoders: Any,
    template: TrainedEstimator,
    baselines: Mapping[str, BaseEstimator],
    tokenizer: Tokenizer | None,
    task: str,
    columns: bool = False,
    method: str = "predict",
) -> list[Candidate]:
    """List the rows: baselines first, then what the caller named.

    Parameters
    ----------
    encoders : sequence or mapping
        Encoder names, and mappings of a row's name to an encoder name, a dict
        of parameters, or any scikit-learn estimator that reads the same rows. A
        transformer of scikit-learn (``TransformerEmbedder``, ``ApiEmbedder``) is followed by
        the task's linear model.
    template : estimator of the package
        Gives the networks their other parameters.
    baselines : dict of name to estimator
    tokenizer : Tokenizer or None
        The networks' own, fitted; None where each learns its own, or they read series.
    task : str
        As ``Comparison.task``; of "classes", "labels" and "number" there is a linear model.
    columns : bool, default False
        Whether columns stand beside the texts.
    method : str, default "predict"
        What an estimator must have, beside ``fit``.
    """
    found = [Candidate(name, "baseline", model) for name, model in baselines.items()]
    for name, row in named_rows(encoders):
        if isinstance(row, str | Mapping):
            parameters = {"encoder": row} if isinstance(row, str) else dict(row)
            found.append(Candidate.of_network(name, parameters, template, tokenizer))
        elif isinstance(row, type):
            raise ValueError(f"row {name!r} is a class; make one of it: {row.__name__}(...)")
        elif hasattr(row, "fit") and hasattr(row, method):
            kind = "network" if isinstance(row, TrainedEstimator) else "estimator"
            found.append(Candidate(name, kind, row))
        elif hasattr(row, "fit") and hasattr(row, "transform") and task in LINEAR_TASKS:
            if isinstance(row, ApiEmbedder):
                row.check_parameters()
            elif isinstance(row, TransformerEmbedder):
                TransformerFolder.open(row.model)
            found.append(Candidate.of_transformer(name, row, task, columns))
        else:
            or_features = ", or fit and transform" if task in LINEAR_TASKS else ""
            raise ValueError(
                f"row {name!r} must be an encoder's name, a dict of parameters, or an "
                f"estimator with fit and {method}{or_features}, got {row!r}"
            )
    names = [candidate.name for candidate in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(
            f"two rows are named {twice[0]!r}; name them apart: {{'name': {{'encoder': ...}}}}"
        )
    return found


def shared_template(template: T, vectors: Any, n_side_by_side: int) -> T:
    """Return the estimator whose parameters all networks share.

    Parameters
    ----------
    template : TrainedEstimator
    vectors : as ``compare`` takes them, or None
    n_side_by_side : int
        Fits that run at once, and share the processor's cores.
    """
    template = clone(template)
    if vectors is not None:
        template.set_params(vectors=read_vectors(vectors))
    if n_side_by_side > 1:
        template.set_params(n_threads=threads_each(n_side_by_side))
    return template
