"""Figures of how well taggers, translators and language models answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl

    from textseq.estimators.language.model import LanguageModel
    from textseq.estimators.seq2seq.model import Seq2Seq
    from textseq.estimators.tagging.tagger import SequenceTagger


def tag_figures(
    estimator: SequenceTagger, source: str, encoding: str, scheme: str
) -> dict[str, Any]:
    """Score a tagger on a file of tagged tokens; spans only if its tags mark any."""
    from textseq.cli.tag import read_tagged

    X, y = read_tagged(source, encoding)
    figures = {
        "sentences": len(X),
        "tokens": sum(map(len, X)),
        "accuracy": estimator.score(X, y),
    }
    marked = any(tag[:2] in _SPAN_STARTS for tags in y for tag in tags)
    if marked or scheme != "auto":
        # One reading of the answers for all: the sum over types is the F1 of spans.
        *types, micro, macro = estimator.span_report(X, y, scheme).to_dict("records")
        figures |= {
            "span_f1": micro["f1"],
            "span_precision": micro["precision"],
            "span_recall": micro["recall"],
            "span_macro_f1": macro["f1"],
            "spans": types,
        }
    return figures


_SPAN_STARTS = ("B-", "I-", "E-", "S-", "L-", "U-")


def translation_figures(
    estimator: Seq2Seq, sources: Any, targets: pl.Series, tokenize: str | None
) -> dict[str, Any]:
    """Score translations against the right ones, with sacrebleu's signatures."""
    scores = estimator.evaluate(sources, targets, tokenize=tokenize)
    return {"rows": len(sources)} | scores


def language_figures(
    estimator: LanguageModel, texts: pl.Series, *, adapt: bool = False, cache: int | None = None
) -> dict[str, Any]:
    """Score a language model on texts."""
    how: dict[str, Any] = {"adapt": adapt, "cache": cache}
    return {
        "texts": len(texts),
        "perplexity": estimator.perplexity(texts, **how),
        "bits_per_character": estimator.bits_per_character(texts, **how),
    }
