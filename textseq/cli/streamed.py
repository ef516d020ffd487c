"""Fits to files that are read some rows at a time, so that memory need not hold them."""

from __future__ import annotations

from typing import Annotated

import typer

from textseq.cli import options

Stream = Annotated[
    bool,
    typer.Option(
        "--stream",
        help="Read DATA, which may be a folder or a glob too, some rows at a time: memory need "
        "not hold it. Its tokens stay in the cache (TEXTSEQ_CACHE).",
    ),
]


def check_streamed(form: options.TableForm, others: dict[str, str | None]) -> None:
    """Refuse what is not done to rows that are read some at a time."""
    own = dict(zip(("--encoding", "--separator", "--empty"), form, strict=True))
    usual = dict(zip(own, options.TableForm(), strict=True))
    for option, value in {**own, **others}.items():
        if value != usual.get(option):
            raise ValueError(f"{option} does not go with --stream; leave one of the two out")
