import numpy as np
import pytest
import torch
from sequences import sequences

from textseq.nn.skip_paths import LinearPath, SeasonalPath


def test_the_linear_path_is_one_matrix_for_all_targets():
    path = LinearPath(reach=4, horizon=3).double()
    targets, _ = sequences([4, 4], width=4, dim=2)
    assert not path(targets).any()  # zero at first
    torch.nn.init.normal_(path.map.weight)
    torch.nn.init.normal_(path.map.bias)
    by_hand = np.einsum("hr,brk->bhk", path.map.weight.detach(), targets)
    by_hand += path.map.bias.detach().numpy()[:, None]
    np.testing.assert_allclose(path(targets).detach(), by_hand, rtol=1e-12)


def chosen(path, number, n_rows):
    """Logits that name one season for all seasons ahead and all targets."""
    logits = torch.full((n_rows, path.n_ahead * path.n_targets, path.n_seasons + 1), -1e9)
    logits[:, :, number] = 0
    return logits.double().flatten(1)


def test_the_last_season_alone_is_the_seasonal_naive_forecast():
    path = SeasonalPath(season_length=3, reach=8, horizon=7, n_targets=2)
    assert path.n_seasons == 2
    targets, lengths = sequences([8, 8], width=8, dim=2)
    naive = targets[:, [5, 6, 7, 5, 6, 7, 5]]
    torch.testing.assert_close(path(targets, lengths, chosen(path, 1, 2)), naive)
    before = targets[:, [2, 3, 4, 2, 3, 4, 2]]
    torch.testing.assert_close(path(targets, lengths, chosen(path, 0, 2)), before)
    assert not path(targets, lengths, chosen(path, 2, 2)).any()  # the level


def test_equal_logits_take_the_mean_of_the_seasons_and_the_level():
    path = SeasonalPath(season_length=2, reach=4, horizon=2, n_targets=1)
    targets, lengths = sequences([4], width=4, dim=1)
    mean = (targets[:, :2] + targets[:, 2:]) / 3
    logits = torch.zeros(1, path.n_logits, dtype=torch.float64)
    torch.testing.assert_close(path(targets, lengths, logits), mean)


@pytest.mark.parametrize("length", [1, 2, 3])
def test_seasons_before_a_windows_start_have_no_weight(length):
    path = SeasonalPath(season_length=2, reach=6, horizon=2, n_targets=1)
    targets, _ = sequences([6], width=6, dim=1)
    logits = torch.zeros(1, path.n_logits, dtype=torch.float64)
    short = path(targets, torch.tensor([length]), logits)
    torch.testing.assert_close(short, targets[:, -2:] / 2)
