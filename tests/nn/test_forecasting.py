import numpy as np
import pytest
import torch
from rounding import rounding
from sequences import sequences

from textseq.nn.bags import BAGS
from textseq.nn.dropout import drawing_from
from textseq.nn.encoders import ENCODERS
from textseq.nn.forecasting import ForecastNetwork
from textseq.nn.initialization import initialize

SHAPE = {"n_channels": 3, "n_targets": 2, "horizon": 5, "input_size": 12}
SEASONAL = {"season_length": 4, "fold": 4}
LENGTHS = [12, 7, 1]


def network_of(dtype=torch.float64, **options):
    """Return a network with no weight at its first zero."""
    torch.manual_seed(0)
    network = ForecastNetwork(**(SHAPE | {"hidden_size": 6, "head_sizes": (7,)} | options))
    for weight in network.parameters():
        if not weight.any():
            torch.nn.init.normal_(weight, std=0.3)
    return network.to(dtype).eval()


def forecast_of(network, inputs):
    return network([tuple(inputs)])


def inputs_of(lengths=LENGTHS, width=12, n_steps=5, n_future=2, fill=torch.nan, seed=0):
    past, lengths = sequences(lengths, width, dim=3, fill=fill, seed=seed)
    future, _ = sequences([n_steps] * len(past), n_steps, dim=n_future, seed=seed + 50)
    static, _ = sequences([1] * len(past), 1, dim=1, seed=seed + 90)
    return [past, lengths, future, static[:, 0]]


@pytest.mark.parametrize("strategy", ["direct", "seq2seq"])
@pytest.mark.parametrize("options", [{}, SEASONAL, {"season_length": 4, "skip": None}])
@pytest.mark.parametrize("encoder", [*ENCODERS])
def test_padding_and_company_never_matter(encoder, strategy, options):
    network = network_of(
        n_future=2, n_static=1, encoder=encoder, strategy=strategy, n_outputs_per_step=3, **options
    )
    together = forecast_of(network, inputs_of())
    assert together.shape == (3, 5 * 2 * 3)
    for row, length in enumerate(LENGTHS):
        past, lengths, future, static = (part[row : row + 1] for part in inputs_of())
        alone = forecast_of(network, [past[:, :length], lengths, future, static])
        torch.testing.assert_close(alone[0], together[row], rtol=0, atol=1e-12)


@pytest.mark.parametrize("encoder", [*ENCODERS])
def test_every_value_of_a_window_matters(encoder):
    network = network_of(n_future=2, n_static=1, encoder=encoder, num_layers=3)
    inputs = inputs_of(fill=0.0)
    for part in (inputs[0], inputs[2], inputs[3]):
        part.requires_grad_()
    forecast_of(network, inputs).square().sum().backward()
    real = torch.arange(12) < inputs[1][:, None]
    if encoder not in (*BAGS, "tcn"):  # a maximum and a relu let some by
        assert inputs[0].grad[real].all()
    assert not inputs[0].grad[~real].any()
    assert inputs[2].grad.any() and inputs[3].grad.all()


@pytest.mark.parametrize("pooling", ["last", "mean", "max", "attention"])
def test_float32_and_bidirectional_layers(pooling):
    options = {"bidirectional": True, "num_layers": 2, "pooling": pooling, **SEASONAL}
    exact = network_of(n_future=2, n_static=1, **options)
    compiled = network_of(torch.float32, n_future=2, n_static=1, **options)
    expected = forecast_of(exact, inputs_of())
    torch.testing.assert_close(
        forecast_of(compiled, inputs_of()).double(), expected, rtol=0, atol=rounding(expected)
    )


@pytest.mark.parametrize("strategy", ["direct", "seq2seq"])
def test_gradients(strategy):
    network = network_of(n_future=2, n_static=1, strategy=strategy, **SEASONAL)
    past, lengths, future, static = inputs_of([12, 6], fill=0.0)

    def forecast(past, future, static):
        return forecast_of(network, [past, lengths, future, static])

    leaves = [part.requires_grad_() for part in (past, future, static)]
    assert torch.autograd.gradcheck(forecast, leaves, fast_mode=True)


