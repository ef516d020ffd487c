"""The measured figures as one markdown table."""

from __future__ import annotations

from contests import Line

HEAD = """\
| work | textseq | best peer | times better | other peers, times better |
|---|---|---|---|---|
"""


def markdown(lines: list[Line]) -> str:
    """One line of the table for each line of work: textseq, its best peer, the others."""
    return HEAD + "".join(_row(line) for line in lines)


def _row(line: Line) -> str:
    own = line.values["textseq"]
    order = sorted(
        (who for who in line.values if who != "textseq"), key=lambda who: _rank(line, who)
    )
    best, others = order[:1], order[1:]
    cells = [
        line.work,
        _shown(line, "textseq"),
        f"{best[0]} {_shown(line, best[0])}" if best else "-",
        _times(own, line, best[0]) if best else "-",
        "; ".join(f"{who} {_shown(line, who)}: {_times(own, line, who)}" for who in others) or "-",
    ]
    return "| " + " | ".join(cells) + " |\n"


def _rank(line: Line, who: str) -> float:
    value = line.values[who]
    if value is None:
        return float("inf")
    return -value if line.more_is_better else value


def _shown(line: Line, who: str) -> str:
    value = line.values[who]
    if value is None:
        return "not reached"
    figure = f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
    remark = f" ({line.remarks[who]})" if who in line.remarks else ""
    return f"{figure}{'' if line.unit == 'x' else ' '}{line.unit}{remark}"


def _times(own: float | None, line: Line, who: str) -> str:
    """How often textseq's figure is better than a peer's: below 1 it is worse."""
    value = line.values[who]
    if line.unit == "x" or own is None or value is None:
        return "-"
    ratio = own / value if line.more_is_better else value / own
    return f"{ratio:.0f}x" if ratio >= 100 else f"{ratio:.2g}x" if ratio >= 1 else f"{ratio:.2f}x"
