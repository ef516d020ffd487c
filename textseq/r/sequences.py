"""What models say of sequences of their own, in forms that R can hold."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from textseq.checks import check_choice
from textseq.r.models import data_value, model_of, option_values
from textseq.r.parameters import python_value
from textseq.r.wire import Strings


def corpus_score(
    id: list[str],
    metric: list[str],
    src: Any,
    tgt: list[Any],
    beam_size: Any = None,
    options: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Score the predictions of a ``Seq2Seq``.

    Parameters
    ----------
    id : list of one str
        Of the model.
    metric : list of one str
        ``"bleu"`` or ``"chrf"``.
    src, tgt, beam_size
        As ``Seq2Seq.bleu`` takes them.
    options : dict, optional
        Its other arguments.

    Returns
    -------
    dict
        ``score``, ``signature`` and ``text``.
    """
    check_choice("metric", metric[0], ("bleu", "chrf"))
    score = getattr(model_of(id[0]), metric[0])
    return asdict(score(src, tgt, python_value(beam_size), **option_values(options)))


def several_answers(id: list[str], src: Any, options: dict[str, Any]) -> dict[str, Any]:
    """Return the best answers to each source, or several that are drawn.

    Parameters
    ----------
    id : list of one str
        Of the model.
    src : sequence of n sources
    options : dict
        Arguments of ``Seq2Seq.predict``, ``n_best`` among them.

    Returns
    -------
    dict
        ``row``, from 1 up, ``answer`` and ``log_probability`` of each answer.
    """
    answers = model_of(id[0]).predict(src, **option_values(options))
    flat = [(row, *one) for row, several in enumerate(answers, start=1) for one in several]
    rows, said, log_probabilities = zip(*flat, strict=True)
    return {
        "row": np.array(rows),
        "answer": list(said),
        "log_probability": np.array(log_probabilities),
    }


def evaluate_answers(
    id: list[str], src: Any, tgt: list[Any], options: dict[str, Any] | None = None
) -> pd.DataFrame:
    """Return all scores of the predictions of a ``Seq2Seq``, ``Captioner`` or ``Transcriber``.

    Parameters
    ----------
    id : list of one str
        Of the model.
    src, tgt
        As its ``evaluate`` takes them; waves as ``waves_by_handle`` does, too.
    options : dict, optional
        Its other arguments.

    Returns
    -------
    DataFrame
        A row a ``metric``, with its ``score`` and ``n``, the number of rows.
    """
    scores = model_of(id[0]).evaluate(data_value(src), tgt, **option_values(options))
    figures = {name: score for name, score in scores.items() if isinstance(score, float)}
    return pd.DataFrame({"metric": list(figures), "score": list(figures.values()), "n": len(tgt)})


def attention_of(id: list[str], src: Any) -> dict[str, Any]:
    """Return what a decoder attends to while it says the target of one source.

    Parameters
    ----------
    id : list of one str
        Of the model.
    src : sequence of one source

    Returns
    -------
    dict
        ``weights`` (output tokens, source steps), ``source`` and ``output``.
    """
    seen = model_of(id[0]).attention_map(src[0])
    return {"weights": seen.weights, "source": seen.source, "output": seen.output}


def image_attention(id: list[str], X: Any) -> dict[str, Any]:
    """Return what a ``Captioner`` attends to while it says the caption of one image.

    Parameters
    ----------
    id : list of one str
        Of the model.
    X : sequence of one image

    Returns
    -------
    dict
        ``weights`` (output tokens, rows, columns of places), ``output``, and ``image``, from 0 to
        1, or None.
    """
    seen = model_of(id[0]).attention_map(X[0])
    return {"weights": seen.weights, "output": seen.output, "image": seen.image}


