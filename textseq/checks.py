"""Checks of parameters: what was wrong, the value, and what to do."""

from __future__ import annotations

import difflib
import numbers
from collections.abc import Iterable
from typing import Any

import numpy as np

from textseq.message_language import written


def check_choice(name: str, value: Any, choices: Iterable[str], or_none: bool = False) -> None:
    """Raise ValueError unless ``value`` is one of ``choices``; ``or_none`` is told only."""
    choices = list(choices)
    if value in choices:
        return
    near = difflib.get_close_matches(str(value), choices, n=1)
    hint = f"; did you mean {written(near[0])}? Choose" if near else "; choose"
    none = f", or {written(None)}" if or_none else ""
    raise ValueError(f"unknown {name} {written(value)}{hint} from: {', '.join(choices)}{none}")


def check_count(name: str, value: Any, least: int = 1) -> int:
    """Return a whole number of at least ``least``; whole floats (as R sends) are accepted."""
    is_number = isinstance(value, numbers.Real) and not isinstance(value, bool)
    if not is_number or float(value) % 1 or value < least:
        raise ValueError(f"{name} must be a whole number of at least {least}, got {written(value)}")
    return int(float(value))


def as_int(value: Any) -> Any:
    """Return a whole float, as R sends counts, as an int; whatever else as it is."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def check_number(
    name: str, value: Any, least: float = 0.0, under: float = float("inf"), above: bool = False
) -> float:
    """Return a number in [least, under), or (least, under) if ``above``."""
    fits = isinstance(value, numbers.Real) and not isinstance(value, bool)
    if not fits or not least <= value < under or (above and value == least):
        low = f"above {least:g}" if above else f"at least {least:g}"
        high = "" if under == float("inf") else f" and under {under:g}"
        raise ValueError(f"{name} must be a number {low}{high}, got {written(value)}")
    return float(value)


def seed_of(state: Any) -> int:
    """Return a seed for a random state as scikit-learn takes it; None draws a new one."""
    if state is None:
        return int(np.random.SeedSequence().generate_state(1)[0])
    if isinstance(state, np.random.RandomState):
        return int(state.randint(2**31 - 1))
    if isinstance(state, np.random.Generator):
        return int(state.integers(2**31 - 1))
    return check_count("random_state", state, least=0)


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
