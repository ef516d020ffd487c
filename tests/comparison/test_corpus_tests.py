"""Paired tests of scores that are no means, against sacrebleu's and scipy's own."""

import numpy as np
import pytest
from sacrebleu.metrics import BLEU
from sacrebleu.significance import PairedTest
from scipy.stats import permutation_test

from textseq.comparison import corpus_tests
from textseq.comparison.corpus_tests import compare_corpus_scores, paired_resampling
from textseq.comparison.sequences.measures import bleu, f1, share
from textseq.comparison.statistics import paired_bootstrap

RNG = np.random.default_rng(0)
WORDS = np.array(["the", "cat", "sat", "on", "a", "mat", "and", "saw", "it", "go", "by", "rain"])
TARGETS = [" ".join(RNG.choice(WORDS, RNG.integers(5, 12))) for _ in range(120)]


def said(rate):
    """Answers in which a share of the words is another."""
    rows = []
    for target in TARGETS:
        words = np.array(target.split())
        rows.append(" ".join(np.where(RNG.random(len(words)) < rate, RNG.choice(WORDS), words)))
    return rows


def counts_of(answers):
    found = BLEU()._extract_corpus_statistics(answers, [TARGETS])
    return np.array(found, dtype=np.float64)[None]


def test_randomisation_is_sacrebleus():
    one = said(0.3)
    # Half of the sentences are the other's, so that the models are near each other.
    other = [*one[:60], *said(0.3)[60:]]
    (_, result) = PairedTest([("one", one), ("other", other)], {"BLEU": BLEU()}, [TARGETS], "ar")()
    expected = result["BLEU"][1].p_value
    *_, p_value = paired_resampling(counts_of(one), counts_of(other), bleu)
    assert 0.02 < expected < 0.98
    # Two counts of 10,000 draws each.
    assert abs(p_value - expected) < 5 * np.sqrt(2 * expected * (1 - expected) / 10_000)


def test_interval_is_that_of_scores_of_drawn_sentences():
    one, other = said(0.2), said(0.3)
    difference, low, high, _ = paired_resampling(counts_of(one), counts_of(other), bleu)
    rng, drawn = np.random.default_rng(1), []
    for _ in range(200):
        rows = rng.integers(0, len(TARGETS), len(TARGETS))
        targets = [[TARGETS[row] for row in rows]]
        drawn.append(
            BLEU().corpus_score([one[row] for row in rows], targets).score
            - BLEU().corpus_score([other[row] for row in rows], targets).score
        )
    found = [BLEU().corpus_score(answers, [TARGETS]).score for answers in (one, other)]
    assert difference == pytest.approx(found[0] - found[1], abs=1e-9)
    assert [low, high] == pytest.approx(
        np.quantile(drawn, [0.025, 0.975]), abs=0.25 * np.std(drawn)
    )


def test_few_rows_have_the_exact_p_value_of_all_exchanges():
    found = np.array([[3, 4, 5], [1, 2, 2], [0, 1, 1], [4, 4, 6], [2, 2, 3], [1, 3, 3], [2, 3, 2]])
    worse = np.array([[2, 4, 5], [1, 3, 2], [0, 1, 1], [2, 4, 6], [2, 3, 3], [0, 3, 3], [1, 3, 2]])
    score = f1(0, 1, 2)

    both = np.concatenate([found, worse]).astype(float)

    def apart(one, other):  # of which rows are whose
        sums = (both[side.astype(int)].sum(axis=0) for side in (one, other))
        return abs(np.subtract(*map(score, sums)))

    options = {"permutation_type": "samples", "alternative": "greater", "n_resamples": np.inf}
    sides = np.arange(7), np.arange(7, 14)
    expected = permutation_test(sides, apart, vectorized=False, **options).pvalue
    *_, p_value = paired_resampling(found[None].astype(float), worse[None].astype(float), score)
    assert p_value == pytest.approx(expected, abs=0.015)


def test_of_a_mean_over_rows_it_is_the_test_of_means():
    first, second = RNG.random(300).round(1), RNG.random(300).round(1) * 0.8
    whole = [np.stack([values, np.ones(300)], axis=-1)[None] for values in (first, second)]
    found = paired_resampling(*whole, share(0, 1))
    expected = paired_bootstrap(first, second)
    assert found[0] == pytest.approx(expected[0], abs=1e-12)
    assert found[1:3] == pytest.approx(expected[1:3], abs=0.005)
    assert found[3] == pytest.approx(expected[3], abs=0.01)


def test_a_model_without_seeds_is_held_against_each_seed():
    one = RNG.integers(0, 5, (3, 40, 2)) + np.array([0.0, 5.0])
    other = RNG.integers(0, 5, (1, 40, 2)) + np.array([0.0, 5.0])
    found = paired_resampling(one, other, share(0, 1))
    assert found == paired_resampling(one, np.repeat(other, 3, axis=0), share(0, 1))
    scores = one.sum(1)[:, 0] / one.sum(1)[:, 1]
    assert found[0] == pytest.approx(scores.mean() - other[0, :, 0].sum() / other[0, :, 1].sum())
    with pytest.raises(ValueError, match="3 seeds and the other 2"):
        paired_resampling(one, one[:2], share(0, 1))


def test_rows_of_a_unit_are_drawn_together():
    values = np.repeat(RNG.random(20), 10)
    one = np.stack([values, np.ones(200)], axis=-1)[None]
    other = np.stack([values * 0 + 0.5, np.ones(200)], axis=-1)[None]
    alone = paired_resampling(one, other, share(0, 1))
    together = paired_resampling(one, other, share(0, 1), units=np.repeat(np.arange(20), 10))
    assert together[2] - together[1] > 2 * (alone[2] - alone[1])
    assert together[3] > alone[3]


def test_very_many_rows_are_drawn_several_at_once(monkeypatch):
    one = np.stack([RNG.random(5_000), np.ones(5_000)], axis=-1)[None]
    other = np.stack([RNG.random(5_000), np.ones(5_000)], axis=-1)[None]
    few = paired_resampling(one, other, share(0, 1), n_resamples=1_000)
    monkeypatch.setattr(corpus_tests, "MOST_UNITS", 5_000)
    each = paired_resampling(one, other, share(0, 1), n_resamples=1_000)
    assert few[:3] == pytest.approx(each[:3], abs=0.002) and few != each
    assert few[3] == pytest.approx(each[3], abs=0.06)


def test_pairs_are_those_of_other_comparisons_and_repeat():
    rows = [counts_of(said(rate)) for rate in (0.1, 0.4, 0.4)]
    pairs = compare_corpus_scores(["a", "b", "c"], rows, bleu)
    assert pairs[["first", "second"]].to_numpy().tolist() == [["a", "b"], ["a", "c"], ["b", "c"]]
    assert pairs["verdict"].tolist()[:2] == ["a above b", "a above c"]
    assert pairs.equals(compare_corpus_scores(["a", "b", "c"], rows, bleu))
