import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textseq.ragged import Ragged
from textseq.text.hashed_ngrams import HashedNgrams

rows = st.lists(st.lists(st.integers(0, 50), max_size=8), min_size=1, max_size=6)


@given(rows, st.integers(2, 4), st.integers(1, 2**32))
def test_tokens_then_pairs_then_triples(texts, longest, n_buckets):
    hashed = HashedNgrams(longest, n_buckets)
    found = hashed.append(Ragged.from_rows(texts), n_tokens=51)
    for text, ids in zip(texts, found.to_lists(), strict=True):
        runs = [len(text) - size + 1 for size in range(2, longest + 1)]
        assert len(ids) == len(text) + sum(max(count, 0) for count in runs)
        assert ids[: len(text)] == text
        assert all(51 <= row < 51 + n_buckets for row in ids[len(text) :])


@given(rows, st.integers(2, 4), st.integers(1, 2**32))
def test_numpy_gives_the_same(texts, longest, n_buckets):
    ids, hashed = Ragged.from_rows(texts), HashedNgrams(longest, n_buckets)
    assert hashed.append(ids, 51).to_lists() == hashed._in_numpy(ids, 51).to_lists()


def test_a_text_has_the_same_ngrams_alone():
    hashed = HashedNgrams(2, 1000)
    first, second = [3, 4, 5], [6, 3, 4]
    together = hashed.append(Ragged.from_rows([first, second]), 10).to_lists()
    alone = [hashed.append(Ragged.from_rows([text]), 10).to_lists()[0] for text in (first, second)]
    assert together == alone
    assert together[0][3] == together[1][4]  # the pair (3, 4)
    assert together[0][3] != together[0][4]


def test_pairs_spread_evenly():
    left, right = np.divmod(np.arange(300**2), 300)
    pairs = Ragged(np.stack([left, right], 1).ravel(), np.arange(0, 2 * 300**2 + 1, 2))
    buckets = HashedNgrams(2, 50_000).append(pairs, 300).values.reshape(-1, 3)[:, 2] - 300
    # Throwing 90,000 balls into 50,000 buckets at random fills this share of them.
    expected = 1 - np.exp(-90_000 / 50_000)
    assert len(np.unique(buckets)) / 50_000 > 0.95 * expected
    assert np.bincount(buckets).max() < 20


@pytest.mark.parametrize("arguments", [(1, 10), (2, 0), (2, 2**32 + 1), (2.5, 10), ("2", 10)])
def test_what_is_no_hashing_is_refused(arguments):
    with pytest.raises(ValueError, match="must be from"):
        HashedNgrams(*arguments)


def test_runs_longer_than_any_text_cost_nothing():
    ids = Ragged.from_rows([[3, 4], []])
    assert HashedNgrams(2**32, 10).append(ids, 5).lengths.tolist() == [3, 0]


@pytest.mark.parametrize("longest", [2, 3])
def test_ids_never_change(longest):
    """A saved model's rows belong to these hashes."""
    ids = HashedNgrams(longest, 100).append(Ragged.from_rows([[5, 6, 5]]), 10).to_lists()
    assert ids == [[5, 6, 5, 106, 109] + [74] * (longest == 3)]
