"""BLEU and chrF of translations, by sacrebleu."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class CorpusScore:
    """A corpus-level score and how it was computed.

    Parameters
    ----------
    score : float
        From 0 to 100, higher is better.
    signature : str
        sacrebleu's: what a score must be quoted with to be compared.
    text : str
        All of it in one line, as sacrebleu prints it.
    """

    score: float
    signature: str
    text: str

    def __str__(self) -> str:
        return self.text


def corpus_score(
    metric: str, predictions: list[Any], references: Sequence[Any], *, lowercase: bool
) -> CorpusScore:
    """Score predictions against references.

    Parameters
    ----------
    metric : {"bleu", "chrf"}
    predictions : list of str, or of lists of symbols
    references : sequence
        Of strings, or of lists of strings, the references of one source; of lists of symbols,
        where predictions are such lists.
    lowercase : bool
        Whether case counts for nothing.

    References
    ----------
    Papineni et al. (2002), "BLEU"; Popović (2015), "chrF"; Post (2018), "A Call for Clarity in
    Reporting BLEU Scores".

    Examples
    --------
    >>> round(corpus_score("bleu", ["a b c d e"], [["x y", "a b c d f"]], lowercase=False).score, 2)
    66.87
    """
    from sacrebleu.metrics import BLEU, CHRF

    symbols = bool(predictions) and isinstance(predictions[0], list)
    if symbols:
        predictions, references = (
            [" ".join(row) for row in predictions],
            [" ".join(row) for row in references],
        )
    listed = [[one] if isinstance(one, str) else list(one) for one in references]
    most = max(map(len, listed), default=1)
    # A source without a second reference has None there.
    streams = [
        [row[index] if index < len(row) else None for row in listed] for index in range(most)
    ]
    scorer: Any
    if metric == "bleu":
        # Symbols are tokens already, which nothing may cut.
        scorer = BLEU(lowercase=lowercase, tokenize="none" if symbols else "13a", force=symbols)
    else:
        scorer = CHRF(lowercase=lowercase)
    found = scorer.corpus_score(predictions, streams)
    signature = str(scorer.get_signature())
    return CorpusScore(float(found.score), signature, found.format(signature=signature))
