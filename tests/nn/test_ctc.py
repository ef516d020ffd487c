from itertools import product

import numpy as np
import torch
from torch.nn import functional

from textseq.nn.ctc import BLANK, align, best_symbols, ctc_losses, fewest_steps

RNG = np.random.default_rng(0)


def said_by(path):
    """What a path of symbols and blanks says: repeats are one, blanks are none."""
    return tuple(
        symbol
        for step, symbol in enumerate(path)
        if symbol != BLANK and (not step or path[step - 1] != symbol)
    )


def by_paths(log_p, symbols):
    """Log p of symbols, over every path there is; a tensor, for its gradient."""
    n_steps, n_symbols = log_p.shape
    ways = [
        sum(log_p[step, symbol] for step, symbol in enumerate(path))
        for path in product(range(n_symbols), repeat=n_steps)
        if said_by(path) == tuple(symbols)
    ]
    return torch.stack(ways).logsumexp(0)


def test_loss_and_gradient_are_those_of_the_sum_over_all_paths():
    cases = [(4, [1, 2]), (4, [1, 1]), (3, []), (5, [2, 1, 2]), (3, [1, 1])]
    emissions = torch.tensor(RNG.normal(size=(len(cases), 5, 3)), requires_grad=True)
    log_p = emissions.log_softmax(2)
    lengths = torch.tensor([length for length, _ in cases])
    counts = torch.tensor([len(symbols) for _, symbols in cases])
    flat = torch.tensor([symbol for _, symbols in cases for symbol in symbols])
    losses = ctc_losses(log_p, lengths, flat, counts)
    expected = torch.stack(
        [-by_paths(log_p[row, :length], own) for row, (length, own) in enumerate(cases)]
    )
    torch.testing.assert_close(losses, expected)
    (found,) = torch.autograd.grad(losses.sum(), emissions, retain_graph=True)
    (right,) = torch.autograd.grad(expected.sum(), emissions)
    torch.testing.assert_close(found, right)


def test_loss_is_that_of_torch_and_a_row_alone_has_the_same():
    log_p = torch.tensor(RNG.normal(size=(3, 20, 6)), dtype=torch.float32).log_softmax(2)
    lengths, counts = torch.tensor([20, 11, 15]), torch.tensor([4, 2, 5])
    flat = torch.tensor(RNG.integers(1, 6, int(counts.sum())))
    losses = ctc_losses(log_p, lengths, flat, counts)
    padded = functional.ctc_loss(
        log_p.double().transpose(0, 1), flat, lengths, counts, reduction="none"
    )
    assert torch.equal(losses, padded)
    for row, own in enumerate(flat.split(counts.tolist())):
        length = int(lengths[row])
        alone = ctc_losses(
            log_p[row : row + 1, :length], lengths[row : row + 1], own, counts[row : row + 1]
        )
        assert torch.equal(alone[0], losses[row])


def test_too_few_steps_give_no_loss_and_no_gradient():
    emissions = torch.zeros(1, 2, 3, requires_grad=True)
    symbols = torch.tensor([1, 1])
    assert fewest_steps(symbols.numpy()) == 3
    loss = ctc_losses(emissions.log_softmax(2), torch.tensor([2]), symbols, torch.tensor([2]))
    (gradient,) = torch.autograd.grad(loss.sum(), emissions)
    assert loss.item() == 0 and not gradient.any()


def test_best_symbols_are_those_of_the_best_path():
    for _ in range(50):
        log_p = RNG.normal(size=(7, 3))
        assert tuple(best_symbols(log_p)) == said_by(log_p.argmax(1).tolist())


def test_alignment_is_the_most_probable_of_all_paths():
    for symbols in ([1, 2], [1, 1], [2], [1, 2, 1]):
        for _ in range(10):
            log_p = np.log(RNG.dirichlet(np.ones(3), size=5))
            best = max(
                (path for path in product(range(3), repeat=5) if said_by(path) == tuple(symbols)),
                key=lambda path: sum(log_p[range(5), path]),
            )
            expected = [
                step
                for step, symbol in enumerate(best)
                if symbol != BLANK and (not step or best[step - 1] != symbol)
            ]
            first, last = align(log_p, np.array(symbols))
            assert first.tolist() == expected
            laid = np.zeros(5, dtype=int)
            for begin, end, symbol in zip(first, last, symbols, strict=True):
                laid[begin : end + 1] = symbol
            assert laid.tolist() == list(best)


def test_nothing_is_laid_on_no_step():
    first, last = align(np.log(np.full((3, 2), 0.5)), np.array([], dtype=int))
    assert len(first) == len(last) == 0
