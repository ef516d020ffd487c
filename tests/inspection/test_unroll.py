import numpy as np
import pytest
import torch
from rounding import rounding

from textseq.batches import SequenceData
from textseq.inspection.unroll import (
    StepRecorder,
    in_double_precision,
    read_by_steps,
    recurrent_network,
    spread_rows,
)
from textseq.nn.encoders import Stack
from textseq.nn.network import SequenceNetwork
from textseq.ragged import Ragged


def network(encoder="lstm", **options):
    torch.manual_seed(0)
    sizes = {"n_tokens": 9, "embedding_dim": 4, "n_outputs": 2, "hidden_size": 3}
    built = SequenceNetwork(encoder=encoder, **sizes | options)
    if built.inputs.weight is not None:
        torch.nn.init.normal_(built.inputs.weight)
    return built.eval().requires_grad_(False)


def batch(*rows):
    ragged = Ragged.from_rows(list(rows))
    return torch.from_numpy(ragged.values), torch.from_numpy(ragged.offsets)


@pytest.mark.parametrize("encoder", ["rnn", "lstm", "gru", "janet"])
@pytest.mark.parametrize(
    "options",
    [
        dict(pooling="last"),
        dict(num_layers=2, bidirectional=True, connections="residual", normalization="layer"),
        dict(num_layers=3, connections="dense", pooling="attention"),
        dict(num_layers=2, bidirectional=True, hidden_size=(2, 5), pooling="last"),
    ],
)
def test_what_is_read_by_steps_is_what_the_fast_path_reads(encoder, options):
    double = in_double_precision(network(encoder, **options))
    ids = batch([1, 5, 2, 8], [], [3])
    outputs, cells = read_by_steps(double, [ids])
    assert torch.allclose(outputs, double([ids]), atol=1e-12, rtol=0)
    directions = ["forward", "backward"] if options.get("bidirectional") else ["forward"]
    places = [(layer + 1, d) for layer in range(options.get("num_layers", 1)) for d in directions]
    assert [(steps.layer, steps.direction) for steps in cells] == places
    for steps in cells:
        assert len(steps.states) == 5 and len(steps.gates) == 4
        assert steps.lengths.tolist() == [4, 0, 1]
        fast, _ = steps.cell(steps.inputs)
        by_steps = torch.stack([state[0] for state in steps.states[1:]], dim=1)
        assert torch.allclose(by_steps, fast, atol=1e-12, rtol=0)
        assert tuple(steps.gates[0]) == steps.cell.gates


@pytest.mark.parametrize("encoder", ["gru", "lstm_fcn"])
def test_series_are_read_by_steps_too(encoder):
    read = network(encoder, representation="numbers", num_layers=1, pooling="mean")
    double = in_double_precision(read)
    values = torch.randn(7, 4, generator=torch.Generator().manual_seed(0))
    rows = values, torch.tensor([0, 5, 7])
    outputs, cells = read_by_steps(double, [rows])
    assert len(cells) == 1 and cells[0].lengths.tolist() == [5, 2]
    assert torch.allclose(outputs, double([rows]), atol=1e-12, rtol=0)
    fast, _ = cells[0].cell(cells[0].inputs)
    by_steps = torch.stack([state[0] for state in cells[0].states[1:]], dim=1)
    assert torch.allclose(by_steps, fast, atol=1e-12, rtol=0)
    (gradient,) = torch.autograd.grad(outputs[:, 0].sum(), cells[0].states[2][0])
    assert gradient.abs().min() > 0


def test_the_backward_cell_reads_each_text_from_its_own_end():
    read = network("gru", bidirectional=True)
    _, (_, backward) = read_by_steps(read, [batch([1, 5, 2, 8], [3, 7])])
    assert torch.equal(backward.inputs[1, :2], read.token_vectors(torch.tensor([7, 3])))


def test_gradients_of_states_need_none_of_the_weights():
    read = network(pooling="last")
    outputs, (steps,) = read_by_steps(read, [batch([1, 5])])
    (gradient,) = torch.autograd.grad(outputs[0, 1], steps.states[2][0])
    assert torch.equal(gradient, read.head.output.weight[1:])
    assert isinstance(read.encoder, Stack)


def test_the_double_is_apart_from_the_network_but_shares_its_token_vectors():
    single = network()
    double = in_double_precision(single)
    assert double.inputs is single.inputs
    kinds = {weight.dtype for weight in double.encoder.parameters()}
    assert kinds == {torch.float64} and double.head.output.weight.dtype == torch.float64
    assert {weight.dtype for weight in single.parameters()} == {torch.float32}
    ids = batch([1, 5, 2])
    assert double([ids]).dtype == torch.float64
    assert torch.allclose(double([ids]).float(), single([ids]), rtol=0, atol=rounding(1))


def test_a_recorder_counts_layers_of_one_and_of_two_directions():
    cell = network().encoder.layers[0].forwards
    for bidirectional, expected in ((False, [1, 2, 3]), (True, [1, 1, 2])):
        recorder = StepRecorder(bidirectional, torch.tensor([2]))
        for _ in range(3):
            recorder(cell, torch.zeros(1, 2, 4))
        assert [steps.layer for steps in recorder.cells] == expected


def test_rows_are_spread_over_the_texts_that_have_tokens():
    lengths = [0, 3, 2, 0, 1, 1, 0, 9]
    data = SequenceData((Ragged.from_rows([list(range(n)) for n in lengths]),))
    assert spread_rows(data, 9).tolist() == [1, 2, 4, 5, 7]
    assert spread_rows(data, 3).tolist() == [1, 4, 7]
    assert spread_rows(data, 1).tolist() == [1]
    pairs = SequenceData((Ragged.from_rows([[], [1], []]), Ragged.from_rows([[2], [], []])))
    assert spread_rows(pairs, 9).tolist() == [0, 1]
    with pytest.raises(ValueError, match="none of the 2 texts in X has a token"):
        spread_rows(SequenceData((Ragged.from_rows([[], []]),)), 9)


def test_what_is_no_text_estimator_is_refused():
    with pytest.raises(ValueError, match="got ndarray, which has no recurrent network"):
        recurrent_network(np.zeros(3))
