"""What the steps of a row say for one answer of a network that answers step by step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from textseq.checks import check_count
from textseq.inspection.explanation import (
    MOST_LEFT_OUT,
    TOLERANCE,
    Attributions,
    Explanation,
    verdict_of,
)
from textseq.inspection.integrated_gradients import integrated_gradients
from textseq.inspection.step_reading import StepReading, TextReading, read_row
from textseq.training.threads import ThreadTeam

# Versions of a row that are read at once.
TOGETHER = 16


def explain_step(model: Any, row: Any, target: Any, step: int | None) -> Explanation:
    """Attribute one answer to the steps of its row; ``explain`` tells the parameters."""
    reading = read_row(model, row)
    place = _place(reading, step)
    column = _column(reading, place, target, step)

    def value(x: Tensor) -> Tensor:
        """Return the log-odds (n,) of the answer, of inputs (n, T, D)."""
        log_p = reading.log_p(x, place)
        own = torch.zeros(log_p.shape[1], dtype=torch.bool)
        own[column] = True
        return log_p[:, column] - log_p.masked_fill(own, -torch.inf).logsumexp(1)

    x, n_steps = reading.vectors, len(reading.steps)
    stretch = -(-n_steps // MOST_LEFT_OUT)
    with ThreadTeam(1), torch.no_grad():
        output = float(value(x[None]))
        baseline = float(value(torch.zeros_like(x)[None]))
        answer = float(reading.log_p(x[None], place)[0, column].exp())
    allowed = TOLERANCE * max(1.0, abs(output - baseline))
    with ThreadTeam(reading.n_threads) as team:
        gradients, n_points = integrated_gradients(value, x, allowed, team)
        without = _without_each(reading, value, stretch, team)
    found = Attributions(output, baseline, without, stretch, gradients, 0.0, n_points, allowed)
    name, called = str(reading.names[column]), reading.called(place)
    table = found.table(reading.steps)
    verdict = verdict_of(table, reading.steps, name, answer, called) + found.remarks(reading.steps)
    return Explanation(
        table,
        verdict,
        name,
        answer,
        output,
        baseline,
        found.gap,
        n_points,
        steps=reading.steps,
        place=called,
    )


def _without_each(
    reading: StepReading, value: Callable[[Tensor], Tensor], width: int, team: ThreadTeam
) -> np.ndarray:
    """Return the value (parts,) of the row without each ``width`` steps in turn."""
    n_steps = len(reading.steps)
    part_of = torch.arange(n_steps) // width
    n_parts = int(part_of[-1]) + 1

    def values(parts: Tensor) -> np.ndarray:
        gone = part_of == parts[:, None]  # (n, T)
        with torch.no_grad():
            x = torch.where(gone[:, :, None], reading.left_out, reading.vectors)  # (n, T, D)
            return value(x).numpy()

    return np.concatenate(team.map(values, list(torch.arange(n_parts).split(TOGETHER))))


def _place(reading: StepReading, step: int | None) -> int:
    """Return the place, from 0, of the answer that is explained."""
    n_places = len(reading.said)
    if step is None:
        # What is expected behind a text is what one asks of it.
        is_text = isinstance(reading, TextReading)
        return n_places - 1 if is_text else int(reading.own_log_p().argmin())
    chosen = check_count("step", step)
    if chosen > n_places:
        raise ValueError(f"step={step}, but there are {n_places} answers; choose one from 1 up")
    return chosen - 1


def _column(reading: StepReading, place: int, target: Any, step: int | None) -> int:
    """Return which of the names is explained."""
    if target is None:
        if step is None and isinstance(reading, TextReading):
            with ThreadTeam(1), torch.no_grad():
                return int(reading.log_p(reading.vectors[None], place).argmax())
        return int(reading.said[place])
    names = list(reading.names)
    if target not in names:
        known = ", ".join(map(repr, names[:10])) + (", ..." if len(names) > 10 else "")
        raise ValueError(
            f"target={target!r} is not among what the model may answer; choose from {known}"
        )
    return names.index(target)