def test_the_linear_path_alone_is_nlinear():
    network = ForecastNetwork(
        n_channels=1, n_targets=1, horizon=3, input_size=8, skip="linear"
    ).double()
    past, lengths = sequences([8, 8], width=8, dim=1)
    inputs = [past - past[:, -1:], lengths, past.new_zeros(2, 3, 0), past.new_zeros(2, 0)]
    assert not forecast_of(network, inputs).any()  # fresh: the last value
    torch.nn.init.normal_(network.linear.map.weight)
    weight = network.linear.map.weight.detach().numpy()
    windows = past[:, :, 0].numpy()
    by_hand = (windows - windows[:, -1:]) @ weight.T
    np.testing.assert_allclose(forecast_of(network, inputs).detach().numpy(), by_hand, rtol=1e-12)


def test_the_seasonal_path_alone_can_be_the_seasonal_naive_forecast():
    network = ForecastNetwork(
        n_channels=1, n_targets=1, horizon=7, input_size=8, skip="seasonal", **SEASONAL
    ).double()
    past, lengths = sequences([8, 6], width=8, dim=1)
    n_logits = network.seasonal.n_logits
    with torch.no_grad():
        network.head.output.bias[-n_logits:].view(-1, 3)[:, 1] = 1e9
    forecast = forecast_of(network, [past, lengths, past.new_zeros(2, 7, 0), past.new_zeros(2, 0)])
    naive = [past[row, n - 4 : n, 0].repeat(2)[:7] for row, n in enumerate(lengths)]
    torch.testing.assert_close(forecast, torch.stack(naive))


@pytest.mark.parametrize("strategy", ["direct", "seq2seq"])
@pytest.mark.parametrize(("skip", "near", "far"), [("seasonal", 1, 2), ("linear+seasonal", 2, 1)])
def test_a_fresh_network_is_near_a_naive_one(skip, near, far, strategy):
    torch.manual_seed(0)
    network = ForecastNetwork(
        n_channels=1, n_targets=1, horizon=4, input_size=8, skip=skip, strategy=strategy, **SEASONAL
    ).double()
    past, lengths = sequences([8] * 20, width=8, dim=1)
    forecast = forecast_of(
        network, [past, lengths, past.new_zeros(20, 4, 0), past.new_zeros(20, 0)]
    )
    naive = {1: past[:, 4:, 0], 2: torch.zeros(20, 4)}
    distance = {name: (forecast - naive[name]).abs().mean() for name in (near, far)}
    assert distance[near] < 0.3 * distance[far]


@pytest.mark.parametrize("strategy", ["direct", "seq2seq"])
def test_a_fresh_network_stays_near_the_window(strategy):
    torch.manual_seed(0)
    network = ForecastNetwork(**SHAPE, n_future=2, n_static=1, strategy=strategy, **SEASONAL)
    initialize(network.encoder, "orthogonal", 1.0, 12)
    inputs = inputs_of(fill=0.0)
    forecast = forecast_of(network, inputs).view(3, 5, 2)
    assert (forecast.amax((1, 2)) <= inputs[0].amax((1, 2))).all()
    assert (forecast.amin((1, 2)) >= inputs[0].amin((1, 2))).all()


def test_a_decoder_goes_on_beyond_the_trained_steps():
    network = network_of(n_future=2, n_static=1, strategy="seq2seq", **SEASONAL)
    far = forecast_of(network, inputs_of(n_steps=13))
    assert far.shape == (3, 26) and far.isfinite().all()
    past, lengths, future, static = inputs_of(n_steps=13)
    near = forecast_of(network, [past, lengths, future[:, :5], static])
    torch.testing.assert_close(far[:, :10], near)


