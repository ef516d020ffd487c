"""What embedding texts took."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Self

from textseq.embedding.api_price import api_price
from textseq.embedding.requests import Batch


@dataclass
class ApiReceipt:
    """What embedding texts took, summed over calls.

    Parameters
    ----------
    model, base_url : str
    n_texts, n_cut : int
        Rows, and those whose text was cut.
    n_cached, n_embedded : int
        Distinct texts that were in the cache, and those that the service was asked for.
    n_requests, n_retries : int
        Requests, and those of them for texts that had been asked for before.
    n_tokens : int
        That were paid for, as the service counted them.
    n_cached_tokens : float
        Of the texts from the cache.
    seconds : float

    Examples
    --------
    >>> receipt = ApiReceipt("bge-m3", "http://localhost:8080/v1", n_tokens=2000)
    >>> receipt.to_dict({"bge-m3": 0.01})["price"]
    2e-05
    """

    model: str
    base_url: str
    n_texts: int = 0
    n_cut: int = 0
    n_cached: int = 0
    n_embedded: int = 0
    n_requests: int = 0
    n_retries: int = 0
    n_tokens: int = 0
    n_cached_tokens: float = 0.0
    seconds: float = 0.0

    @classmethod
    def of(cls, earlier: dict[str, Any] | None, model: str, base_url: str) -> Self:
        """Return a receipt that goes on from an earlier one, if that is of the same service."""
        if earlier is None or (earlier["model"], earlier["base_url"]) != (model, base_url):
            return cls(model, base_url)
        return cls(**{field.name: earlier[field.name] for field in fields(cls)})

    def add(self, batch: Batch) -> None:
        """Count the requests of a batch and what was paid for them."""
        self.n_requests += batch.n_requests
        self.n_retries += max(0, batch.n_requests - 1)
        self.n_tokens += batch.paid_tokens

    def to_dict(self, prices: Mapping[str, float] | None) -> dict[str, Any]:
        """Return all of it, with prices in US dollars; None where none is known."""
        return {
            **asdict(self),
            "price": api_price(self.n_tokens, self.model, self.base_url, prices),
            "cached_price": api_price(self.n_cached_tokens, self.model, self.base_url, prices),
        }
