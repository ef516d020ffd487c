"""What encoder-decoders say of a corpus and attend to, in forms that R can hold."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from textseq.checks import check_choice
from textseq.r.models import model_of
from textseq.r.parameters import python_value


def corpus_score(
    id: list[str], metric: list[str], src: Any, tgt: list[Any], beam_size: Any
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

    Returns
    -------
    dict
        ``score``, ``signature`` and ``text``.
    """
    check_choice("metric", metric[0], ("bleu", "chrf"))
    return asdict(getattr(model_of(id[0]), metric[0])(src, tgt, python_value(beam_size)))


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
