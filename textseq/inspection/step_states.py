"""The states and answers of a network that answers step by step, as it reads one row."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import torch

from textseq.figures import short
from textseq.inspection.states_result import HiddenStates, moved_most
from textseq.inspection.step_reading import (
    EachStepReading,
    SourceReading,
    TagReading,
    TextReading,
    WaveReading,
    read_row,
)
from textseq.training.threads import ThreadTeam


def follow_row(model: Any, row: Any) -> HiddenStates:
    """Follow a network through one row; ``hidden_states`` tells the parameters."""
    reading = read_row(model, row)
    if isinstance(reading, TagReading):
        return _of_tags(reading)
    if isinstance(reading, TextReading):
        return _of_text(reading)
    if isinstance(reading, WaveReading):
        return _of_wave(reading)
    assert isinstance(reading, SourceReading)
    return _of_source(reading)


def _of_tags(reading: TagReading) -> HiddenStates:
    return _of_each_step(reading, "tag", "its tags have")


def _of_wave(reading: WaveReading) -> HiddenStates:
    heard = reading.heard if isinstance(reading.heard, str) else " ".join(reading.heard)
    return _of_each_step(reading, "symbol", f"it hears {short(heard, 60)!r}; what it says has")


def _of_each_step(reading: EachStepReading, what: str, begin: str) -> HiddenStates:
    """Tell the answers of all steps, ``what`` they are called, and how the verdict begins."""
    with ThreadTeam(1), torch.no_grad():
        answers = reading.all_log_p(reading.vectors[None])[0].exp().numpy()  # (T, K)
    names, steps = [str(name) for name in reading.names], reading.steps
    own = answers[np.arange(len(answers)), reading.said]
    table = steps.table().assign(**{what: [names[said] for said in reading.said]})
    table = table.join(pd.DataFrame(answers, columns=[f"p({name})" for name in names]))
    least = int(own.argmin())
    answer = names[reading.said[least]]
    verdict = (
        f"{begin} a probability of {own.mean():.2g} on average; least sure is it at "
        f"{steps.called(least, f'{answer}, {own[least]:.2g}')}"
    )
    return HiddenStates(
        table,
        verdict + steps.remarks(),
        reading.states(),
        answers,
        names,
        steps,
        int(reading.said[least]),
        1 - own,
        f"at each {steps.words.step}",
        f"{steps.titled(least)} is {short(answer, 24)} with {own[least]:.2g}, the least sure "
        f"{what}",
    )


def _of_text(reading: TextReading) -> HiddenStates:
    steps, tokens = reading.steps, reading.names
    with ThreadTeam(1), torch.no_grad():
        log_p = reading.all_log_p()  # (T, V)
        best, guess = log_p.max(1)
    own = log_p.gather(1, torch.from_numpy(reading.said)[:, None])[:, 0].numpy()
    answers = np.exp(np.stack([own, best.numpy()], axis=1))  # (T, 2)
    table = steps.table().assign(next=[tokens[said] for said in reading.said])
    table["p(next)"] = answers[:, 0]
    table["guess"] = [tokens[number] for number in guess.tolist()]
    table["p(guess)"] = answers[:, 1]
    least = int(own.argmin())
    what, expected = table["next"][least], table["guess"][least]
    verdict = (
        f"perplexity {np.exp(-own.mean()):.4g} over {len(own)} tokens; most surprised by {what!r} "
        f"behind {steps.called(least, f'probability {answers[least, 0]:.2g}')}, where it expected "
        f"{expected!r} ({answers[least, 1]:.2g})"
    )
    return HiddenStates(
        table,
        verdict + steps.remarks(),
        reading.states(),
        answers,
        ["what comes next", "the likeliest"],
        steps,
        0,
        -own,
        f"after each {steps.words.step}",
        f"What comes behind {steps.titled(least)} surprises most: probability "
        f"{answers[least, 0]:.2g}",
    )


def _of_source(reading: SourceReading) -> HiddenStates:
    steps, found = reading.steps, reading.answer_so_far()
    # To an empty source nothing is answered, so that no other answer has a probability.
    change = np.diff(found, prepend=0.0)
    table = steps.table().assign(**{"p(its answer)": found, "change": change})
    step = int(table["change"].abs().argmax())
    answer = reading.answer if isinstance(reading.answer, str) else " ".join(reading.answer)
    verdict = (
        f"it answers {short(answer, 60)!r}, whose tokens have a probability of {found[-1]:.3g} "
        f"(geometric mean) at the end; {steps.called(step)} moved it most, by "
        f"{table['change'][step]:+.3g}"
    )
    return HiddenStates(
        table,
        verdict + steps.remarks(),
        reading.states(),
        found[:, None],
        ["its answer"],
        steps,
        0,
        table["change"].abs().to_numpy(),
        f"after each {steps.words.step}",
        moved_most(table["change"], steps, "the probability of its answer"),
    )
