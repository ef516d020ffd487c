import numpy as np
import pytest
import torch

from textseq.training.forecast_objective import forecast_objective

OUTPUTS = torch.tensor([[1.0, 4.0], [0.0, 7.0]])
TRUTH = torch.tensor([[[2.0], [2.0]], [[5.0], [torch.nan]]])


@pytest.mark.parametrize(
    ("loss", "expected"),
    [("mae", [1.5, 5.0]), ("mse", [2.5, 25.0]), ("huber", [1.0, 4.5])],
)
def test_unknown_steps_take_no_part(loss, expected):
    objective = forecast_objective(loss, ())
    assert objective.losses(OUTPUTS, TRUTH).tolist() == expected
    score = objective.score(OUTPUTS.numpy(), TRUTH.numpy(), None)
    assert score == -np.mean(expected)


def test_unknown_steps_have_no_gradient():
    outputs = OUTPUTS.clone().requires_grad_()
    forecast_objective("mse", ()).losses(outputs, TRUTH).sum().backward()
    assert outputs.grad.tolist() == [[-1.0, 2.0], [-10.0, 0.0]]


def test_quantile_loss_by_hand_and_is_least_at_the_quantile():
    objective = forecast_objective("quantile", (0.1, 0.5, 0.9))
    outputs = torch.tensor([[0.0, 1.0, 4.0]])
    # .1 * 2, .5 * 1 and (1 - .9) * 2, over three quantiles.
    loss = objective.losses(outputs, torch.tensor([[[2.0]]]))
    torch.testing.assert_close(loss, torch.tensor([(0.2 + 0.5 + 0.2) / 3]))

    truth = torch.linspace(0, 1, 1001)[:, None, None]
    values = torch.linspace(0, 1, 101)
    only = forecast_objective("quantile", (0.8,))
    losses = [only.losses(value.expand(1001, 1), truth).mean() for value in values]
    assert abs(float(values[int(torch.stack(losses).argmin())]) - 0.8) < 0.011
