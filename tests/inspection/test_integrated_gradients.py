import numpy as np
import pytest
import torch

from textseq.inspection.integrated_gradients import MOST_POINTS, integrated_gradients
from textseq.training.threads import ThreadTeam


def attribute(output, x, allowed=1e-6):
    with ThreadTeam(2) as team:
        found, n_points = integrated_gradients(
            output, torch.tensor(x, dtype=torch.float64), allowed, team
        )
    return found.sum(1), n_points


def test_a_linear_output_gives_each_token_its_term():
    weights = torch.tensor([[1.0, 2.0], [3.0, 4.0]], dtype=torch.float64)
    found, n_points = attribute(lambda x: (weights * x).sum((1, 2)), [[1.0, 1.0], [0.5, -1.0]])
    assert np.allclose(found, [3.0, 1.5 - 4.0], atol=1e-12)
    assert n_points == 32


def test_a_product_is_shared_and_a_square_is_not():
    found, _ = attribute(lambda x: x[:, 0, 0] * x[:, 1, 0] + x[:, 2, 0] ** 2, [[2.0], [3.0], [4.0]])
    assert np.allclose(found, [3.0, 3.0, 16.0], atol=1e-12)


@pytest.mark.parametrize("threshold", [1e-9, 0.3137, 0.99])
def test_a_kink_is_cut_out(threshold):
    """Both tokens drive one relu that opens on the way; the second also acts alone."""

    def output(x):
        return (x.sum((1, 2)) - threshold).relu() + x[:, 1, 0] ** 3

    found, n_points = attribute(output, [[0.25], [0.75]], allowed=1e-8)
    opened = 1 - threshold
    expected = [0.25 * opened, 0.75 * opened + 0.75**3]
    assert np.allclose(found, expected, atol=1e-7)
    assert n_points < 400


def test_a_jump_ends_at_the_most_points():
    found, n_points = attribute(lambda x: x.sum((1, 2)) + 5.0 * (x[:, 0, 0] > 0.4), [[1.0], [1.0]])
    assert np.allclose(found, [1.0, 1.0])  # a gradient never sees the 5
    assert MOST_POINTS / 2 < n_points <= MOST_POINTS
