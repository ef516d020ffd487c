"""Parameters that are true or false, and nothing else."""

from __future__ import annotations

from typing import Any

import numpy as np

from textseq.message_language import written


def check_flag(name: str, value: Any) -> bool:
    """Return a truth value; whatever else raises ValueError, as "no" would count as true.

    Examples
    --------
    >>> check_flag("lowercase", False)
    False
    >>> check_flag("lowercase", "no")
    Traceback (most recent call last):
    ValueError: lowercase must be True or False, got 'no'
    """
    if not isinstance(value, bool | np.bool_):
        raise ValueError(
            f"{name} must be {written(True)} or {written(False)}, got {written(value)}"
        )
    return bool(value)
