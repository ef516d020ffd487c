"""N-gram models: probabilities by the equations, KenLM's perplexity, sums, small texts, speed."""

import time
from collections import Counter, defaultdict

import numpy as np
import pytest

from textseq import load_sample
from textseq.ragged import Ragged
from textseq.text.kneser_ney import KneserNey

END = 0


@pytest.fixture(scope="module")
def corpus():
    """Lines of Shakespeare as ids of lower-case words, and how many types there are."""
    lines = load_sample("tinyshakespeare")[:40_000].lower().splitlines()
    words = [line.split() for line in lines if line]
    ids = {"</s>": END}
    rows = [[ids.setdefault(word, len(ids)) for word in row] + [END] for row in words]
    return rows, len(ids)


def adjusted_counts(rows, n, order):
    """Count the n-grams of rows: how often they occur, or how many tokens stand in front."""
    occurrences, in_front = Counter(), defaultdict(set)
    for row in rows:
        row = ["begin", *row]
        for start in range(len(row) - n + 1):
            ngram = tuple(row[start : start + n])
            occurrences[ngram] += 1
            in_front[ngram].add(row[start - 1])
    del occurrences[("begin",)]
    if n == order:
        return occurrences
    return {
        ngram: count if ngram[0] == "begin" else len(in_front[ngram])
        for ngram, count in occurrences.items()
    }


def by_the_book(rows, order, n_types):
    """Return P(w | h) by the equations, n-gram by n-gram."""
    following = [defaultdict(dict) for _ in range(order + 1)]
    discounts = [None]
    for n in range(1, order + 1):
        counts = adjusted_counts(rows, n, order)
        of = Counter(counts.values())
        y = of[1] / (of[1] + 2 * of[2])
        discounts.append([0, *(k - (k + 1) * y * of[k + 1] / of[k] for k in (1, 2, 3))])
        for ngram, count in counts.items():
            following[n][ngram[:-1]][ngram[-1]] = count

    def probability(context, word):
        if context is None:
            return 1 / n_types
        n = len(context) + 1
        below = probability(context[1:] if context else None, word)
        seen = following[n].get(context)
        if seen is None:
            return below
        total = sum(seen.values())
        removed = sum(discounts[n][min(count, 3)] for count in seen.values())
        count = seen.get(word, 0)
        return (count - discounts[n][min(count, 3)] + removed * below) / total

    return probability


@pytest.mark.parametrize("order", [1, 2, 3])
def test_probabilities_are_those_of_the_equations(corpus, order):
    rows, n_types = corpus
    train, test = rows[:-100], rows[-100:]
    probability = by_the_book(train, order, n_types)
    found = KneserNey(order).fit(Ragged.from_rows(train), n_types)
    expected = []
    for row in test:
        before = ("begin",)
        for word in row:
            expected.append(probability(before[max(len(before) - order + 1, 0) :], word))
            before = (*before, word)
    logs = found.log_probabilities(Ragged.from_rows(test))
    assert np.allclose(logs, np.log(expected), atol=1e-12)


def test_probabilities_sum_to_one_after_contexts_seen_and_not(corpus):
    rows, n_types = corpus
    model = KneserNey(5).fit(Ragged.from_rows(rows), n_types)
    rng = np.random.default_rng(0)
    seen = [rows[row][: rng.integers(1, 6)] for row in rng.integers(len(rows), size=5)]
    random = [rng.integers(n_types, size=size).tolist() for size in (0, 1, 2, 4, 7)]
    for context in [*seen, *random]:
        candidates = Ragged.from_rows([[*context, word] for word in range(n_types)])
        last = model.log_probabilities(candidates)[candidates.offsets[1:] - 1]
        assert np.exp(last).sum() == pytest.approx(1, abs=1e-9)


def test_ids_that_can_not_occur_take_no_share():
    rows = Ragged.from_rows([[2, 1], [2, 3, 1], [3, 1]])
    model = KneserNey(3).fit(rows, n_types=5, n_outcomes=4)
    candidates = Ragged.from_rows([[2, word] for word in range(1, 5)])
    assert np.exp(model.log_probabilities(candidates)[1::2]).sum() == pytest.approx(1, abs=1e-9)


def test_perplexity_is_kenlm_s(corpus):
    # Printed by lmplz -o 3 and query of KenLM 0.3.0; its own <unk> is one more type.
    rows, n_types = corpus
    model = KneserNey(3).fit(Ragged.from_rows(rows), n_types, n_types + 1)
    backwards = [[*row[-2::-1], END] for row in rows[-100:]]
    logs = model.log_probabilities(Ragged.from_rows(backwards))
    assert np.exp(-logs.mean()) == pytest.approx(451.01167, rel=1e-6)


@pytest.mark.parametrize("seed", range(20))
def test_few_texts_give_probabilities_that_sum_to_one(seed):
    # Of few texts the equations' discounts may be less than nothing.
    rng = np.random.default_rng(seed)
    n_types = int(rng.integers(2, 12))
    rows = [rng.integers(n_types, size=rng.integers(1, 30)) for _ in range(rng.integers(1, 12))]
    model = KneserNey(4).fit(Ragged.from_rows(rows), n_types)
    for context in rows:
        candidates = Ragged.from_rows([[*context, word] for word in range(n_types)])
        last = model.log_probabilities(candidates)[candidates.offsets[1:] - 1]
        assert np.isfinite(last).all()
        assert np.exp(last).sum() == pytest.approx(1, abs=1e-9)


def test_counts_that_do_not_fall_off_take_fixed_shares():
    # One token seen once, one twice, ten three times, one four times: by the equation 2 - 3 y 10.
    rows = Ragged.from_rows([np.repeat(np.arange(13), [1, 2, *[3] * 10, 4])])
    model = KneserNey(1).fit(rows, n_types=13)
    found = np.exp(model.log_probabilities(Ragged.from_rows([[0], [1], [12]])))
    floor = (0.5 + 1 + 11 * 1.5) / 37 / 13
    assert np.allclose(found, np.array([0.5, 1, 2.5]) / 37 + floor)


def test_an_order_beyond_the_longest_row_is_that_of_the_row():
    rows = Ragged.from_rows([[2, 1], [2, 3, 1], [3, 1]])
    longest, beyond = (KneserNey(order).fit(rows, n_types=4) for order in (4, 9))
    assert longest.log_probabilities(rows).tolist() == beyond.log_probabilities(rows).tolist()


def test_a_million_tokens_take_seconds():
    rng = np.random.default_rng(0)
    rows = Ragged(rng.zipf(1.3, 1_000_000) % 30_000, np.arange(0, 1_000_001, 20))
    began = time.process_time()
    KneserNey().fit(rows, n_types=30_000).log_probabilities(rows)
    assert time.process_time() - began < 30


def test_what_can_not_be_counted_is_refused():
    with pytest.raises(ValueError, match="order must be"):
        KneserNey(0)
    with pytest.raises(ValueError, match="no row has a token"):
        KneserNey().fit(Ragged.from_rows([[], []]), n_types=3)
