"""How many networks a command trains."""

from __future__ import annotations

from typing import Annotated

import typer

Members = Annotated[
    int,
    typer.Option(
        metavar="N", help="Networks that are trained one after the other and answer together."
    ),
]
