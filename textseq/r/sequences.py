"""What encoder-decoders and taggers say of a corpus, in forms that R can hold."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from textseq.checks import check_choice
from textseq.r.models import model_of, option_values
from textseq.r.parameters import python_value


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


def evaluate_answers(id: list[str], src: Any, tgt: list[Any]) -> pd.DataFrame:
    """Return all scores of the predictions of a ``Seq2Seq``.

    Parameters
    ----------
    id : list of one str
        Of the model.
    src, tgt
        As ``Seq2Seq.evaluate`` takes them.

    Returns
    -------
    DataFrame
        A row a ``metric``, with its ``score`` and ``n``, the number of rows.
    """
    scores = model_of(id[0]).evaluate(src, tgt)
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
