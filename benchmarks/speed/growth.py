"""A fit from raw texts, a BiLSTM: how time and memory grow with the rows."""

from __future__ import annotations

import math
from pathlib import Path

import corpora
from contests import Contest, Entrant, Figures, Line, Repeat, least, serve
from training import classifier

LONGEST = 100
WARM = 128  # rows of an earlier fit, so that the first rows do not pay what comes once


def textseq(
    folder: Path, rows: int, longest: int, epochs: int, warm: int, limit: float | None = None
) -> Repeat:
    from textseq import TextClassifier  # noqa: F401

    X, y = corpora.texts(folder, "imdb")

    def fit(rows: int) -> None:
        classifier("bilstm", max_length=longest, max_epochs=epochs).fit(X[:rows], y[:rows])

    if warm:
        fit(warm)
    return lambda: fit(rows)


def pytorch(
    folder: Path, rows: int, longest: int, epochs: int, warm: int, limit: float | None = None
) -> Repeat:
    import torch
    import torch_user

    X, y = corpora.texts(folder, "imdb")
    labels = torch.tensor([label == y[0] for label in y]).long()

    def fit(rows: int) -> None:
        vocabulary = torch_user.build_vocabulary(X[:rows], corpora.WORDS)
        ids = torch_user.encode(X[:rows], vocabulary, longest)
        model = torch_user.Recurrent(len(vocabulary))
        optimizer = torch.optim.Adam(model.parameters())
        batches = torch_user.loader(ids, labels[:rows])
        for _ in range(epochs):
            torch_user.train_epoch(model, batches, optimizer, limit or math.inf)

    if warm:
        fit(warm)
    return lambda: fit(rows)


CONTESTANTS = {"textseq": textseq, "PyTorch": pytorch}


def contests(quick: bool) -> list[Contest]:
    first = 250 if quick else 1000
    entrants = [
        Entrant(
            who,
            {"rows": times * first, "longest": LONGEST, "epochs": 1, "warm": WARM},
            f"{who}, {times}x",
        )
        for times in (1, 4, 16)
        for who in CONTESTANTS
    ]
    return [Contest("rows", entrants, rounds=1 if quick else 2, fresh=True)]


def lines(found: dict[str, dict[str, Figures]]) -> list[Line]:
    def grown(figure: str, times: int) -> dict[str, float | None]:
        repeats = found["rows"]
        return {
            who: least(repeats[f"{who}, {times}x"], figure) / least(repeats[f"{who}, 1x"], figure)
            for who in CONTESTANTS
        }

    return [
        Line(f"{name} of a fit with {times}x rows / with 1x", "x", grown(figure, times))
        for name, figure in (("time", "seconds"), ("memory", "peak_mb"))
        for times in (4, 16)
    ]


if __name__ == "__main__":
    serve(CONTESTANTS)
