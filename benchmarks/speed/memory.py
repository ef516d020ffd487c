"""Highest memory of a fit from raw texts, a BiLSTM on imdb, above that after imports."""

from __future__ import annotations

from contests import Contest, Entrant, Figures, Line, least, serve
from growth import CONTESTANTS
from training import LONGEST

SECONDS = 10.0  # a peer's epoch on all of imdb ends then: its memory has long been taken


def contests(quick: bool) -> list[Contest]:
    rows, few = (1280, 128) if quick else (25_000, 1280)
    whole = {"rows": rows, "longest": LONGEST, "epochs": 1, "warm": 0, "limit": SECONDS}
    short = {"rows": few, "longest": LONGEST, "warm": 0}
    by_epochs = [
        Entrant(who, short | {"epochs": epochs}, f"{who}, {epochs} epochs")
        for epochs in (1, 3)
        for who in CONTESTANTS
    ]
    return [
        Contest("all rows", [Entrant(who, whole) for who in CONTESTANTS], rounds=1, fresh=True),
        Contest("epochs", by_epochs, rounds=1, fresh=True),
    ]


def lines(found: dict[str, dict[str, Figures]]) -> list[Line]:
    table = []
    if "all rows" in found:
        peaks = {who: least(found["all rows"][who], "peak_mb") for who in CONTESTANTS}
        table.append(Line("memory of training a bilstm, imdb", "MB", peaks))
    if "epochs" in found:
        grown = {
            who: least(found["epochs"][f"{who}, 3 epochs"], "peak_mb")
            / least(found["epochs"][f"{who}, 1 epochs"], "peak_mb")
            for who in CONTESTANTS
        }
        table.append(Line("memory of training 3 epochs / 1 epoch", "x", grown))
    return table


if __name__ == "__main__":
    serve(CONTESTANTS)
