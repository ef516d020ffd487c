"""R and Python together: the wire between them, R's data as pandas, R code run from Python.

The public names are loaded on first use.
"""

import importlib
from typing import Any

_HOME = {
    "plain": "textseq.r.plain_values",
    "r_dataset": "textseq.r.datasets",
    "run_r": "textseq.r.run",
    "to_pandas": "textseq.r.datasets",
}

__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'textseq.r' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
