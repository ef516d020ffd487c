"""What rows asked of embedding services: the price of texts, and what came from the cache."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from textseq.comparison.scores.model import ComparedModel
from textseq.comparison.scores.run import Run

# A few texts that stand in training and test, say, change no time that one would notice.
_FEW = 0.05


def dollars_per_1000(runs: Sequence[Run]) -> float | None:
    """Return what a service takes for a thousand texts, by the tokens that it counted.

    Texts from the cache count as if they had been paid for now, so that the price is
    the same on the second run.

    Parameters
    ----------
    runs : sequence of Run
        Of one row.

    Returns
    -------
    float or None
        US dollars. None of rows that ask no service, and where no price is known.
    """
    prices, n_texts = [], 0
    for receipt in _receipts(runs):
        if receipt["price"] is None:
            return None
        prices.append(receipt["price"] + receipt["cached_price"])
        n_texts += _n_texts(receipt)
    return 1000 * sum(prices) / n_texts if n_texts else None


def cached_share(runs: Sequence[Run]) -> float:
    """Return the share of a row's texts whose vectors were in the cache; 0 without a service."""
    receipts = _receipts(runs)
    n_texts = sum(map(_n_texts, receipts))
    return sum(receipt["n_cached"] for receipt in receipts) / n_texts if n_texts else 0.0


def is_from_cache(model: ComparedModel) -> bool:
    """Whether so many vectors of a row came from the cache that its times are not the service's."""
    return model.cached_share > _FEW


def cache_warnings(models: Iterable[ComparedModel]) -> list[str]:
    """Return what should be known of the times of rows that found vectors in the cache."""
    return [
        f"{100 * model.cached_share:.0f} % of the vectors of {model.name} came from the cache; "
        "its times are those of the disk there, not of the service"
        for model in models
        if is_from_cache(model)
    ]


def services_receipt(runs: Mapping[str, Iterable[Iterable[Run]]]) -> dict[str, Any]:
    """Return what a comparison asked of services and paid them now, by row.

    Parameters
    ----------
    runs : mapping of a row's name to its runs by seed and fold

    Returns
    -------
    dict
        ``services``, or nothing where no row asks one.
    """
    asked = {name: _receipts(run for seed in seeds for run in seed) for name, seeds in runs.items()}
    services = {
        name: {
            "requests": sum(receipt["n_requests"] for receipt in receipts),
            "tokens": sum(receipt["n_tokens"] for receipt in receipts),
            "dollars": None
            if receipts[0]["price"] is None
            else sum(receipt["price"] for receipt in receipts),
        }
        for name, receipts in asked.items()
        if receipts
    }
    return {"services": services} if services else {}


def _receipts(runs: Iterable[Run]) -> list[dict[str, Any]]:
    return [run.service for run in runs if run.service is not None]


def _n_texts(receipt: Mapping[str, Any]) -> int:
    """Return how many distinct texts were embedded, from the cache or anew."""
    return int(receipt["n_cached"] + receipt["n_embedded"])