def test_the_seasonal_path_goes_on_from_itself():
    network = network_of(skip="seasonal", strategy="seq2seq", n_future=2, n_static=1, **SEASONAL)
    torch.nn.init.zeros_(network.decoder.output.weight)
    torch.nn.init.zeros_(network.decoder.output.bias)
    torch.nn.init.zeros_(network.head.output.weight)
    with torch.no_grad():
        network.head.output.bias[-network.seasonal.n_logits :].view(-1, 4)[:, 2] = 1e9
    far = forecast_of(network, inputs_of([12], n_steps=13)).view(13, 2)
    seasons = sequences([12], 12, dim=3)[0][0, 8:, :2]
    # A horizon is five steps: the window then ends within a season.
    torch.testing.assert_close(far[:5], seasons[[0, 1, 2, 3, 0]])
    torch.testing.assert_close(far[5:9], far[1:5])


def test_a_direct_network_refuses_other_steps():
    with pytest.raises(ValueError, match="forecasts 5 steps, not 6.*strategy='seq2seq'"):
        forecast_of(network_of(n_future=2, n_static=1), inputs_of(n_steps=6))


def test_the_truth_is_read_in_training_alone():
    network = network_of(n_future=2, n_static=1, strategy="seq2seq")
    truth, _ = sequences([5] * 3, 5, dim=2, seed=7)
    alone = forecast_of(network, inputs_of())
    network.teacher_forcing = 1.0
    assert torch.equal(forecast_of(network, [*inputs_of(), truth]), alone)
    network.train()
    forced = forecast_of(network, [*inputs_of(), truth])
    assert not torch.equal(forced, alone)
    assert torch.equal(forced[:, :2], alone[:, :2])
    network.teacher_forcing = 0.0
    assert torch.equal(forecast_of(network, [*inputs_of(), truth]), alone)


def test_dropout_repeats():
    network = network_of(n_future=2, n_static=1, dropout=0.3, head_dropout=0.3).train()

    def drawn(seed):
        with drawing_from(torch.Generator().manual_seed(seed)):
            return forecast_of(network, inputs_of())

    assert torch.equal(drawn(1), drawn(1))
    assert not torch.equal(drawn(1), drawn(2))


def test_a_wrong_choice_is_named():
    with pytest.raises(ValueError, match="strategy must be one of direct, seq2seq, got 'both'"):
        network_of(strategy="both")
    with pytest.raises(ValueError, match="skip must be None or one of linear, .*got 'all'"):
        network_of(skip="all")
    with pytest.raises(ValueError, match="input_size=12 steps does not hold a season of 13"):
        network_of(season_length=13)


def test_it_learns_a_season_that_changes_size():
    generator = torch.Generator().manual_seed(0)
    torch.manual_seed(0)
    network = ForecastNetwork(n_channels=1, n_targets=1, horizon=6, input_size=24, **SEASONAL)
    optimizer = torch.optim.AdamW(network.parameters(), lr=1e-2)

    def batch(n_rows):
        sizes = torch.rand(n_rows, 1, generator=generator) + 0.5
        pattern = torch.randn(n_rows, 4, generator=generator)
        series = (pattern.repeat(1, 8) * sizes ** torch.arange(32).div(4).floor())[:, :30]
        return series[:, :24, None], series[:, 24:]

    def loss(past, truth):
        n_rows = len(past)
        nothing = past.new_zeros(n_rows, 6, 0), past.new_zeros(n_rows, 0)
        size = past[:, -4:].abs().mean(1)
        forecast = forecast_of(network, [past / size[:, None], torch.full((n_rows,), 24), *nothing])
        return (forecast - truth / size).abs().mean()

    for _ in range(120):
        optimizer.zero_grad()
        loss(*batch(32)).backward()
        optimizer.step()
    past, truth = batch(500)
    naive = (
        (past[:, [20, 21, 22, 23, 20, 21], 0] - truth).abs() / past[:, -4:].abs().mean(1)
    ).mean()
    assert loss(past, truth) < 0.5 * naive
