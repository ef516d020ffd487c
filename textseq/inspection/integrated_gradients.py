"""Integrated gradients: a change of the output, dealt out to the inputs that brought it about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import compress, pairwise

import numpy as np
import torch
from torch import Tensor

from textseq.training.threads import ThreadTeam

# The path is cut into pieces of so many points each; those that do not sum to what they must
# are halved, until the path would hold more points than the most.
PIECES, POINTS, MOST_POINTS = 4, 8, 1024


def integrated_gradients(
    output: Callable[[Tensor], Tensor], x: Tensor, allowed: float, team: ThreadTeam
) -> tuple[np.ndarray, int]:
    """Integrate the gradients of an output along the straight path from zeros to a row.

    A maximum or a relu makes a kink somewhere on the path. Attributions must sum to the
    output's change not only over the whole path, but over every piece of it, which tells where
    the kinks are: only there is the path cut finer.

    Parameters
    ----------
    output : callable
        Versions of the row (B, T, D) -> what is explained (B,).
    x : Tensor of shape (T, D)
    allowed : float
        Largest completeness gap.
    team : ThreadTeam

    Returns
    -------
    attributions : ndarray of shape (T, D)
    n_points : int
        Points of the path whose gradients were summed.

    References
    ----------
    Sundararajan, Taly & Yan (2017), "Axiomatic Attribution for Deep Networks", equation 1 and
    proposition 1 (completeness); the integral is by Gauss and Legendre's rule in each piece.

    Examples
    --------
    >>> x = torch.tensor([[1.0], [2.0]], dtype=torch.float64)
    >>> with ThreadTeam(1) as team:
    ...     product, n_points = integrated_gradients(lambda x: x.prod(1)[:, 0], x, 1e-9, team)
    >>> product.round(9).tolist(), n_points
    ([[1.0], [1.0]], 32)
    """
    pieces = _integrate(output, x, team, list(pairwise(np.linspace(0, 1, PIECES + 1).tolist())))
    while True:
        gaps = np.array([piece.gap for piece in pieces])
        coarse = np.abs(gaps) > allowed / (2 * len(pieces))
        if abs(gaps.sum()) <= allowed or POINTS * (len(pieces) + coarse.sum()) > MOST_POINTS:
            break
        halves = [half for piece in compress(pieces, coarse) for half in piece.halves]
        pieces = [*compress(pieces, ~coarse), *_integrate(output, x, team, halves)]
    return np.sum([piece.attributions for piece in pieces], axis=0), POINTS * len(pieces)


@dataclass(frozen=True, eq=False)
class _Piece:
    """What a piece of the path adds to the attributions (T, D).

    ``gap`` is their sum less what the output changes by from ``start`` to ``end``.
    """

    start: float
    end: float
    attributions: np.ndarray
    gap: float

    @property
    def halves(self) -> list[tuple[float, float]]:
        middle = (self.start + self.end) / 2
        return [(self.start, middle), (middle, self.end)]


def _integrate(
    output: Callable[[Tensor], Tensor],
    x: Tensor,
    team: ThreadTeam,
    bounds: list[tuple[float, float]],
) -> list[_Piece]:
    nodes, weights = np.polynomial.legendre.leggauss(POINTS)  # on [-1, 1]
    # The ends get no weight: they tell the change that the rest must sum to.
    fractions = (np.concatenate([[-1.0], nodes, [1.0]]) + 1) / 2
    shares = torch.from_numpy(np.pad(weights, 1) / 2)

    def integrate(ends: tuple[float, float]) -> _Piece:
        start, end = ends
        points = torch.from_numpy(start + (end - start) * fractions)
        scaled = (points[:, None, None] * x).requires_grad_()  # (P, T, D)
        values = output(scaled)
        (slopes,) = torch.autograd.grad(values.sum(), scaled)
        mean_slope = torch.einsum("p,ptd->td", shares, slopes)
        attributions = (end - start) * (x * mean_slope).numpy()
        change = values.detach()[-1] - values.detach()[0]
        return _Piece(start, end, attributions, float(attributions.sum()) - float(change))

    return team.map(integrate, bounds)
