"""What the training loop asks of a network."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Self, TypeVar

from torch import Tensor, nn

# What a network reads of a batch: a tuple of tensors for each field.
Inputs = list[tuple[Tensor, ...]]
M = TypeVar("M", bound=nn.Module)


class Trainable(nn.Module):
    """A network that the loop can train: it reads tokens, or numbers."""

    encoder: nn.Module
    steps_are_tokens: bool = False
    """Whether a step of a row is a token, not a moment of a series."""
    answers_steps: bool = False
    """Whether it has an answer a step, or token, and not one a row."""

    def initialized_layers(self) -> list[nn.Module]:
        """Return the layers whose first values the caller may choose."""
        return [self.encoder]

    def parts(self) -> dict[str, nn.Module]:
        """Return what reads step by step, by name, in the order of reading."""
        return {"encoder": self.encoder}

    def with_parts(self, wrap: Callable[[str, nn.Module], nn.Module]) -> Self:
        """Return a copy that shares all weights, with ``wrap(name, part)`` in place of its parts.

        Threads share a network; what one wants to see of it, the copy shows to that one alone.
        """
        return with_modules(self, encoder=wrap("encoder", self.encoder))

    def step_losses(self, inputs: Inputs) -> tuple[Tensor, Tensor]:
        """Return -log p (B, T) of what each row should answer step by step, and lengths (B,).

        Of a network that ``answers_steps``; the gradient flows back from each by itself.
        """
        raise TypeError(f"{type(self).__name__} answers whole rows, not their steps")

    def layer_groups(self) -> list[list[nn.Parameter]]:
        """Return the weights in groups that may learn at rates of their own, the lowest first."""
        return [list(self.parameters())]

    def undecayed(self) -> set[nn.Parameter]:
        """Return the weights that weight decay leaves as they are: none, by default."""
        return set()

    @property
    def table(self) -> nn.Parameter | None:
        """The embedding table (V, D), of which a batch trains only the rows it touches."""
        return None

    @property
    def reads_tokens(self) -> bool:
        """Whether its rows are token ids, whose vectors can be looked up once a batch."""
        return False

    def carried(self) -> dict[str, Tensor]:
        """Return what it carries from one batch to the next: nothing, by default."""
        return {}

    def take_up(self, carried: dict[str, Tensor]) -> None:
        """Go on from what ``carried`` returned."""

    def token_vectors(self, ids: Tensor) -> Tensor:
        """Return what the encoder reads (n, D) of ids (n,)."""
        raise TypeError(f"{type(self).__name__} reads numbers, not tokens")


def with_modules(module: M, **others: nn.Module) -> M:
    """Return a copy of a module that shares all but the named parts, and has ``others`` there."""
    twin = copy.copy(module)
    twin._modules = {**module._modules, **others}
    return twin
