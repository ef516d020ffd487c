"""What a service takes for its vectors."""

from __future__ import annotations

from collections.abc import Mapping

OFFICIAL_URL = "https://api.openai.com/v1"

#: US dollars for a million tokens, as the service published them in 2026.
PRICES: dict[str, float] = {
    "text-embedding-3-small": 0.02,
    "text-embedding-3-large": 0.13,
    "text-embedding-ada-002": 0.10,
}


def api_price(
    n_tokens: float, model: str, base_url: str, prices: Mapping[str, float] | None = None
) -> float | None:
    """Return the price of tokens in US dollars; None where none is known.

    Parameters
    ----------
    n_tokens : float
    model : str
    base_url : str
        ``PRICES`` are those of the official service alone.
    prices : mapping of str to float, optional
        US dollars for a million tokens, by model; they come before ``PRICES``.

    Examples
    --------
    >>> api_price(500_000, "text-embedding-3-small", OFFICIAL_URL)
    0.01
    >>> api_price(500_000, "bge-m3", "http://localhost:8080/v1") is None
    True
    >>> api_price(500_000, "bge-m3", "http://localhost:8080/v1", {"bge-m3": 0.01})
    0.005
    """
    known = {**(PRICES if base_url == OFFICIAL_URL else {}), **(prices or {})}
    return n_tokens * known[model] / 1e6 if model in known else None
