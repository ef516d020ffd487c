"""How near predictions come to their references: BLEU, chrF, exact answers, wrong characters."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from textseq.checks import check_choice
from textseq.labels.edit_distance import edit_distance
from textseq.message_language import written

SCORINGS = ("bleu", "chrf", "exact_match", "character_error_rate")
# What others call them.
ALIASES = {"accuracy": "exact_match", "exact": "exact_match"}
# Of the longest n-grams that BLEU counts.
BLEU_ORDER = 4
# Characters of scripts that have no spaces between words, by the tokens that BLEU makes of them.
_HAN = (
    ("\u3400", "\u4dbf"), ("\u4e00", "\u9fff"), ("\uf900", "\ufaff"),
    ("\U00020000", "\U0003ffff"),
)  # fmt: skip
_OTHERS_WITHOUT_SPACES = (
    ("\u3040", "\u30ff"), ("\uff66", "\uff9f"),  # kana
    # Thai, Lao, Tibetan, Burmese, Khmer.
    ("\u0e00", "\u0eff"), ("\u0f00", "\u0fff"), ("\u1000", "\u109f"), ("\u1780", "\u17ff"),
)  # fmt: skip

Reference = str | list[str]


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


def scoring_of(name: str, scoring: Any) -> str:
    """Return the name of a score; ``name`` is the parameter's.

    Examples
    --------
    >>> scoring_of("scoring", "exact")
    'exact_match'
    """
    found = ALIASES.get(scoring, scoring) if isinstance(scoring, str) else scoring
    check_choice(name, found, SCORINGS)
    return str(found)


def corpus_score(
    metric: str,
    predictions: list[Any],
    references: Sequence[Any],
    *,
    lowercase: bool,
    tokenize: str | None = None,
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
    tokenize : str, optional
        What cuts texts into the words of BLEU, by sacrebleu's names; ``tokenizer_of`` chooses.

    References
    ----------
    Papineni et al. (2002), "BLEU"; Popović (2015), "chrF"; Post (2018), "A Call for Clarity in
    Reporting BLEU Scores".

    Examples
    --------
    >>> round(corpus_score("bleu", ["a b c d e"], [["x y", "a b c d f"]], lowercase=False).score, 2)
    66.87
    """
    from sacrebleu.metrics import CHRF

    symbols = _are_symbols(predictions)
    if symbols:
        predictions = [" ".join(row) for row in predictions]
        references = [" ".join(row) for row in references]
    listed = [_as_list(one) for one in references]
    most = max(map(len, listed), default=1)
    # A source without a second reference has None there.
    streams = [
        [row[index] if index < len(row) else None for row in listed] for index in range(most)
    ]
    scorer: Any
    if metric == "bleu":
        scorer = _bleu(listed, lowercase, symbols, tokenize)
    else:
        scorer = CHRF(lowercase=lowercase)
    found = scorer.corpus_score(predictions, streams)
    signature = str(scorer.get_signature())
    return CorpusScore(float(found.score), signature, found.format(signature=signature))


def _bleu(listed: list[list[str]], lowercase: bool, symbols: bool, tokenize: str | None) -> Any:
    """Return sacrebleu's BLEU for references; the orders that none of them has are left out."""
    from sacrebleu.metrics import BLEU

    if tokenize is not None:
        check_choice("tokenize", tokenize, BLEU.TOKENIZERS, or_none=True)
        if symbols and tokenize != "none":
            raise ValueError(
                f"tokenize={written(tokenize)} cuts texts, and targets are lists of symbols, which "
                f"are tokens already; leave tokenize={written(None)}"
            )
    elif symbols:
        tokenize = "none"
    else:
        tokenize = tokenizer_of(one for row in listed for one in row)
    options: dict[str, Any] = {"lowercase": lowercase, "tokenize": tokenize, "force": symbols}
    try:
        scorer = BLEU(**options)
    except RuntimeError as error:
        # What it needs beside sacrebleu is named there.
        raise ValueError(f"tokenize={written(tokenize)}: {' '.join(str(error).split())}") from error
    words = (scorer.tokenizer(one.rstrip()).split() for row in listed for one in row)
    if any(len(row) >= BLEU_ORDER for row in words):
        return scorer
    return BLEU(**options, effective_order=True)


def tokenizer_of(texts: Iterator[str]) -> str:
    """Return sacrebleu's name of what cuts such texts into words.

    Where most letters are Chinese characters "zh", which cuts these apart and leaves other words
    whole; where they are of another script without spaces between words, Japanese or Thai say,
    "char"; else "13a".

    Examples
    --------
    >>> [tokenizer_of(iter([one])) for one in ("We go to Xi'an.", "我们去西安。", "西安へ行く")]
    ['13a', 'zh', 'char']
    """
    n_letters = n_han = n_others = 0
    for text in texts:
        for letter in text:
            if letter.isalpha():
                n_letters += 1
                n_han += _is_in(letter, _HAN)
                n_others += _is_in(letter, _OTHERS_WITHOUT_SPACES)
    if 2 * (n_han + n_others) <= n_letters:
        return "13a"
    # Japanese writes every other word in kana, Chinese none.
    return "char" if 10 * n_others > n_han else "zh"


def _is_in(letter: str, ranges: tuple[tuple[str, str], ...]) -> bool:
    return letter > "\u0dff" and any(first <= letter <= last for first, last in ranges)


def exact_match(predictions: list[Any], references: Sequence[Any], *, lowercase: bool) -> float:
    """Return the share of predictions that are one of their references.

    White space of any kind and amount counts as one space, and letters that Unicode has several
    forms of as one.

    Examples
    --------
    >>> exact_match(["a b", "c"], ["A  b", ["d", "e"]], lowercase=True)
    0.5
    """
    pairs = _plain_pairs(predictions, references, lowercase)
    return float(np.mean([said in listed for said, listed in pairs]))


def character_error_rate(
    predictions: list[Any], references: Sequence[Any], *, lowercase: bool
) -> float:
    """Return how many characters are wrong, missing or too many, a character of the references.

    Of several references the nearest counts; of lists of symbols, symbols do. Texts are compared
    as ``exact_match`` does.

    References
    ----------
    Levenshtein (1966), "Binary codes capable of correcting deletions, insertions, and reversals".

    Examples
    --------
    >>> character_error_rate(["kitten"], ["sitting"], lowercase=False)
    0.42857142857142855
    """
    wrong = length = 0
    for said, listed in _plain_pairs(predictions, references, lowercase):
        distance, nearest = min((edit_distance(said, one), len(one)) for one in listed)
        wrong, length = wrong + distance, length + nearest
    if not length:
        return float(wrong > 0)
    return wrong / length


def _are_symbols(predictions: Sequence[Any]) -> bool:
    return bool(predictions) and isinstance(predictions[0], list)


def _as_list(reference: Any) -> list[str]:
    return [reference] if isinstance(reference, str) else list(reference)


def _plain_pairs(
    predictions: list[Any], references: Sequence[Any], lowercase: bool
) -> Iterator[tuple[Reference, list[Reference]]]:
    """Yield each prediction and its references, as they are compared."""
    if _are_symbols(predictions):
        for said, one in zip(predictions, references, strict=True):
            yield said, [list(one)]
        return
    for said, reference in zip(predictions, references, strict=True):
        yield (
            plain_text(said, lowercase),
            [plain_text(one, lowercase) for one in _as_list(reference)],
        )


def plain_text(text: str, lowercase: bool) -> str:
    """Return a text with one form of white space and of letters that Unicode has several of."""
    text = unicodedata.normalize("NFC", " ".join(text.split()))
    return text.lower() if lowercase else text