def spans_said(id: list[str], X: Any) -> dict[str, Any]:
    """Return the spans that a tagger finds in rows.

    Parameters
    ----------
    id : list of one str
        Of the model.
    X : sequence of rows

    Returns
    -------
    dict
        Of each span ``row``, ``first`` and ``last`` step, counted from 1, ``type`` and
        ``probability``.
    """
    found = [
        (row, span.start + 1, span.end, span.type, span.probability)
        for row, spans in enumerate(model_of(id[0]).predict_spans(X), 1)
        for span in spans
    ]
    columns = zip(*found, strict=True) if found else [()] * 5
    rows, firsts, lasts, types, probabilities = columns
    return {
        "row": np.array(rows, dtype=np.int32),
        "first": np.array(firsts, dtype=np.int32),
        "last": np.array(lasts, dtype=np.int32),
        "type": list(types),
        "probability": np.array(probabilities, dtype=np.float64),
    }


def answers_found(id: list[str], X: Any, n_best: Any) -> dict[str, Any]:
    """Return the best answers of a ``QuestionAnswerer`` to each question.

    Parameters
    ----------
    id : list of one str
        Of the model.
    X : frame of n questions and passages
    n_best : number

    Returns
    -------
    dict
        Of each answer ``row``, from 1 up, ``answer``, ``probability``, and its ``first`` and
        ``last`` character, counted from 1.
    """
    found = [
        (row, one.text, one.probability, one.start + 1, one.end)
        for row, several in enumerate(model_of(id[0]).predict_spans(X, python_value(n_best)), 1)
        for one in several
    ]
    rows, said, probabilities, firsts, lasts = zip(*found, strict=True)
    return {
        "row": np.array(rows, dtype=np.int32),
        "answer": list(said),
        "probability": np.array(probabilities),
        "first": np.array(firsts, dtype=np.int32),
        "last": np.array(lasts, dtype=np.int32),
    }


def waves_by_handle(handle: dict[str, Any]) -> list[tuple[np.ndarray, int]]:
    """Return the waves that R describes, with their rates.

    Parameters
    ----------
    handle : dict
        ``samples``, a list of n arrays, and ``rate``, samples a second of each or of all.
    """
    samples = handle["samples"]
    rates = np.broadcast_to(handle["rate"], len(samples))
    return [(wave, int(rate)) for wave, rate in zip(samples, rates, strict=True)]


def symbols_heard(id: list[str], X: Any, options: dict[str, Any]) -> dict[str, Any]:
    """Return the symbols that a ``Transcriber`` hears, when, and how probably.

    Parameters
    ----------
    id : list of one str
        Of the model.
    X : sequence of waves
    options : dict
        Other arguments of ``Transcriber.predict_times``.

    Returns
    -------
    dict
        Of each symbol ``row``, from 1 up, ``symbol``, ``start`` and ``end`` in seconds, and
        ``probability``.
    """
    heard = model_of(id[0]).predict_times(data_value(X), **option_values(options))
    found = [(row, *one) for row, several in enumerate(heard, start=1) for one in several]
    rows, symbols, starts, ends, probabilities = zip(*found, strict=True) if found else [()] * 5
    return {
        "row": np.array(rows, dtype=np.int32),
        "symbol": Strings(symbols),
        "start": np.array(starts, dtype=np.float64),
        "end": np.array(ends, dtype=np.float64),
        "probability": np.array(probabilities, dtype=np.float64),
    }


def symbol_probabilities(id: list[str], X: Any) -> dict[str, Any]:
    """Return how probable a ``Transcriber`` takes each symbol for, step by step.

    Parameters
    ----------
    id : list of one str
        Of the model.
    X : sequence of waves

    Returns
    -------
    dict
        ``probabilities``, a list of arrays (steps_i, 1 + n_symbols), the blank first;
        ``symbols``; and ``seconds`` from one step to the next.
    """
    model = model_of(id[0])
    return {
        "probabilities": model.predict_proba(data_value(X)),
        "symbols": Strings(model.symbols_),
        "seconds": model.encoding_.step_seconds,
    }
