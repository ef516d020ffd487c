from itertools import product

import numpy as np

from textseq.nn.ctc import best_symbols
from textseq.nn.prefix_beam_search import prefix_beam_search

RNG = np.random.default_rng(0)


def totals(log_p):
    """Log p of everything that can be said, over all paths."""
    found = {}
    for path in product(range(log_p.shape[1]), repeat=len(log_p)):
        said = tuple(
            symbol
            for step, symbol in enumerate(path)
            if symbol and (not step or path[step - 1] != symbol)
        )
        own = sum(log_p[range(len(log_p)), path])
        found[said] = np.logaddexp(found.get(said, -np.inf), own)
    return found


def test_wide_beams_find_the_most_probable_symbols_and_their_probability():
    for _ in range(30):
        log_p = np.log(RNG.dirichlet(np.ones(3), size=5))
        every = totals(log_p)
        best = max(every, key=every.get)
        symbols, score = prefix_beam_search(log_p, beam_size=200)
        assert tuple(symbols) == best
        np.testing.assert_allclose(score, every[best])


def test_a_language_model_and_a_bonus_count_as_they_weigh():
    chances = {symbol: RNG.normal(size=4) for symbol in (0, 1, 2)}

    def next_symbol(prefix):
        return chances[prefix[-1] if prefix else 0]

    def weighed(symbols):
        before = (0, *symbols)
        steps = zip(before, [*symbols, -1], strict=True)
        return sum(chances[last][symbol] for last, symbol in steps)

    for _ in range(20):
        log_p = np.log(RNG.dirichlet(np.ones(3), size=4))
        every = {
            said: score + 0.7 * weighed(said) + 0.3 * len(said)
            for said, score in totals(log_p).items()
        }
        best = max(every, key=every.get)
        symbols, score = prefix_beam_search(log_p, 200, next_symbol, weight=0.7, bonus=0.3)
        assert tuple(symbols) == best
        np.testing.assert_allclose(score, every[best])


def test_sure_steps_say_what_the_best_path_does():
    path = RNG.integers(0, 5, 40)
    log_p = np.log(np.full((40, 5), 0.01) + 0.95 * np.eye(5)[path])
    symbols, _ = prefix_beam_search(log_p, beam_size=4)
    assert np.array_equal(symbols, best_symbols(log_p))
