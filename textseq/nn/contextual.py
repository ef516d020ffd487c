"""What all pretrained encoders of contextual states have in common."""

from __future__ import annotations

from abc import abstractmethod

from torch import Tensor, nn


class ContextualEncoder(nn.Module):
    """Token vectors (B, T, D) and lengths (B,) to contextual states (B, T, H)."""

    out_dim: int
    """H, of the states."""

    @abstractmethod
    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        """Return the states (B, T, H) of token vectors (B, T, D)."""

    @abstractmethod
    def layer_weights(self) -> list[list[nn.Parameter]]:
        """Return the weights below the first layer, and of each layer from the lowest up."""
