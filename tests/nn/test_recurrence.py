import shutil

import pytest
import torch

from textseq.kernels.library import BUILDS, kernels, open_build
from textseq.nn import recurrence
from textseq.nn.cells import CELLS
from textseq.nn.recurrence import KINDS, recurrent_states, runs_compiled, using_two_threads
from textseq.nn.recurrent import Recurrent
from textseq.nn.token_rows import TokenRows

HERE = [build for build in BUILDS if open_build(build) is not None]


def test_kernels_are_compiled_where_there_is_a_compiler():
    assert shutil.which("cc") is None or kernels() is open_build(HERE[0])


def cell_of(kind, input_size, hidden_size):
    name, _, activation = kind.partition("_")
    cell = CELLS[name](
        input_size, hidden_size, **({"activation": activation} if activation else {})
    )
    for parameter in cell.parameters():  # no weight may go unnoticed
        torch.nn.init.normal_(parameter, std=0.5 / hidden_size**0.5)
    return cell


def by_steps(cell, x, lengths, start):
    """The states, and those after each row's last step, by the equation of one step."""
    state, states = start, []
    for step in range(x.shape[1]):
        running = (step < lengths)[:, None]
        after, _ = cell.step(x[:, step], state)
        state = tuple(torch.where(running, *pair) for pair in zip(after, state, strict=True))
        states.append(state[0].masked_fill(~running, 0.0))
    return torch.stack(states, dim=1), state


def close(found, expected, relative=5e-6):
    error = (found - expected).detach().abs().max()
    return float(error) <= relative * max(1.0, float(expected.detach().abs().max()))


@pytest.mark.parametrize("shape", [(7, 11, 5, 3), (21, 6, 50, 128), (5, 9, 70, 33), (1, 4, 1, 1)])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("build", HERE)
def test_states_ends_and_all_gradients_equal_the_equations_in_float64(
    build, kind, shape, monkeypatch
):
    monkeypatch.setattr(recurrence, "kernels", lambda: open_build(build))
    torch.manual_seed(0)
    n_rows, n_steps, inputs, units = shape
    cell = cell_of(kind, inputs, units)
    x = torch.randn(n_rows, n_steps, inputs)
    lengths = torch.randint(0, n_steps + 1, (n_rows,))
    lengths[0] = n_steps
    start = [torch.randn(n_rows, units) for _ in cell.state_names]
    weigh = [torch.randn(n_rows, n_steps, units), *(torch.randn(n_rows, units) for _ in start)]

    def losses(dtype):
        cell.to(dtype)
        given = [part.to(dtype).requires_grad_() for part in (x, *start)]
        if dtype == torch.float32:
            states, *ends = recurrent_states(kind, given[0], lengths, [cell.direction], given[1:])
            ends = ends[: len(start)]
        else:
            states, ends = by_steps(cell, given[0], lengths, given[1:])
        found = [states, *ends]
        loss = sum((a * b.to(dtype)).sum() for a, b in zip(found, weigh, strict=True))
        return found, torch.autograd.grad(loss, [*given, *cell.parameters()])

    for found, expected in zip(losses(torch.float32), losses(torch.float64), strict=True):
        for a, b in zip(found, expected, strict=True):
            assert a.dtype == torch.float32 and close(a, b)


@pytest.mark.parametrize("kind", ["rnn", "lstm", "gru", "janet"])
def test_both_directions_equal_torch_on_every_row_alone(kind):
    torch.manual_seed(0)
    layer = Recurrent(kind, 5, 4, bidirectional=True)
    x, lengths = torch.randn(4, 9, 5, requires_grad=True), torch.tensor([9, 3, 0, 6])
    states = layer(x, lengths)
    weigh = torch.randn_like(states)
    of_x, *of_weights = torch.autograd.grad((states * weigh).sum(), [x, *layer.parameters()])
    total = 0
    for row, length in enumerate(lengths.tolist()):
        assert (states[row, length:] == 0).all()
        if not length:  # torch's layers refuse it
            continue
        own = x[row : row + 1, :length]
        forward = layer.forwards.exact(own)[0]
        backward = layer.backwards.exact(own.flip(1))[0].flip(1)
        expected = torch.cat([forward, backward], dim=2)[0]
        assert close(states[row, :length], expected)
        total = total + (expected * weigh[row, :length]).sum()
    wanted = torch.autograd.grad(total, [x, *layer.parameters()])
    for found, expected in zip((of_x, *of_weights), wanted, strict=True):
        assert close(found, expected)


@pytest.mark.parametrize("kind", KINDS)
def test_a_row_is_the_same_to_the_last_bit_alone_and_in_any_batch(kind):
    torch.manual_seed(0)
    cell = cell_of(kind, 10, 37)
    x, lengths = torch.randn(23, 12, 10), torch.randint(1, 13, (23,))
    together = recurrent_states(kind, x, lengths, [cell.direction])[0]
    for row in range(23):
        own = slice(row, row + 1)
        alone = recurrent_states(kind, x[own], lengths[own], [cell.direction])[0]
        assert torch.equal(alone[0], together[row])


@pytest.mark.parametrize("fill", [1e30, float("nan"), float("inf")])
@pytest.mark.parametrize("kind", KINDS)
def test_padding_is_not_even_read(kind, fill):
    torch.manual_seed(0)
    cell = cell_of(kind, 3, 5)
    x, lengths = torch.randn(3, 7, 3), torch.tensor([4, 7, 0])
    plain = recurrent_states(kind, x, lengths, [cell.direction])[0]
    x = x.masked_fill((torch.arange(7) >= lengths[:, None])[:, :, None], fill).requires_grad_()
    states = recurrent_states(kind, x, lengths, [cell.direction])[0]
    assert torch.equal(states, plain)
    (gradient,) = torch.autograd.grad(states.sum(), x)
    assert gradient.isfinite().all() and (gradient[2] == 0).all() and (gradient[0, 4:] == 0).all()


