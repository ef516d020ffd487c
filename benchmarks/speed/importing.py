"""A process that imports a package and ends."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from contests import Contest, Entrant, Figures, Line, Repeat, least, serve

PEERS = {
    "PyTorch": "import torch",
    "Keras": "import keras",
    "skorch": "import skorch",
    "scikit-learn": "import sklearn",
    "gensim": "import gensim",
}
OURS = {
    "textseq": "import textseq",
    "textseq, classifier": "from textseq import TextClassifier",
}


def importing(folder: Path, statement: str) -> Repeat:
    def once() -> None:
        subprocess.run([sys.executable, "-c", statement], check=True)

    once()  # the files are then in memory
    return once


def contests(quick: bool) -> list[Contest]:
    entrants = [Entrant("textseq", {"statement": OURS[label]}, label) for label in OURS]
    entrants += [Entrant("peer", {"statement": PEERS[label]}, label) for label in PEERS]
    return [Contest("processes", entrants, rounds=1 if quick else 3)]


def lines(found: dict[str, dict[str, Figures]]) -> list[Line]:
    peers = {who: least(found["processes"][who]) for who in PEERS}
    return [
        Line(OURS[label], "s", {"textseq": least(found["processes"][label])} | peers)
        for label in OURS
    ]


if __name__ == "__main__":
    serve({"textseq": importing, "peer": importing})
