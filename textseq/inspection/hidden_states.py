"""What a network believes as it reads: its hidden states, and its answer after each step."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import torch

from textseq.inspection.reading import Reading, answer_names, first_member, prefixes, read_one
from textseq.inspection.states_result import HiddenStates, moved_most
from textseq.inspection.step_reading import answers_each_step
from textseq.inspection.step_states import follow_row
from textseq.inspection.steps import Steps
from textseq.nn.bags import Bag
from textseq.ragged import Ragged
from textseq.training.threads import ThreadTeam

# A change of the answer below this, in probability or in the targets' deviation, is none.
STILL = 0.005


def hidden_states(model: Any, sequence: Any) -> HiddenStates:
    """Follow a network through a text or series: its states, and its answer after each step.

    The answer after t steps is that to the first t tokens of the text, or steps of the series,
    read anew: also where the network reads backwards, or pools over all its states. So is what
    a Seq2Seq makes of the beginnings of a source: how likely its answer is by then. A
    SequenceTagger's answer is the tag of each step, given the whole row; a Transcriber's the symbol
    of each, or that none is said; a LanguageModel's the token behind each, given those up to it.

    Parameters
    ----------
    model : any estimator but a Forecaster
        Fitted on one text or series a row, with any encoder; a SequenceTagger, a LanguageModel, a
        Seq2Seq or a Transcriber.
    sequence : str or Tokens of one text, or array of shape (channels, time) or (time,)
        Of a SequenceTagger a list of tokens or an array of frames; of a Seq2Seq a source;
        of a Transcriber a wave.

    Returns
    -------
    HiddenStates

    Raises
    ------
    ValueError
        If there are no steps, or the model is not fitted or reads pairs.

    Examples
    --------
    >>> from textseq import TextClassifier
    >>> texts, labels = ["so good", "so bad"] * 20, ["pos", "neg"] * 20
    >>> model = TextClassifier(encoder="gru", hidden_size=4, random_state=0).fit(texts, labels)
    >>> found = hidden_states(model, "so very good")
    >>> found.table[["step", "token", "known"]]
       step token  known
    0     1    so   True
    1     2  very  False
    2     3  good   True
    >>> found.states.shape
    (3, 4)
    """
    if answers_each_step(model):
        return follow_row(model, sequence)
    reading = read_one(first_member(model), sequence)
    # A row without a step comes first: the answer before anything is read.
    steps = prefixes(len(reading))
    from_nothing = Ragged(steps.values, np.concatenate([[0], steps.offsets]))
    found = model.answers(reading.logits(from_nothing))
    after, names = found[1:], answer_names(model)
    leading = int(after[-1].argmax())
    columns = names if names == ["prediction"] else [f"p({name})" for name in names]
    table = reading.steps.table().join(pd.DataFrame(after, columns=columns))
    table["change"] = np.diff(found[:, leading])
    still = STILL * (model.scale_ if names == ["prediction"] else 1.0)
    verdict = _verdict(table, after, names, still, reading.steps) + reading.steps.remarks()
    named = "the prediction" if columns == names else f"the probability of {names[leading]}"
    return HiddenStates(
        table,
        verdict,
        _states(reading, steps),
        after,
        names,
        reading.steps,
        leading,
        table["change"].abs().to_numpy(),
        f"after each {reading.steps.words.step}",
        moved_most(table["change"], reading.steps, named),
    )


def _states(reading: Reading, steps: Ragged) -> np.ndarray:
    network = reading.network
    if isinstance(network.encoder, Bag):
        return reading.document_vectors(steps)
    with ThreadTeam(1), torch.no_grad():
        states = network.states(reading.vectors[None], torch.tensor([len(reading)]))
    return states[0].numpy()


def _verdict(
    table: pd.DataFrame, after: np.ndarray, names: list[str], still: float, steps: Steps
) -> str:
    leading = int(after[-1].argmax())
    what = "the prediction is" if names == ["prediction"] else f"{names[leading]} has probability"
    end = f"at the end {what} {after[-1, leading]:.3g}"
    step = int(table["change"].abs().argmax())
    change = table["change"][step]
    if abs(change) < still:
        return (
            f"{end}, as before the first {steps.words.step}: the network answers without regard "
            f"to this {steps.words.one}; see whether its score is above that of the majority class"
        )
    moved = f"{steps.called(step)} moved it most, by {change:+.3g}"
    if not step:
        moved += f" against an empty {steps.words.one}"
    if len(names) == 1:
        return f"{end}; {moved}"
    behind = np.flatnonzero(after.argmax(1) != leading)
    since = int(behind[-1]) + 2 if len(behind) else 1
    return f"{end} and leads since step {since} of {len(after)}; {moved}"
