"""Scores of summed counts, against sacrebleu's own."""

import numpy as np
import pytest
from sacrebleu.metrics import BLEU, CHRF

from textseq.comparison.sequences.measures import bits, bleu, chrf, f1, perplexity, share

RNG = np.random.default_rng(0)
WORDS = np.array(["a", "b", "c", "d", "e", "ff", "g", "hh"])


def drawn(least, most):
    return " ".join(RNG.choice(WORDS, RNG.integers(least, most)))


# Answers and targets of small corpora, many of them too short for four words.
ROWS = [
    [(drawn(0, most), drawn(1, most)) for _ in range(RNG.integers(1, 5))]
    for most in (2, 3, 4, 6, 9)
    for _ in range(60)
]


@pytest.mark.parametrize("effective", [False, True])
def test_bleu_is_sacrebleus(effective):
    for rows in ROWS:
        said, targets = zip(*rows, strict=True)
        scorer = BLEU(effective_order=effective)
        counts = np.array(scorer._extract_corpus_statistics(said, [targets])).sum(0)
        expected = scorer.corpus_score(said, [targets]).score
        assert bleu(counts, effective) == pytest.approx(expected, abs=1e-9)


def test_chrf_is_sacrebleus():
    for rows in ROWS:
        said, targets = zip(*rows, strict=True)
        counts = np.array(CHRF()._extract_corpus_statistics(said, [targets])).sum(0)
        assert chrf(counts) == pytest.approx(CHRF().corpus_score(said, [targets]).score, abs=1e-9)


def test_many_at_once_are_each_alone():
    counts = RNG.integers(0, 9, (4, 3, 28))
    for score, part in ((bleu, counts[..., :10]), (chrf, counts[..., 10:])):
        whole = score(part)
        assert whole.shape == (4, 3)
        assert whole[2, 1] == score(part[2, 1])


def test_shares_of_nothing():
    nothing = np.zeros(4)
    assert np.isnan(share(0, 1)(nothing)) and f1(0, 1, 2)(nothing) == 0
    assert bits(0, 1)(np.array([np.log(8), 2.0])) == pytest.approx(1.5)
    assert perplexity(0, 1)(np.array([2 * np.log(8), 2.0])) == pytest.approx(8)
