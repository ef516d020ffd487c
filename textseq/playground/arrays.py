"""The numbers that a page holds: one block of bytes, and where each array lies in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

# What a browser opens from disk without a pause, and mail still carries.
MOST_BYTES = 20_000_000
PRECISIONS = ("auto", "float32", "float16")
# JavaScript lays typed arrays on such places only.
ALIGNED = 8


@dataclass
class Arrays:
    """Arrays under names, to be laid end to end.

    Examples
    --------
    >>> arrays = Arrays()
    >>> arrays.add("head.b", np.array([0.5, -0.5]))
    {'array': 'head.b'}
    >>> places, block = arrays.laid("float16")
    >>> places
    {'head.b': {'shape': [1, 2], 'start': 0, 'dtype': 'float16'}}
    >>> len(block)
    8
    """

    values: dict[str, np.ndarray] = field(default_factory=dict)
    exact: set[str] = field(default_factory=set)

    def add(self, name: str, values: Any, exact: bool = False) -> dict[str, str]:
        """Take an array; return what stands for it in the page's JSON.

        Parameters
        ----------
        name : str
            No other array has it.
        values : array of shape (rows, columns), or (columns,), which is one row
        exact : bool, default False
            Whether it is of whole numbers up to 2^53, which no precision may round.
        """
        assert name not in self.values, name
        found = np.asarray(values)
        self.values[name] = found.reshape(1, -1) if found.ndim == 1 else found
        if exact:
            self.exact.add(name)
        return {"array": name}

    def n_bytes(self, precision: str) -> dict[str, int]:
        """Return what each array takes in a precision."""
        return {
            name: values.size * np.dtype(self._dtype(name, precision)).itemsize
            for name, values in self.values.items()
        }

    def laid(self, precision: str) -> tuple[dict[str, Any], bytes]:
        """Return where each array lies, and the block of all of them."""
        places, parts, end = {}, [], 0
        for name, values in self.values.items():
            dtype = self._dtype(name, precision)
            data = np.ascontiguousarray(values, dtype=np.dtype(dtype).newbyteorder("<")).tobytes()
            places[name] = {"shape": list(values.shape), "start": end, "dtype": dtype}
            padded = data + b"\0" * (-len(data) % ALIGNED)
            parts.append(padded)
            end += len(padded)
        return places, b"".join(parts)

    def _dtype(self, name: str, precision: str) -> str:
        if name in self.exact:
            return "float64"
        values = self.values[name]
        # What float16 has no number for stays as it is.
        if np.abs(values, dtype=np.float64).max(initial=0.0) > np.finfo(np.float16).max:
            return "float32"
        return precision
