"""Token vectors of a batch in which the same tokens stand many times."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor, nn


@dataclass(frozen=True, eq=False)
class TokenRows:
    """Each place's row of a table, so that a token's vector is worked on once.

    Parameters
    ----------
    table : Tensor of shape (U, D)
        The vectors of the distinct tokens.
    index : Tensor of shape (B, T), int64
        Row of the table at each place.
    """

    table: Tensor
    index: Tensor

    def dense(self) -> Tensor:
        """Return the vectors (B, T, D) place by place."""
        return nn.functional.embedding(self.index, self.table)