@pytest.mark.parametrize("kind", KINDS)
def test_a_nan_goes_through_and_reaches_only_what_depends_on_it(kind):
    torch.manual_seed(0)
    cell = cell_of(kind, 3, 5)
    x, lengths = torch.randn(4, 6, 3), torch.full((4,), 6)
    x[2, 3, 1] = float("nan")
    states = recurrent_states(kind, x, lengths, [cell.direction])[0]
    assert states[2, 3:].isnan().all()
    states[2, 3:] = 0
    assert states.isfinite().all()


def test_very_large_sums_saturate_without_overflow():
    cell = cell_of("lstm", 1, 4)
    x = torch.tensor([[[1e6]], [[-1e6]]])
    states = recurrent_states("lstm", x, torch.ones(2, dtype=torch.int64), [cell.direction])[0]
    assert states.isfinite().all() and (states.abs() <= 1).all()


def test_what_the_compiled_layer_cannot_read_takes_torchs_way():
    cell = CELLS["gru"](3, 4)
    x = torch.randn(2, 5, 3, dtype=torch.float64)
    assert not runs_compiled(x, *cell.weights)
    assert torch.equal(cell.double()(x)[0], cell.exact(x)[0])
    second = torch.autograd.functional.hessian(lambda x: cell(x)[0].sum(), x)
    assert second.abs().max() > 0


def test_no_room_is_kept_for_a_gradient_that_nobody_asks_for(monkeypatch):
    cell = CELLS["lstm"](3, 4)
    x = torch.randn(2, 5, 3)
    monkeypatch.setattr(recurrence, "_keep", None)
    with torch.no_grad():
        states = cell(x)[0]
    assert close(states, cell.exact(x)[0])
    with pytest.raises(TypeError):
        cell(x)


def test_a_gradient_can_be_taken_once():
    cell = CELLS["lstm"](3, 4)
    states = cell(torch.randn(2, 5, 3))[0]
    torch.autograd.grad(states.sum(), cell.weights, retain_graph=True)
    with pytest.raises(RuntimeError, match="was taken before"):
        torch.autograd.grad(states.sum(), cell.weights)


@pytest.mark.parametrize("inputs", [1, 3])
def test_inputs_and_gradients_may_lie_across_memory(inputs):
    torch.manual_seed(0)
    cell = CELLS["gru"](inputs, 4)
    lengths = torch.tensor([5, 2])
    across = torch.randn(5, inputs, 2).permute(2, 0, 1).requires_grad_()
    spread = torch.randn(2, 1, inputs).expand(2, 5, inputs).requires_grad_()
    for x in (across, spread):
        states = recurrent_states("gru", x, lengths, [cell.direction])[0]
        expected, _ = by_steps(cell, x, lengths, (torch.zeros(2, 4),))
        weigh = torch.randn(2, 4, 5).transpose(1, 2)
        found, wanted = (
            torch.autograd.grad((result * weigh).sum(), x)[0] for result in (states, expected)
        )
        assert close(states, expected) and close(found, wanted)


def test_two_threads_give_the_same_to_the_last_bit(monkeypatch):
    torch.manual_seed(0)
    layer = Recurrent("lstm", 5, 40, bidirectional=True)
    x, lengths = torch.randn(3, 9, 5), torch.tensor([9, 0, 4])
    alone, called = layer(x, lengths), []
    run = recurrence._run
    monkeypatch.setattr(
        recurrence, "_run", lambda name, layer: (called.append(name), run(name, layer))
    )
    with using_two_threads():
        assert torch.equal(layer(x, lengths), alone)
    assert torch.equal(layer(x, lengths), alone)
    assert called == ["recurrent_forward_both", "recurrent_forward", "recurrent_forward"]


@pytest.mark.parametrize("shape", [(4, 3, 5), (30, 50, 128), (7, 70, 33)])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("build", HERE)
def test_a_tables_rows_get_the_gradient_of_all_their_places(build, kind, shape, monkeypatch):
    monkeypatch.setattr(recurrence, "kernels", lambda: open_build(build))
    torch.manual_seed(0)
    n_table, inputs, units = shape
    cells = [cell_of(kind, inputs, units) for _ in range(2)]
    table = torch.randn(n_table, inputs, requires_grad=True)
    index = torch.randint(0, n_table - 1, (6, 9))  # the last row stands nowhere
    lengths = torch.tensor([9, 0, 4, 9, 7, 1])
    weigh = torch.randn(6, 9, 2 * units)
    wanted = [table, *cells[0].parameters(), *cells[1].parameters()]
    found = []
    for least in (0, 10**6):  # times that a token must stand in the batch
        monkeypatch.setattr(recurrence, "WORTHWHILE", least)
        directions = [cell.direction for cell in cells]
        states = recurrent_states(kind, TokenRows(table, index), lengths, directions)[0]
        found.append([states, *torch.autograd.grad((states * weigh).sum(), wanted)])
    for collected, apart in zip(*found, strict=True):
        assert close(collected, apart)
    assert (found[0][1][-1] == 0).all() and (found[0][1][:-1] != 0).any()
