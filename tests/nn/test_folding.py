import numpy as np
import torch
from sequences import sequences

from textseq.nn.folding import SMALLEST, Folding


def test_windows_are_aligned_at_their_end_and_filled_with_their_first_value():
    folding = Folding(2, 1, input_size=5, season_length=2, fold=2)
    past, lengths = sequences([4, 1], width=4, dim=2, fill=torch.nan)
    aligned = folding.aligned(past, lengths)
    assert aligned.shape == (2, 6, 2)  # three seasons hold five steps
    assert torch.equal(aligned[0], past[0, [0, 0, 0, 1, 2, 3]])
    assert torch.equal(aligned[1], past[1, :1].expand(6, 2))


def test_steps_hold_sizes_seasons_and_their_changes():
    folding = Folding(2, 1, input_size=6, season_length=3, fold=3)
    past, lengths = sequences([6], width=6, dim=2)
    steps, n_steps = folding.steps(folding.aligned(past, lengths), lengths)
    y, other = past[0].numpy().T
    size = np.sqrt((y**2).mean() + SMALLEST**2)
    change = np.r_[np.zeros(3), np.arcsinh(y[3:] - y[:3])]
    by_hand = np.stack([y / size, change, other], axis=1).reshape(2, 9)
    by_hand = np.c_[by_hand, np.full(2, np.log(size) / 3)]
    np.testing.assert_allclose(steps[0].numpy(), by_hand, rtol=1e-12)
    assert n_steps.tolist() == [2]
    assert steps.shape[2] == folding.width


def test_a_short_window_has_fewer_steps_and_they_come_first():
    folding = Folding(1, 1, input_size=8, season_length=2, fold=2)
    past, lengths = sequences([3], width=3, dim=1)
    steps, n_steps = folding.steps(folding.aligned(past, lengths), lengths)
    assert n_steps.tolist() == [2]
    size = steps[0, 0, -1].mul(3).exp()
    values = steps[0, :2, :4].reshape(4, 2)[:, 0] * size
    torch.testing.assert_close(values, past[0, [0, 0, 1, 2], 0])


def test_without_a_fold_steps_are_steps():
    folding = Folding(3, 2, input_size=7, season_length=1, fold=None)
    past, lengths = sequences([7, 4], width=7, dim=3)
    steps, n_steps = folding.steps(folding.aligned(past, lengths), lengths)
    assert steps.shape == (2, 7, 3 + 2 + 2) and n_steps.tolist() == [7, 4]
    torch.testing.assert_close(steps[1, :4, 4], past[1, :4, 2])
