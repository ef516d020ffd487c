"""The training of training.py on a quiet machine and beside two busy processes."""

from __future__ import annotations

from contests import Contest, Entrant, Figures, Line, greatest, serve
from training import CONTESTANTS as ALL

CONTESTANTS = {who: ALL[who] for who in ("textseq", "PyTorch")}
BUSY = 2


def contests(quick: bool) -> list[Contest]:
    case = {"corpus": "imdb", "encoder": "bilstm", "rows": 256 if quick else 30 * 64}
    entrants = [
        Entrant(who, case | {"limit": 2.0 if quick else 10.0}, f"{who}, {label}", busy)
        for label, busy in (("quiet", 0), ("busy", BUSY))
        for who in CONTESTANTS
    ]
    return [Contest("bilstm, imdb", entrants, rounds=1 if quick else 2)]


def lines(found: dict[str, dict[str, Figures]]) -> list[Line]:
    repeats = found["bilstm, imdb"]
    best = {name: greatest(repeats[name], "tokens_per_second") for name in repeats if "," in name}
    busy = {who: best[f"{who}, busy"] for who in CONTESTANTS}
    slower = {who: best[f"{who}, quiet"] / busy[who] for who in CONTESTANTS}
    remarks = {who: f"{slower[who]:.1f}x slower than alone" for who in CONTESTANTS}
    work = f"train bilstm, imdb, beside {BUSY} busy processes"
    return [Line(work, "tokens/s", busy, remarks, more_is_better=True)]


if __name__ == "__main__":
    serve(CONTESTANTS)
