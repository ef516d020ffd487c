import pytest
import torch
from rounding import rounding

from textseq.nn.decoder import Decoder
from textseq.nn.dropout import drawing_from

CELLS = ["rnn", "lstm", "gru", "janet"]


def decoder_and_inputs(cell="gru", n_steps=4, n_outputs_per_step=1, dtype=torch.float64):
    torch.manual_seed(0)
    decoder = Decoder(cell, 2, 3, 5, n_outputs_per_step).to(dtype)
    torch.nn.init.normal_(decoder.output.weight)  # it is zero at first
    sizes = [(6, decoder.state_size), (6, 2), (6, n_steps, 3), (6, n_steps, 2), (6, n_steps, 2)]
    return decoder, [torch.randn(size, dtype=dtype) for size in sizes]


@pytest.mark.parametrize("cell", CELLS)
def test_steps_by_hand(cell):
    decoder, (start, last, given, base, _) = decoder_and_inputs(cell)
    state = start.chunk(len(decoder.cell.state_names), dim=1)
    for step in range(4):
        x = torch.cat([last, base[:, step], given[:, step]], dim=1)
        state, _ = decoder.cell.step(x, state)
        last = decoder.output(state[0]) + base[:, step]
        forecast = decoder(*decoder_and_inputs(cell)[1][:4])[:, step, :, 0]
        torch.testing.assert_close(forecast, last)


@pytest.mark.parametrize("cell", CELLS)
def test_gradients(cell):
    decoder, (start, last, given, base, _) = decoder_and_inputs(cell, n_steps=3)
    inputs = [part[:2].requires_grad_() for part in (start, last, given, base)]
    assert torch.autograd.gradcheck(decoder, inputs)


@pytest.mark.parametrize("cell", CELLS)
def test_compiled_steps_give_the_exact_ones_gradients(cell):
    decoder, inputs = decoder_and_inputs(cell)
    decoder(*inputs[:4]).square().sum().backward()
    compiled, inputs = decoder_and_inputs(cell, dtype=torch.float32)
    compiled.load_state_dict(decoder.state_dict())
    exact = [weight.grad.float() for weight in decoder.parameters()]
    inputs = [part.float() for part in decoder_and_inputs(cell)[1]]
    compiled(*inputs[:4]).square().sum().backward()
    for weight, gradient in zip(compiled.parameters(), exact, strict=True):
        torch.testing.assert_close(weight.grad, gradient, rtol=0, atol=rounding(gradient, units=64))


def test_a_forecast_depends_on_nothing_later():
    decoder, (start, last, given, base, _) = decoder_and_inputs()
    before = decoder(start, last, given, base)
    given[:, 2:] += 1
    base[:, 2:] += 1
    after = decoder(start, last, given, base)
    assert torch.equal(before[:, :2], after[:, :2])
    assert not torch.isclose(before[:, 2:], after[:, 2:]).any()


def test_without_teacher_forcing_the_truth_never_matters():
    decoder, (start, last, given, base, truth) = decoder_and_inputs()
    alone = decoder(start, last, given, base)
    assert torch.equal(decoder(start, last, given, base, truth, 0.0), alone)


def test_forced_all_the_time_each_step_reads_the_truth_before_it():
    decoder, (start, last, given, base, truth) = decoder_and_inputs()
    forced = decoder(start, last, given, base, truth, 1.0)
    other = truth.clone()
    other[:, 3] += 1  # no step comes after it
    assert torch.equal(decoder(start, last, given, base, other, 1.0), forced)
    other[:, 1] += 1
    changed = decoder(start, last, given, base, other, 1.0) != forced
    assert not changed[:, :2].any() and changed[:, 2].all()


def test_sampling_is_drawn_from_the_threads_generator():
    decoder, (start, last, given, base, truth) = decoder_and_inputs()

    def drawn(seed):
        with drawing_from(torch.Generator().manual_seed(seed)):
            return decoder(start, last, given, base, truth, 0.5)

    assert torch.equal(drawn(1), drawn(1))
    assert not torch.equal(drawn(1), drawn(2))


@pytest.mark.parametrize("teacher_forcing", [0.5, 1.0])
def test_a_missing_truth_is_not_read(teacher_forcing):
    decoder, (start, last, given, base, truth) = decoder_and_inputs()
    truth[:] = torch.nan
    alone = decoder(start, last, given, base)
    assert torch.equal(decoder(start, last, given, base, truth, teacher_forcing), alone)


def test_the_middle_quantile_is_fed_back():
    decoder, (start, last, given, base, _) = decoder_and_inputs(n_outputs_per_step=3)
    before = decoder(start, last, given, base)
    for row, matters in ((0, False), (1, True), (2, False)):
        shifted, _ = decoder_and_inputs(n_outputs_per_step=3)
        with torch.no_grad():
            shifted.output.bias.view(2, 3)[:, row] += 1
        moved = shifted(start, last, given, base) - before
        others = [number for number in range(3) if number != row]
        assert bool(moved[:, 1:, :, others].any()) == matters
