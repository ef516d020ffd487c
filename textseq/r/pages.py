"""Pages that R asks for."""

from __future__ import annotations

from typing import Any

from textseq.playground import lab
from textseq.r.models import data_values, model_of, option_values


def write_page(
    id: list[str], path: list[str], data: dict[str, Any] | None, options: dict[str, Any] | None
) -> str:
    """Write the page in which an open model can be played with.

    Parameters
    ----------
    id : list of one str
        Of the model.
    path : list of one str
    data : dict or None
        Rows to choose from: ``X`` and, where it is known, ``y``.
    options : dict or None
        The other arguments of ``to_page``.

    Returns
    -------
    str
        Where it was written.
    """
    model: Any = model_of(id[0])
    return str(model.to_page(path[0], **data_values(data), **option_values(options)))


def write_lab(path: list[str]) -> str:
    """Write the page in which small networks learn.

    Parameters
    ----------
    path : list of one str
    """
    return str(lab.write_lab(path[0]))
