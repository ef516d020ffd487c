"""Language networks: carried streams against torch by hand, pieces against the whole."""

import numpy as np
import pytest
import torch
from rounding import rounding

from textseq.batches import split_shards
from textseq.nn import language
from textseq.nn.dropout import Dropout, drawing_from
from textseq.nn.language import LanguageNetwork
from textseq.streams import NextTokens, in_order

ENCODERS = ["rnn", "lstm", "gru", "janet", "tcn"]
# In float32 the kernels compute; in float64 torch does.
DTYPES = [torch.float32, torch.float64]


def within(expected, units=8):
    return 1e-12 if expected.dtype == torch.float64 else rounding(expected, units=units)


def network_of(dtype=torch.float32, **options):
    torch.manual_seed(0)
    sizes = dict(n_tokens=20, embedding_dim=6, hidden_size=7, num_layers=2) | options
    return LanguageNetwork(**sizes).to(dtype)


def windows(n_streams=3, steps=5):
    ids = np.random.default_rng(0).integers(1, 20, size=46)
    return NextTokens.side_by_side(ids, n_streams).windows(steps)


def tensors(rows):
    return [tuple(torch.from_numpy(array) for array in rows.arrays()[0])]


def by_hand(network, inputs, states=None, recurrent=(None, None)):
    """Compute a window of a two-layer lstm and a softmax with torch's own layers."""
    ((read, said, _, _),) = inputs
    x, ends = torch.nn.functional.embedding(read, network.inputs.weight), []
    for number, layer in enumerate(network.encoder.layers):
        cell = layer.forwards
        own = recurrent[number]
        weights = [cell.weights[0], cell.weights[1] if own is None else own, *cell.biases]
        start = states[number] if states else [x.new_zeros(1, len(x), 7)] * 2
        x, *end = torch.lstm(x, start, weights, True, 1, 0.0, False, False, True)
        ends.append([part.detach() for part in end])
    table = network.output.weight
    scores = torch.nn.functional.linear(x, table[1:], network.output.bias[1:])
    losses = torch.nn.functional.cross_entropy(scores.transpose(1, 2), said - 1, reduction="none")
    return losses.mean(1), ends


@pytest.mark.parametrize("dtype", DTYPES)
def test_gradient_behind_a_carried_state_equals_torch_by_hand(dtype):
    network, data = network_of(dtype, tie_weights=False), windows()
    first, second = (tensors(data.take(rows)) for rows in in_order(data.lengths, 3)[:2])
    network.train()
    network(first)
    losses = network(second)
    _, ends = by_hand(network, first)
    expected, _ = by_hand(network, second, ends)
    assert torch.allclose(losses[:, 0].to(dtype), expected, rtol=0, atol=within(expected))
    wanted = list(network.parameters())
    for own, other in zip(
        torch.autograd.grad(losses.sum(), wanted),
        torch.autograd.grad(expected.sum(), wanted),
        strict=True,
    ):
        assert torch.allclose(own, other, rtol=0, atol=within(other, 80))


@pytest.mark.parametrize("encoder", ENCODERS)
@pytest.mark.parametrize("n_threads", [1, 2])
def test_state_is_carried_from_window_to_window_and_let_go_by_train(encoder, n_threads):
    network, data = network_of(encoder=encoder), windows()
    batches = in_order(data.lengths, 3)

    def losses(rows):
        parts = [network(tensors(data.take(shard))) for shard in split_shards(rows, n_threads)]
        found = torch.empty(len(rows), dtype=parts[0].dtype)
        for number, part in enumerate(parts):
            found[number::n_threads] = part[:, 0].detach()
        return found

    network.train()
    carried = torch.stack([losses(rows) for rows in batches])
    network.eval()
    whole = NextTokens.side_by_side(data.ids, 3)
    means = network(tensors(whole))[:, 0].detach()
    assert torch.allclose(carried.mean(0), means, rtol=0, atol=rounding(means))
    network.train()
    anew = losses(batches[1])
    assert (anew - carried[1]).abs().min() > 1e-5
    network.train()
    assert torch.equal(losses(batches[0]), carried[0])


@pytest.mark.parametrize("dtype", DTYPES)
def test_recurrent_weights_are_dropped_by_one_mask_a_window(dtype):
    network, data = network_of(dtype, tie_weights=False, weight_dropout=0.5), windows()
    inputs = tensors(data.take(np.arange(3)))
    with drawing_from(torch.Generator().manual_seed(3)):
        losses = network.train()(inputs)[:, 0]
    masks = []
    with drawing_from(torch.Generator().manual_seed(3)):
        for _ in range(2):
            masks.append(Dropout(0.5).train()(torch.ones(28, 7, dtype=dtype)))
    assert set(masks[0].unique().tolist()) == {0.0, 2.0} and (masks[0] != masks[1]).any()
    cells = [layer.forwards for layer in network.encoder.layers]
    dropped = [cell.weights[1] * mask for cell, mask in zip(cells, masks, strict=True)]
    expected, _ = by_hand(network, inputs, recurrent=dropped)
    assert torch.allclose(losses.to(dtype), expected, rtol=0, atol=within(expected))
    matrix = cells[0].weights[1]
    (own,) = torch.autograd.grad(losses.sum(), [matrix])
    assert (own[masks[0] == 0] == 0).all() and (own[masks[0] > 0] != 0).any()
    plain, _ = by_hand(network, inputs)
    evaluated = network.eval()(inputs)[:, 0]
    assert torch.allclose(evaluated.to(dtype), plain, rtol=0, atol=within(plain))


