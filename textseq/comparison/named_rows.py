"""The rows that a caller asks a comparison for, each with its name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


def named_rows(encoders: Any) -> Iterable[tuple[str, Any]]:
    """Yield each row's name and what the caller gave for it."""
    if isinstance(encoders, str):
        encoders = [encoders]
    if isinstance(encoders, Mapping):
        yield from encoders.items()
        return
    for item in encoders:
        if isinstance(item, Mapping):
            yield from item.items()
        elif isinstance(item, str):
            yield item, item
        else:
            raise ValueError(f"give the row {item!r} a name: {{'my row': estimator}}")
