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
    metric: str, said: list[Any], references: Sequence[Any], *, lowercase: bool
) -> CorpusScore:
    """Score what was said against references.

    Parameters
    ----------
    metric : {"bleu", "chrf"}
    said : list of str, or of lists of symbols
    references : sequence
        Of strings, or of lists of strings, the references of one source; of lists of symbols,
        where those were said.
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

    symbols = bool(said) and isinstance(said[0], list)
    if symbols:
        said, references = [" ".join(row) for row in said], [" ".join(row) for row in references]
    listed = [[one] if isinstance(one, str) else list(one) for one in references]
    most = max(map(len, listed), default=1)
    # A source without a second reference has None there.
    streams = [
        [row[place] if place < len(row) else None for row in listed] for place in range(most)
    ]
    scorer: Any
    if metric == "bleu":
        # Symbols are tokens already, which nothing may cut.
        scorer = BLEU(lowercase=lowercase, tokenize="none" if symbols else "13a", force=symbols)
    else:
        scorer = CHRF(lowercase=lowercase)
    found = scorer.corpus_score(said, streams)
    signature = str(scorer.get_signature())
    return CorpusScore(float(found.score), signature, found.format(signature=signature))
