"""Token ids as vectors: a number, a one-hot row, or an embedding."""

from __future__ import annotations

from abc import abstractmethod

import torch
from torch import Tensor, nn

REPRESENTATIONS = ("embedding", "onehot", "integer")


class Representation(nn.Module):
    """What a network reads of a token."""

    dim: int
    """Width D of a token's vector."""
    weight: nn.Parameter | None
    """What is learned: a table (V, D), or nothing."""

    @abstractmethod
    def rows(self, ids: Tensor) -> Tensor:
        """Return the vectors (n, D) of ids (n,)."""


class Embedding(Representation):
    """A learned vector for each token: a one-hot row times a matrix (V, D).

    Parameters
    ----------
    n_tokens, dim : int
        Rows V and columns D of the table, which starts unset.

    Examples
    --------
    >>> table = Embedding(4, 3)
    >>> _ = nn.init.normal_(table.weight)
    >>> ids = torch.tensor([2, 0])
    >>> torch.equal(table.rows(ids), OneHot(4).rows(ids) @ table.weight)
    True
    """

    def __init__(self, n_tokens: int, dim: int) -> None:
        super().__init__()
        self.dim = dim
        self.weight = nn.Parameter(torch.empty(n_tokens, dim))

    def rows(self, ids: Tensor) -> Tensor:
        """Return the vectors (n, D) of ids (n,)."""
        assert self.weight is not None
        return self.weight[ids]


class OneHot(Representation):
    """One input a token: 1 where it stands, 0 elsewhere; nothing is learned.

    Parameters
    ----------
    n_tokens : int
    """

    def __init__(self, n_tokens: int) -> None:
        super().__init__()
        self.register_parameter("weight", None)
        self.dim = n_tokens

    def rows(self, ids: Tensor) -> Tensor:
        """Return the rows (n, V) of ids (n,)."""
        return nn.functional.one_hot(ids, self.dim).to(torch.get_default_dtype())


class Integer(Representation):
    """The id itself as the only input, divided by the number of tokens.

    A token's number then means more or less of something, which it does not:
    the form that shows why tokens need vectors.

    Parameters
    ----------
    n_tokens : int
    """

    dim = 1

    def __init__(self, n_tokens: int) -> None:
        super().__init__()
        self.register_parameter("weight", None)
        self.n_tokens = n_tokens

    def rows(self, ids: Tensor) -> Tensor:
        """Return the numbers (n, 1) of ids (n,)."""
        return (ids / self.n_tokens)[:, None]


class Numbers(Representation):
    """The numbers of a series as they are: D channels a step instead of an id.

    Parameters
    ----------
    dim : int
        Channels D.
    """

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.register_parameter("weight", None)
        self.dim = dim

    def rows(self, ids: Tensor) -> Tensor:
        """Return the steps (n, D) themselves."""
        return ids


def build_inputs(representation: str, n_tokens: int, embedding_dim: int) -> Representation:
    """Build the representation of that name; "numbers" have ``embedding_dim`` channels.

    What a transformer reads are embeddings.
    """
    if representation == "numbers":
        return Numbers(embedding_dim)
    if representation in ("embedding", "transformer"):
        return Embedding(n_tokens, embedding_dim)
    return OneHot(n_tokens) if representation == "onehot" else Integer(n_tokens)
