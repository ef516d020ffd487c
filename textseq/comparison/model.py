"""One row of a comparison, whatever it predicts."""

from __future__ import annotations

from typing import Any


class Model:
    """A model that was fitted once per seed, and measured beside others.

    Attributes
    ----------
    name : str
        What ``pairs`` call it.
    kind : str
        ``"network"``, ``"baseline"`` or ``"estimator"``.
    parameters : dict
        As used, after "auto" was resolved.
    """

    name: str
    kind: str
    parameters: dict[str, Any]

    @property
    def display_name(self) -> str:
        """The name as sentences, tables and figures have it."""
        return self.name
