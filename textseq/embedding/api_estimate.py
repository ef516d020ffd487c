"""What embedding texts would take, told before anything is asked for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ApiEstimate:
    """What it would take to embed texts that are not in the cache.

    Parameters
    ----------
    n_texts : int
        Rows.
    n_distinct : int
        Texts that differ, empty ones aside.
    n_cached : int
        Of these, in the cache already.
    n_requests : int
    n_tokens : int
        Of the texts that are not in the cache.
    price : float or None
        In US dollars; None where no price is known.
    counted_by : {"tiktoken", "characters"}
        How tokens were counted; "characters" is an estimate, 1.0 to 1.3 times as many as
        tiktoken counts in English and Portuguese.

    Examples
    --------
    >>> print(ApiEstimate(1000, 980, 300, 3, 20_000, 0.0004, "characters"))
    1,000 texts, 980 distinct, 300 in the cache; 680 to embed in 3 requests, about 20,000 tokens
    (estimated from the characters), USD 0.0004
    >>> print(ApiEstimate(2, 2, 2, 0, 0, 0.0, "tiktoken"))
    2 texts, 2 distinct, 2 in the cache; 0 to embed in 0 requests, 0 tokens (counted by tiktoken),
    USD 0
    """

    n_texts: int
    n_distinct: int
    n_cached: int
    n_requests: int
    n_tokens: int
    price: float | None
    counted_by: str

    def __str__(self) -> str:
        counted, about = "counted by tiktoken", ""
        if self.counted_by == "characters":
            counted, about = "estimated from the characters", "about "
        requests = "request" if self.n_requests == 1 else "requests"
        price = "price not known" if self.price is None else f"USD {self.price:.2g}"
        return (
            f"{self.n_texts:,} texts, {self.n_distinct:,} distinct, {self.n_cached:,} in the "
            f"cache; {self.n_distinct - self.n_cached:,} to embed in {self.n_requests:,} "
            f"{requests}, {about}{self.n_tokens:,} tokens ({counted}), {price}"
        )
