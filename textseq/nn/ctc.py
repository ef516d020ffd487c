"""Connectionist temporal classification: symbols whose places among the steps nobody told."""

from __future__ import annotations

import numpy as np
from torch import Tensor
from torch.nn import functional

BLANK = 0


def ctc_losses(log_p: Tensor, lengths: Tensor, symbols: Tensor, symbol_lengths: Tensor) -> Tensor:
    """Return each row's -log p of its symbols, over all ways to lay them on the steps.

    Parameters
    ----------
    log_p : Tensor of shape (B, T, K)
        Log-probability of each symbol at each step; ``BLANK`` is none.
    lengths : Tensor of shape (B,)
    symbols : Tensor of shape (n_symbols,), int64
        Of all rows, end to end.
    symbol_lengths : Tensor of shape (B,)

    Returns
    -------
    Tensor of shape (B,), float64
        In nats; 0, without a gradient, where a row has too few steps for its symbols.

    References
    ----------
    Graves et al. (2006), "Connectionist Temporal Classification: Labelling Unsegmented Sequence
    Data with Recurrent Neural Networks", equations 3 and 5 to 8.

    Examples
    --------
    >>> import torch
    >>> even = torch.full((1, 2, 2), 0.5, dtype=torch.float64).log()
    >>> ctc_losses(even, torch.tensor([2]), torch.tensor([1]), torch.tensor([1])).exp().item()
    1.3333333333333333
    """
    return functional.ctc_loss(
        log_p.double().transpose(0, 1),
        symbols,
        lengths,
        symbol_lengths,
        blank=BLANK,
        reduction="none",
        zero_infinity=True,
    )


def fewest_steps(symbols: np.ndarray) -> int:
    """Return how many steps symbols (n,) need: one each, and a blank between two of a kind.

    Examples
    --------
    >>> fewest_steps(np.array([4, 4, 7]))
    4
    """
    return len(symbols) + int((symbols[1:] == symbols[:-1]).sum())


def best_symbols(log_p: np.ndarray) -> np.ndarray:
    """Return the symbols (n,) of one row by its most probable symbol at every step.

    Parameters
    ----------
    log_p : ndarray of shape (T, K)

    References
    ----------
    Graves et al. (2006), equation 4: best path decoding.

    Examples
    --------
    >>> best_symbols(np.eye(3)[[1, 1, 0, 1, 2]]).tolist()
    [1, 1, 2]
    """
    best = log_p.argmax(1)
    begins = np.diff(best, prepend=BLANK) != 0
    return best[begins & (best != BLANK)]


def align(log_p: np.ndarray, symbols: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the steps that each symbol is laid on in the most probable way.

    Parameters
    ----------
    log_p : ndarray of shape (T, K)
        Of one row.
    symbols : ndarray of shape (n,)
        That need no more than T steps.

    Returns
    -------
    first, last : ndarray of shape (n,)
        First step of each symbol, and its last.

    References
    ----------
    Graves (2012), "Supervised Sequence Labelling with Recurrent Neural Networks", section 7.4:
    the sums of the forward variables with maxima in their place.

    Examples
    --------
    >>> steps = np.log(np.array([[.8, .1, .1], [.1, .8, .1], [.1, .8, .1], [.1, .1, .8]]))
    >>> [places.tolist() for places in align(steps, np.array([1, 2]))]
    [[1, 3], [2, 3]]
    """
    # Blanks stand before, between and behind the symbols: states (2 n + 1,).
    states = np.full(2 * len(symbols) + 1, BLANK)
    states[1::2] = symbols
    skips = np.zeros(len(states), dtype=bool)  # over a blank between two unlike symbols
    skips[3::2] = symbols[1:] != symbols[:-1]
    emitted = log_p[:, states]  # (T, S)
    best = np.full(len(states), -np.inf)
    best[:2] = emitted[0, :2]
    came = np.zeros(emitted.shape, dtype=np.int64)  # how many states before, 0 to 2
    for step in range(1, len(emitted)):
        one = np.concatenate([[-np.inf], best[:-1]])
        two = np.where(skips, np.concatenate([[-np.inf, -np.inf], best[:-2]])[: len(best)], -np.inf)
        ways = np.stack([best, one, two])
        came[step] = ways.argmax(0)
        best = ways.max(0) + emitted[step]
    path = np.empty(len(emitted), dtype=np.int64)
    path[-1] = len(states) - 1 if len(states) == 1 or best[-1] >= best[-2] else len(states) - 2
    for step in range(len(emitted) - 1, 0, -1):
        path[step - 1] = path[step] - came[step, path[step]]
    on = np.arange(1, len(states), 2)
    return np.searchsorted(path, on, "left"), np.searchsorted(path, on, "right") - 1
