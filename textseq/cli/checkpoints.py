"""Options that name where fits are kept while they go on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

CheckpointFile = Annotated[
    Path | None,
    typer.Option(
        "--checkpoint",
        metavar="FILE",
        help="Keep the fit there while it goes on; started anew it goes on from there.",
    ),
]
CheckpointFolder = Annotated[
    Path | None,
    typer.Option(
        "--checkpoint",
        metavar="FOLDER",
        help="Keep the fits there, a file each; started anew, those that are over are not done "
        "again.",
    ),
]
