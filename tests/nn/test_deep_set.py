"""Layers over a set: their equation written out, and what order and padding may not do."""

import torch
from rounding import rounding

from textseq.nn.deep_set import DeepSet


def encoder_of(sizes, dtype=torch.float32):
    torch.manual_seed(0)
    return DeepSet(3, sizes).to(dtype).eval(), torch.randn(2, 6, 3, dtype=dtype)


def test_the_equation_by_hand():
    encoder, x = encoder_of((5,), torch.float64)
    states = encoder(x, torch.tensor([6, 4]))
    A, b, B = encoder.of_each[0].weight, encoder.of_each[0].bias, encoder.of_all[0].weight
    for row, length in enumerate((6, 4)):
        largest = x[row, :length].amax(0)
        for place in range(length):
            expected = (A @ x[row, place] + B @ largest + b).relu()
            torch.testing.assert_close(states[row, place], expected)


def test_states_go_with_their_elements():
    encoder, x = encoder_of((5, 4))
    order, lengths = torch.tensor([3, 0, 5, 1, 2, 4]), torch.tensor([6, 6])
    states = encoder(x, lengths)[:, order]
    torch.testing.assert_close(encoder(x[:, order], lengths), states, rtol=0, atol=rounding(states))


def test_padding_is_not_looked_at():
    encoder, x = encoder_of((5, 4))
    x[0, 2:] = torch.nan
    states = encoder(x, torch.tensor([2, 6]))[0, :2]
    alone = encoder(x[:1, :2], torch.tensor([2]))[0]
    torch.testing.assert_close(states, alone, rtol=0, atol=rounding(alone))
