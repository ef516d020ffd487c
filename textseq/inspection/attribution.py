"""What each step says for an answer: left out of its row, and by integrated gradients."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from textseq.estimators.sequence.estimator import SequenceEstimator
from textseq.inspection.explanation import (
    MOST_LEFT_OUT,
    TOLERANCE,
    Attributions,
    Explanation,
    verdict_of,
)
from textseq.inspection.integrated_gradients import integrated_gradients
from textseq.inspection.reading import Reading, answer_names, read_one
from textseq.inspection.step_attribution import explain_step
from textseq.inspection.step_reading import answers_each_step
from textseq.inspection.wide_reading import WideReading
from textseq.ragged import Ragged, offsets_of
from textseq.training.threads import ThreadTeam


def explain(model: Any, sequence: Any, target: Any = None, step: int | None = None) -> Explanation:
    """Attribute a model's answer to the steps of a text or series, in two ways.

    Occlusion leaves each step out and takes the change of the answer, so that the others keep
    the weight that they have: a text closes up behind a token; but where the network averages
    (``encoder="mean"``, ``pooling="mean"``, ``"attention"`` or ``"concat"``) a vector of zeros
    stands in its place, as a mean of fewer tokens would weigh each of them more; and a step of
    a series is read as if its values were missing. Integrated
    gradients follow the answer from inputs of zero (a text of zero vectors, a series that
    stays at its channels' means) to these and deal the change out to the steps, and to each
    channel of a series, and from columns of an average row to those beside the text; they must
    sum to that change, which is checked. Where the two differ,
    steps act together, and no figure for one tells the whole. The row is read as many times as
    it has steps, so that twice the steps take four times as long; of more than 400 steps several
    that stand together are left out at a time, and each has its share of what the answer loses.

    Of a model that answers step by step one answer is explained: the tag that a SequenceTagger
    gives a token, by all tokens of its row; what a LanguageModel expects behind a token, by those
    up to it; a token that a Seq2Seq says, by the source, after what it has said before; the symbol
    that a Transcriber says at a step, by all steps of the wave. A vector
    of zeros stands in the place of what is left out, so that all other steps keep theirs. That
    tells what an answer hangs on; what a decoder attends to is another thing, which
    ``Seq2Seq.attention_map`` tells.

    Parameters
    ----------
    model : any estimator but a Forecaster
        Fitted on one text or series a row, with any encoder; a SequenceTagger, a LanguageModel, a
        Seq2Seq or a Transcriber.
    sequence : str or Tokens of one text, or array of shape (channels, time) or (time,)
        Of a model that reads columns beside texts a frame of one row; of a SequenceTagger a list
        of tokens or an array of frames; of a Seq2Seq a source; of a Transcriber a wave.
    target : label, optional
        Class, label, tag or token to explain; by default the most probable one, what is said, or
        of a text's token behind another that token itself.
    step : int, optional
        Of a model that answers step by step, whose answer is explained, from 1 as in the tables:
        a token that is tagged; a token behind which another is expected, the last by default; a
        token of a Seq2Seq's answer. By default the tag or token of which the model is least sure.

    Returns
    -------
    Explanation

    Raises
    ------
    ValueError
        If there are no steps, ``target`` is not among the classes, ``step`` is not among the
        steps, or the model is not fitted or reads pairs.

    Warns
    -----
    UserWarning
        If the integrated gradients don't sum to the change they explain.

    References
    ----------
    Occlusion: Li, Monroe & Jurafsky (2016), "Understanding Neural Networks through
    Representation Erasure", equation 1. Integrated gradients: Sundararajan, Taly & Yan (2017),
    "Axiomatic Attribution for Deep Networks", equation 1 and proposition 1, with the integral
    by Gauss and Legendre's rule.

    Examples
    --------
    >>> from textseq import TextClassifier
    >>> texts, labels = ["so good", "so bad"] * 20, ["pos", "neg"] * 20
    >>> model = TextClassifier(encoder="mean", random_state=0).fit(texts, labels)
    >>> found = explain(model, "so good", target="pos")
    >>> int(found.table["occlusion"].argmax()), bool(abs(found.completeness_gap) < 1e-3)
    (1, True)
    """
    if answers_each_step(model):
        return explain_step(model, sequence, target, step)
    if step is not None:
        raise ValueError(
            f"step={step!r}, but a {type(model).__name__} has one answer to all steps; "
            "leave step=None"
        )
    reading = read_one(model, sequence)
    steps, n_steps = reading.steps, len(reading)
    all_steps = Ragged(np.arange(n_steps), offsets_of(np.array([n_steps])))
    logits = reading.logits(all_steps, to_the_end=True)  # (1, outputs)
    column = _column(model, target, logits[0])
    value = _value_of(model, column)
    stretch = -(-n_steps // MOST_LEFT_OUT)
    without_each = reading.logits(reading.without_each(stretch), to_the_end=True)  # (P, outputs)
    vectors = reading.inputs  # (T, D)
    dim = vectors.shape[1]
    # What the steps' n-grams add to the outputs (T, K) lies beside what the network reads (T, D).
    wide = reading.wide
    by_step, rest = (np.empty((n_steps, 0)), None) if wide is None else wide.contributions()
    with ThreadTeam(1):
        inputs = torch.cat([vectors, torch.from_numpy(by_step)], dim=1)
        n_columns = 0 if reading.columns is None else len(reading.columns)
        if reading.columns is not None:  # as steps below the text's own
            width = inputs.shape[1]
            padded = torch.cat([reading.columns, torch.zeros(-n_columns % width).double()])
            inputs = torch.cat([inputs, padded.view(-1, width)])

    def along_path(x: Tensor) -> Tensor:
        steps, columns = x[:, :n_steps], x[:, n_steps:].flatten(1)[:, :n_columns]
        outputs = reading.outputs_of_inputs(steps[..., :dim], columns)
        if rest is not None:
            outputs = outputs + steps[..., dim:].sum(1) + torch.from_numpy(rest)
        return value(outputs)

    with ThreadTeam(1), torch.no_grad():
        output = float(value(torch.from_numpy(logits)))
        baseline = float(along_path(torch.zeros_like(inputs)[None]))
        without = value(torch.from_numpy(without_each))
    # A regressor's answers, and what may be off in them, are in the unit of its targets.
    unit = model.scale_ if _is_number(model) else 1.0
    allowed = TOLERANCE * max(unit, abs(output - baseline))
    with ThreadTeam(reading.n_threads) as team:
        gradients, n_points = integrated_gradients(along_path, inputs, allowed, team)
    found = Attributions(
        output,
        baseline,
        without.numpy(),
        stretch,
        gradients[:n_steps],
        float(gradients[n_steps:].sum()),
        n_points,
        allowed,
        unit,
    )
    table = found.table(steps)
    name, answer = answer_names(model)[column], float(model.answers(logits)[0, column])
    verdict = verdict_of(table, steps, name, answer) + found.remarks(steps)
    ngrams = None if wide is None else _of_ngrams(wide, logits, value)
    columns = None
    if reading.columns is not None:
        shares = gradients[n_steps:].ravel()[:n_columns]
        columns = _of_columns(model, reading, logits, value, shares)
        verdict += _leading_column(columns)
    return Explanation(
        table,
        verdict,
        name,
        answer,
        output,
        baseline,
        found.gap,
        n_points,
        steps=steps,
        ngrams=ngrams,
        columns=columns,
    )


def _of_ngrams(
    wide: WideReading, logits: np.ndarray, value: Callable[[Tensor], Tensor]
) -> pd.DataFrame:
    """Return what the answer of the outputs (1, K) loses without each n-gram."""
    names, parts = wide.ngrams()
    with ThreadTeam(1), torch.no_grad():
        lost = value(torch.from_numpy(logits)) - value(torch.from_numpy(logits - parts))
    table = pd.DataFrame({"ngram": names, "attribution": lost.numpy()})
    order = np.argsort(-table["attribution"].abs(), kind="stable")
    return table.iloc[order].reset_index(drop=True)


def _of_columns(
    model: SequenceEstimator,
    reading: Reading,
    logits: np.ndarray,
    value: Callable[[Tensor], Tensor],
    gradients: np.ndarray,
) -> pd.DataFrame:
    """Return what each column says for the answer of the outputs (1, K).

    Parameters
    ----------
    model, reading, logits, value
    gradients : ndarray of shape (F,)
        Integrated gradients of what the head reads of the columns.
    """
    assert reading.columns is not None
    encoding = model.encoding_.beside
    names, owners = list(encoding.kinds), encoding.owners
    n_steps = len(reading)
    whole = Ragged(np.arange(n_steps), offsets_of(np.array([n_steps])))
    with ThreadTeam(1):
        others = torch.from_numpy(owners != np.arange(len(names))[:, None])  # (C, F)
        averages = reading.columns * others
    without, own = reading.outputs(whole, averages), reading.outputs(whole)
    with ThreadTeam(1), torch.no_grad():
        beside = torch.from_numpy(logits) - own  # of a wide path
        lost = value(torch.from_numpy(logits)) - value(without + beside)
    return pd.DataFrame(
        {
            "column": names,
            "value": reading.source.columns.written(0),
            "occlusion": lost.numpy(),
            "integrated_gradients": np.bincount(owners, gradients, minlength=len(names)),
        }
    )


def _leading_column(columns: pd.DataFrame) -> str:
    """Name the column that moves the answer most."""
    leading = columns.iloc[int(columns["occlusion"].abs().argmax())]
    return f"; of the columns {leading['column']!r} moves it most ({leading['occlusion']:+.2g})"


def _is_number(model: SequenceEstimator) -> bool:
    return model.target_kind()[0] == "number"


def _column(model: SequenceEstimator, target: Any, logits: np.ndarray) -> int:
    """Return the output that ``target`` names; the highest if it is None."""
    if target is None:
        return int(logits.argmax())
    if _is_number(model):
        raise ValueError(f"target={target!r}, but a regressor has one answer; leave target=None")
    classes = model.classes_.tolist()
    if target not in classes:
        known = ", ".join(map(repr, classes[:10])) + (", ..." if len(classes) > 10 else "")
        raise ValueError(f"target={target!r} is not among the classes; choose from {known}")
    return int(classes.index(target))


def _value_of(model: SequenceEstimator, column: int) -> Callable[[Tensor], Tensor]:
    """Return what turns outputs (B, n_outputs) into the number explained (B,)."""
    kind, n_outputs = model.target_kind()
    if kind == "number":
        return lambda logits: logits[:, 0] * model.scale_ + model.mean_
    if kind == "labels":
        return lambda logits: logits[:, column]
    others = [other for other in range(n_outputs) if other != column]
    return lambda logits: logits[:, column] - logits[:, others].logsumexp(1)