@pytest.mark.parametrize("encoder", ["rnn", "gru", "janet"])
@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_every_cell_drops_alike_compiled_and_exactly(encoder, activation):
    inputs = tensors(windows().take(np.arange(3)))
    found = {}
    for dtype in (torch.float32, torch.float64):
        options = dict(encoder=encoder, activation=activation, weight_dropout=0.4)
        network = network_of(dtype, **options).train()
        with drawing_from(torch.Generator().manual_seed(3)):
            losses = network(inputs)
        found[dtype] = [losses, *torch.autograd.grad(losses.sum(), list(network.parameters()))]
    for fast, exact in zip(*found.values(), strict=True):
        assert torch.allclose(fast.double(), exact, rtol=0, atol=rounding(exact, units=80))


@pytest.mark.parametrize(
    "name", ["embedding_dropout", "input_dropout", "hidden_dropout", "dropout", "weight_dropout"]
)
def test_each_dropout_acts_while_training_only_and_repeats(name):
    inputs = tensors(windows().take(np.arange(3)))
    plain, network = network_of().train()(inputs), network_of(**{name: 0.5})
    found = []
    for seed in (0, 0, 1):
        with drawing_from(torch.Generator().manual_seed(seed)):
            found.append(network.train()(inputs))
    assert torch.equal(found[0], found[1])
    assert (found[0] != found[2]).any() and (found[0] != plain).any()
    assert torch.allclose(network.eval()(inputs), plain, rtol=0, atol=rounding(plain))


@pytest.mark.parametrize("encoder", ENCODERS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_token_by_token_equals_the_whole(encoder, dtype):
    network = network_of(dtype, encoder=encoder, cutoffs=[6]).eval()
    ids = torch.from_numpy(np.random.default_rng(1).integers(1, 20, size=(2, 12)))
    with torch.no_grad():
        states, _ = network.read(ids)
        whole = network.log_probabilities(states.flatten(0, 1)).view(2, 12, 20)[:, :, 1:]
        before = None
        for step in range(12):
            after, before = network.next_token(ids[:, step : step + 1], before)
            assert (after[:, 1:] - whole[:, step]).abs().max() < within(whole)


@pytest.mark.parametrize("encoder", ENCODERS)
def test_a_row_scores_the_same_in_pieces_alone_and_in_any_batch(encoder, monkeypatch):
    network = network_of(encoder=encoder).eval()
    rng = np.random.default_rng(2)
    lengths = np.array([40, 1, 17, 40, 3])
    data = NextTokens.of_rows(rng.integers(1, 20, size=60), np.arange(5), lengths, np.arange(5))
    with torch.no_grad():
        together = network(tensors(data))
        alone = [network(tensors(data.take(np.array([row])))) for row in range(5)]
        # A few steps at a time, and rows leave when they are over.
        monkeypatch.setattr(language, "PIECE", 12)
        pieces = network(tensors(data))
        long = network.next_token(torch.from_numpy(data.ids[None]))[0]
    assert (together - torch.cat(alone)).abs().max() < rounding(together)
    assert (together - pieces).abs().max() < rounding(together)
    states, _ = network.read(torch.from_numpy(data.ids[None]))
    at_once = network.log_probabilities(states[:, -1])
    assert torch.allclose(long, at_once, rtol=0, atol=rounding(at_once[:, 1:]))


def test_tied_weights_are_one_tensor():
    tied, own = network_of(), network_of(tie_weights=False)
    assert "output.weight" in own.state_dict() and "output.weight" not in tied.state_dict()
    assert tied.output.projection.weight.shape == (6, 7)
    assert network_of(hidden_size=6).output.projection is None
    inputs = tensors(windows().take(np.arange(3)))
    losses = tied.train()(inputs)
    (of_table,) = torch.autograd.grad(losses.sum(), [tied.inputs.weight])
    # Also tokens that were not read have scores; <pad> has none.
    assert (of_table[1:].abs().sum(1) > 0).all() and (of_table[0] == 0).all()


def test_a_transferred_encoder_is_a_plain_stack():
    from textseq.nn.encoders import Stack

    network = network_of(hidden_dropout=0.3)
    Stack("lstm", 6, 7, num_layers=2).load_state_dict(network.encoder.state_dict())


@pytest.mark.parametrize("cutoffs", [(), (4, 6)])
def test_the_losses_of_tokens_sum_to_those_of_rows(monkeypatch, cutoffs):
    torch.manual_seed(0)
    network = LanguageNetwork(n_tokens=9, embedding_dim=4, hidden_size=5, cutoffs=cutoffs)
    network.double().eval().requires_grad_(False)
    rng = np.random.default_rng(0)
    read, said = (torch.from_numpy(rng.integers(1, 9, (3, 7))) for _ in range(2))
    lengths, streams = torch.tensor([7, 2, 5]), torch.arange(3)
    for row, length in enumerate(lengths.tolist()):
        read[row, length:] = said[row, length:] = 0
    inputs = [(read, said, lengths, streams)]
    whole, counts = network.step_losses(inputs)
    assert torch.equal(counts, lengths)
    assert torch.allclose(whole.sum(1, keepdim=True) / lengths[:, None], network(inputs))
    log_p = network.next_token(read[:1, :3])[0]
    assert torch.allclose(whole[0, 2], -log_p[0, said[0, 2]])
    monkeypatch.setattr(language, "PIECE", 6)
    assert torch.allclose(network.step_losses(inputs)[0], whole)
