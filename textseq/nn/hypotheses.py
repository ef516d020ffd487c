"""The sequences that a search or a draw has found for each source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor


@dataclass(frozen=True, eq=False)
class Hypotheses:
    """N sequences for each of B sources, best first.

    Parameters
    ----------
    ids : Tensor of shape (B, N, L), int64
        Padded with the end's.
    scores : Tensor of shape (B, N)
        What they are ranked by; -inf where there are fewer than N.
    log_probabilities : Tensor of shape (B, N)
        Of all tokens, the end's included, in nats.
    cut : Tensor of shape (B, N), bool
        Whether a sequence ends because it had to, where another token was likelier than its end.
    """

    ids: Tensor
    scores: Tensor
    log_probabilities: Tensor
    cut: Tensor

    @classmethod
    def places(cls, n_sources: int, n_best: int, longest: int, end: int, device: object) -> Self:
        """Return places for so many sequences, with nothing in them."""
        shape = (n_sources, n_best)
        none = torch.full(shape, -torch.inf, device=device)  # type: ignore[call-overload]
        return cls(
            torch.full((*shape, longest), end, device=none.device),
            none,
            none.clone(),
            torch.zeros(shape, dtype=torch.bool, device=none.device),
        )

    def take(self, rows: Tensor) -> Hypotheses:
        """Return those of the named sources (n,)."""
        parts = (self.ids, self.scores, self.log_probabilities, self.cut)
        return Hypotheses(*(part[rows] for part in parts))

    def keep(self, rows: Tensor, new: Hypotheses, end: int) -> None:
        """Let the best of those here and of new, no longer ones stay for the named sources (n,)."""
        n_best, width = self.ids.shape[1:]
        # Stable: of equal ones those that were here first stay.
        scores, order = torch.cat([self.scores[rows], new.scores], dim=1).sort(
            dim=1, descending=True, stable=True
        )
        order = order[:, :n_best]
        self.scores[rows] = scores[:, :n_best]
        for own, others in (
            (self.log_probabilities, new.log_probabilities),
            (self.cut, new.cut),
        ):
            own[rows] = torch.cat([own[rows], others], dim=1).gather(1, order)
        padded = torch.nn.functional.pad(new.ids, (0, width - new.ids.shape[2]), value=end)
        self.ids[rows] = take_sequences(torch.cat([self.ids[rows], padded], dim=1), order)


def take_sequences(sequences: Tensor, which: Tensor) -> Tensor:
    """Pick sequences (B, n, tokens) of each row's (B, K, tokens) by their index (B, n)."""
    return sequences.gather(1, which[:, :, None].expand(-1, -1, sequences.shape[2]))
