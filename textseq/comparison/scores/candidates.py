"""What a comparison compares: networks by encoder, baselines, the caller's own estimators."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sklearn.base import BaseEstimator, clone

from textseq.comparison.named_rows import named_rows
from textseq.estimators.sequence.estimator import SequenceEstimator
from textseq.text.tokenizer import Tokenizer

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
    """

    name: str
    kind: str
    estimator: BaseEstimator
    shares_tokens: bool = False

    @property
    def seeded(self) -> tuple[str, ...]:
        """Names of the parameters that take a random state; the baselines draw no numbers."""
        if self.kind == "baseline":
            return ()
        names = self.estimator.get_params(deep=True)
        return tuple(k for k in names if k == "random_state" or k.endswith("__random_state"))

    def build(self, seed: int) -> BaseEstimator:
        """Return a fresh estimator with that seed."""
        return clone(self.estimator).set_params(**dict.fromkeys(self.seeded, seed))


def find_candidates(
    encoders: Any,
    template: SequenceEstimator,
    baselines: Mapping[str, BaseEstimator],
    tokenizer: Tokenizer | None,
) -> list[Candidate]:
    """List the rows: baselines first, then what the caller named.

    Parameters
    ----------
    encoders : sequence or mapping
        Encoder names, and mappings of a row's name to an encoder name, a dict
        of parameters, or any scikit-learn estimator that reads the same rows.
    template : TextEstimator or SeriesEstimator
        Gives the networks their other parameters.
    baselines : dict of name to estimator
    tokenizer : Tokenizer or None
        The networks' own, fitted; None where they read series.
    """
    found = [Candidate(name, "baseline", model) for name, model in baselines.items()]
    for name, row in named_rows(encoders):
        if isinstance(row, str | Mapping):
            parameters = {"encoder": row} if isinstance(row, str) else dict(row)
            shares_tokens = tokenizer is not None and not TOKENIZER_PARAMETERS & set(parameters)
            if shares_tokens:
                parameters["tokenizer"] = tokenizer
            network = clone(template).set_params(**parameters)
            network.check_parameters()
            found.append(Candidate(name, "network", network, shares_tokens))
        elif hasattr(row, "fit") and hasattr(row, "predict"):
            kind = "network" if isinstance(row, SequenceEstimator) else "estimator"
            found.append(Candidate(name, kind, row))
        else:
            raise ValueError(
                f"row {name!r} must be an encoder's name, a dict of parameters, or an "
                f"estimator with fit and predict, got {row!r}"
            )
    names = [candidate.name for candidate in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(
            f"two rows are named {twice[0]!r}; name them apart: {{'name': {{'encoder': ...}}}}"
        )
    return found
