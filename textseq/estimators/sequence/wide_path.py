"""A linear model of n-grams beside a network: the wide path from a text to the outputs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, Self

import numpy as np
from scipy import sparse
from scipy.optimize import minimize

from textseq.batches import SequenceData
from textseq.labels.validation_split import without
from textseq.ragged import Ragged
from textseq.row_arrays import parts_of, picked, row_numbers
from textseq.text.ngram_features import NgramFeatures
from textseq.training.objectives import Objective
from textseq.training.ratio_regression import Curvature, fit_weights, refit_weights
from textseq.training.threads import ThreadTeam

# Most tokens in an n-gram.
LONGEST_OF_WORDS, LONGEST_OF_CHARACTERS = 2, 4
# Texts that must have an n-gram: what stands in one says nothing of others.
FEWEST_TEXTS = 2
# What memory bounds: n-grams that it is fitted to (some 40 bytes each), weights that it has, and
# tokens of texts that it answers at once.
MOST_RUNS = 30_000_000
MOST_WEIGHTS = 50_000_000
CHUNK = 2_000_000
# A network and a wide path count by half each, unless validation rows say otherwise; how far the
# logarithm of a share may go from there for a unit of their loss.
HALF = 0.5
SPREAD = 1.3
ARRAYS = ("ids", "idf", "weights", "bias")


class Shares(NamedTuple):
    """What the outputs of a network and of a wide path are multiplied by before they are added."""

    network: float = HALF
    wide: float = HALF


EVEN = Shares()


@dataclass(frozen=True, eq=False)
class WidePath:
    """Weights from n-grams straight to the outputs, as ``fit_weights`` fits them.

    Parameters
    ----------
    features : NgramFeatures
    weights : ndarray of shape (F, n_outputs), float32
    bias : ndarray of shape (n_outputs,), float32
    shares : Shares
        What the outputs of the network and of the path were multiplied by before they are added;
        weights, bias and the network's head have it within.
    curvature : Curvature, optional
        Of the texts that it was fitted to; files of before have none.

    References
    ----------
    The two paths: Cheng et al. (2016), "Wide & Deep Learning for Recommender Systems".
    """

    features: NgramFeatures
    weights: np.ndarray
    bias: np.ndarray
    shares: Shares = Shares(1.0, 1.0)
    curvature: Curvature | None = None

    def outputs(self, ids: Ragged, text_of: np.ndarray | None = None) -> np.ndarray:
        """Return what the path adds to the outputs of texts (n, n_outputs), float64.

        Parameters
        ----------
        ids, text_of
            As ``NgramFeatures.transform`` takes them.
        """
        if text_of is not None or len(ids.values) <= CHUNK:
            return self.of_features(self.features.transform(ids, text_of))
        cuts = np.searchsorted(ids.offsets, np.arange(CHUNK, len(ids.values), CHUNK))
        parts = np.split(np.arange(len(ids)), np.unique(cuts))
        return np.concatenate(
            [self.of_features(self.features.transform(ids.take(part))) for part in parts]
        )

    def of_features(self, texts: sparse.csr_array) -> np.ndarray:
        """Return the same of texts (n, F) that are transformed already."""
        return (texts @ self.weights).astype(np.float64) + self.bias

    def sharing(self, shares: Shares) -> Self:
        """Return the path with its outputs times its share."""
        weights, bias = (
            (array * shares.wide).astype(np.float32) for array in (self.weights, self.bias)
        )
        own = Shares(shares.network * self.shares.network, shares.wide * self.shares.wide)
        return replace(self, weights=weights, bias=bias, shares=own)

    def grown(self, places: np.ndarray, n_outputs: int) -> Self:
        """Return the path with its outputs in new places among more, which nothing speaks for."""
        weights = np.zeros((len(self.weights), n_outputs), dtype=np.float32)
        bias = np.full(n_outputs, self.bias.min())
        weights[:, places], bias[places] = self.weights, self.bias
        curvature = self.curvature
        if curvature is not None:
            variances = np.zeros(n_outputs, dtype=np.float32)
            variances[places] = curvature.variances
            curvature = curvature._replace(variances=variances)
        return replace(self, weights=weights, bias=bias, curvature=curvature)

    def among(self, features: NgramFeatures, places: np.ndarray) -> Self:
        """Return the path without its share, its features having places among others."""
        weights = np.zeros((len(features), len(self.bias)), dtype=np.float32)
        weights[places] = self.weights / self.shares.wide
        mass = np.zeros(len(features), dtype=np.float32)
        variances = np.zeros(len(self.bias), dtype=np.float32)
        if self.curvature is not None:
            mass[places], variances = self.curvature
        bias = (self.bias / self.shares.wide).astype(np.float32)
        return type(self)(features, weights, bias, curvature=Curvature(mass, variances))

    def knowing(self, texts: sparse.csr_array, kind: str, weights: np.ndarray | None) -> Self:
        """Return the path with the curvature of texts (n, F) beside what it has."""
        found = Curvature.of(texts, self.of_features(texts), kind, weights)
        return replace(self, curvature=self.curvature.plus(found) if self.curvature else found)

    def arrays(self) -> dict[str, np.ndarray]:
        """Return what a file holds of it, by name."""
        own = self.features.ids, self.features.idf, self.weights, self.bias
        named = dict(zip(ARRAYS, own, strict=True))
        named |= {} if self.curvature is None else self.curvature._asdict()
        return {f"wide.{name}": array for name, array in named.items()}

    def to_dict(self) -> dict[str, Any]:
        """Return the rest, JSON-able."""
        longest, n_tokens = self.features.longest, self.features.n_tokens
        return {"longest": longest, "n_tokens": n_tokens, "shares": self.shares._asdict()}

    @classmethod
    def from_file(
        cls, stored: dict[str, Any], arrays: dict[str, np.ndarray], n_outputs: int
    ) -> Self:
        """Take back what ``to_dict`` and ``arrays`` gave."""
        ids, idf, weights, bias = (arrays[f"wide.{name}"] for name in ARRAYS)
        expected = ids.shape, (len(ids), n_outputs), (n_outputs,)
        if (idf.shape, weights.shape, bias.shape) != expected or ids.dtype != np.int64:
            raise ValueError("the arrays of the wide path do not go together")
        longest = stored["longest"]
        if longest not in (LONGEST_OF_WORDS, LONGEST_OF_CHARACTERS):
            raise ValueError(f"the wide path has n-grams of {longest} tokens")
        features = NgramFeatures(longest, stored["n_tokens"], ids, idf)
        curvature = None
        if "wide.mass" in arrays:
            curvature = Curvature(arrays["wide.mass"], arrays["wide.variances"])
            shapes = curvature.mass.shape, curvature.variances.shape
            if shapes != (ids.shape, (n_outputs,)) or not all(map(_hold, curvature)):
                raise ValueError("the curvature of the wide path does not go with its weights")
        return cls(features, weights, bias, Shares(**stored["shares"]), curvature)


def _hold(numbers: np.ndarray) -> bool:
    return numbers.dtype == np.float32 and bool((np.isfinite(numbers) & (numbers >= 0)).all())


def find_shares(
    network: np.ndarray,
    wide: np.ndarray,
    targets: np.ndarray,
    weights: np.ndarray | None,
    objective: Objective,
    kind: str,
    around: Shares = EVEN,
) -> Shares:
    """Choose the shares of least loss on validation rows, drawn towards a half each, or others.

    Parameters
    ----------
    network, wide : ndarray of shape (n, n_outputs)
        Outputs for the validation rows.
    targets : ndarray
    weights : ndarray of shape (n,), optional
    objective : Objective
    kind : {"classes", "labels", "number"}
    around : Shares, default a half each
    """
    start = np.log(around)

    def loss(logs: np.ndarray) -> float:
        own, other = np.exp(logs)
        mean = objective.loss(own * network + other * wide, targets, weights)
        far = np.square((logs - start) / SPREAD).sum() / 2
        if kind == "number":  # the likelihood of errors whose spread is not known
            return len(targets) / 2 * float(np.log(max(mean, 1e-12))) + float(far)
        return len(targets) * mean + float(far)

    with ThreadTeam(1):
        found = minimize(loss, start, method="Nelder-Mead", options={"xatol": 1e-3, "fatol": 1e-3})
    network_share, wide_share = np.exp(found.x).tolist()
    return Shares(network_share, wide_share)


@dataclass(frozen=True, eq=False)
class WideRows:
    """What a wide path is fitted to.

    Parameters
    ----------
    data : SequenceData
        Ids of whole texts.
    parts : tuple of (ndarray, ndarray)
        Numbers of the rows that each network learns from, and of those that validate it.
    own_validation : bool
        Whether the validation texts are the fit's own, of which the path may learn once they
        have chosen the shares.
    """

    data: SequenceData
    parts: tuple[tuple[np.ndarray, np.ndarray], ...]
    own_validation: bool = True

    @property
    def learned(self) -> np.ndarray:
        """Numbers of the rows that the path learns from in the end."""
        training, held_out = self.parts[0]
        return np.concatenate([training, held_out]) if self.own_validation else training

    @property
    def validation(self) -> np.ndarray:
        """Numbers of all rows that validate, in the order of their networks."""
        return np.concatenate([held_out for _, held_out in self.parts])

    @classmethod
    def within(
        cls, data: SequenceData, parts: Sequence[tuple[np.ndarray, np.ndarray]], longest: int
    ) -> Self:
        """Return as many training texts, drawn, as memory bounds; and all others.

        Parameters
        ----------
        data : SequenceData
            Of all rows, which may be more than memory holds.
        parts : sequence of (ndarray, ndarray)
            As above, ascending; of one network alone, all rows.
        longest : int
            Most tokens in an n-gram.
        """
        validation = np.concatenate([held_out for _, held_out in parts])
        drawn = without(parts[0][0], np.setdiff1d(validation, parts[0][1]))
        total = sum(int(picked(data.lengths, drawn[own]).sum()) for own in parts_of(len(drawn)))
        if total > (most := MOST_RUNS // longest):
            order = row_numbers(len(drawn))
            np.random.default_rng(0).shuffle(order)
            n_kept = max(int(len(drawn) * most / total), 1)
            drawn = drawn[np.sort(order[:n_kept])]
            rows = np.concatenate([drawn, validation])
        else:
            rows = np.concatenate(parts[0])
        # Where each row that is left was among all, ascending, and where it is now.
        place = np.argsort(rows)
        left = rows[place]

        def among(own: np.ndarray) -> np.ndarray:
            index = np.minimum(np.searchsorted(own, left), max(len(own) - 1, 0))
            found: np.ndarray = place[own[index] == left] if len(own) else place[:0]
            return found

        return cls(data.take(rows), tuple((among(learned), among(held)) for learned, held in parts))


def _rows_of(texts: sparse.csr_array, rows: np.ndarray) -> sparse.csr_array:
    """Return some rows; if they are the first ones, in their order, without a copy."""
    n_rows = len(rows)
    if not np.array_equal(rows, np.arange(n_rows)):
        found: sparse.csr_array = texts[rows]
        return found
    end = texts.indptr[n_rows]
    parts = texts.data[:end], texts.indices[:end], texts.indptr[: n_rows + 1]
    return sparse.csr_array(parts, (n_rows, texts.shape[1]))


def fit_beside(
    rows: WideRows,
    network: np.ndarray | None,
    kind: str,
    n_outputs: int,
    n_tokens: int,
    longest: int,
    objective: Objective,
    label_weights: np.ndarray | None,
    n_threads: int,
    start: WidePath | None = None,
) -> tuple[WidePath, np.ndarray | None]:
    """Fit a wide path, and find what it and a trained network count for beside each other.

    Parameters
    ----------
    rows : WideRows
    network : ndarray of shape (n_validation, n_outputs) or None
        The network's outputs for the validation texts; None where there are none.
    kind, n_outputs, label_weights, n_threads
        As ``fit_weights`` takes them.
    n_tokens, longest
        As ``NgramFeatures`` has them.
    objective : Objective
    start : WidePath, optional
        What was fitted to other texts, from which this one goes on: it keeps its features, and has
        those that are new beside them.

    Returns
    -------
    path : WidePath
        Its outputs times its share.
    outputs : ndarray of shape (n_validation, n_outputs) or None
        Of both together for the validation texts, before the path learned of them.
    """
    data, learned = rows.data, rows.learned
    (ids,), targets = data.fields, data.targets
    assert targets is not None
    most = MOST_WEIGHTS // n_outputs - (0 if start is None else len(start.features))
    features, texts = NgramFeatures.learn(ids.take(learned), n_tokens, longest, FEWEST_TEXTS, most)
    before, shares = None, EVEN
    if start is not None:
        features, places = start.features.joined(features)
        before, shares = start.among(features, places), start.shares
    if start is not None or len(ids) > len(learned):
        texts = features.transform(ids)

    def fitted(own: np.ndarray) -> WidePath:
        weights = None if data.weights is None else data.weights[own]
        some, answers = _rows_of(texts, own), targets[own]
        more = weights, label_weights, n_threads
        if before is None:
            path = WidePath(features, *fit_weights(some, answers, kind, n_outputs, *more))
            return path.knowing(some, kind, weights)
        known, held = (before.weights, before.bias), before.curvature
        assert held is not None
        path = WidePath(
            features, *refit_weights(some, answers, kind, known, held, *more), curvature=held
        )
        return path.knowing(some, kind, weights)

    if network is None:
        return fitted(learned).sharing(shares), None
    # Each network's validation rows are answered by a path that has not learned of them either.
    paths = [fitted(training) for training, _ in rows.parts]
    answered = zip(paths, rows.parts, strict=True)
    wide = np.concatenate([path.of_features(texts[held_out]) for path, (_, held_out) in answered])
    held_out = rows.validation
    weights = None if data.weights is None else data.weights[held_out]
    shares = find_shares(network, wide, targets[held_out], weights, objective, kind, shares)
    together = shares.network * network + shares.wide * wide
    path = fitted(learned) if rows.own_validation else paths[0]
    return path.sharing(shares), together
