import itertools

import pytest
import torch
from rounding import rounding
from sequences import ENCODERS, sequences

from textseq.nn.encoders import CONNECTIONS, Stack
from textseq.nn.heads import POOLINGS, Pooling
from textseq.nn.token_rows import TokenRows

# Every encoder, one and three layers, every connection; both directions where there are two.
FORMS = [
    (encoder, layers, connections, bidirectional)
    for encoder, layers, connections, bidirectional in itertools.product(
        ENCODERS, (1, 3), CONNECTIONS, (False, True)
    )
    if not (encoder == "tcn" and bidirectional)
]


def stack(
    encoder, num_layers=1, connections="plain", bidirectional=False, dim=5, size=4, **options
):
    torch.manual_seed(0)
    built = Stack(
        encoder,
        dim,
        size,
        num_layers=num_layers,
        connections=connections,
        bidirectional=bidirectional,
        **options,
    ).double()
    for norm in built.norms:  # statistics other than those a new network starts with
        if hasattr(norm, "running_mean"):
            torch.nn.init.normal_(norm.running_mean)
            torch.nn.init.uniform_(norm.running_variance, 0.5, 2.0)
    return built


# In float32 recurrent layers are compiled; in float64 they are torch's.
DTYPES = [torch.float32, torch.float64]


def within(expected):
    return 1e-12 if expected.dtype == torch.float64 else rounding(expected)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("form", FORMS, ids=str)
@pytest.mark.parametrize("normalization", [None, "batch", "layer", "l2"])
def test_padding_never_reaches_the_pooled_vector(form, normalization, dtype):
    encoder = stack(*form, normalization=normalization).to(dtype).eval()
    pools = [Pooling(kind, encoder.out_dim, encoder.bidirectional).to(dtype) for kind in POOLINGS]

    def pooled(x, n):
        states = encoder(x, n)
        return torch.cat([pool(states, n) for pool in pools], dim=1)

    lengths = [7, 1, 3, 0]
    expected = pooled(*sequences(lengths, 7, dtype=dtype))
    for fill in (0.0, 1e3, float("nan")):
        padded = pooled(*sequences(lengths, 107, dtype=dtype, fill=fill))
        assert torch.allclose(padded, expected, atol=within(expected), rtol=0)
    for row, length in enumerate(lengths):
        alone = pooled(*sequences([length], max(length, 1), dtype=dtype, seed=row))
        assert torch.allclose(alone[0], expected[row], atol=within(expected), rtol=0)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("form", FORMS, ids=str)
def test_rows_of_a_table_are_read_as_the_vectors_they_stand_for(form, dtype):
    encoder = stack(*form, normalization="layer").to(dtype)
    index, n = torch.tensor([[2, 0, 2, 1], [1, 1, 0, 0], [0, 0, 0, 0]]), torch.tensor([4, 2, 0])
    table = torch.randn(3, 5, dtype=dtype, generator=torch.Generator().manual_seed(0))
    rows = TokenRows(table, index)
    real = torch.arange(4) < n[:, None]
    for mode in (torch.no_grad, torch.enable_grad):
        with mode():
            found, expected = encoder(rows, n)[real], encoder(table[index], n)[real]
        assert torch.allclose(found, expected, atol=within(expected), rtol=0)


@pytest.mark.parametrize("form", FORMS, ids=str)
@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_gradient_at_padding_is_exactly_zero(form, dtype):
    encoder = stack(*form, normalization="batch").to(dtype).train()
    pool = Pooling("max", encoder.out_dim, encoder.bidirectional)
    x, n = sequences([6, 2], 9, dtype=dtype)
    x.requires_grad_()
    pool(encoder(x, n), n).square().sum().backward()
    assert (x.grad[0, 6:] == 0).all() and (x.grad[1, 2:] == 0).all()
    assert (x.grad[1, :2] != 0).any()


@pytest.mark.parametrize("form", [form for form in FORMS if not form[3]], ids=str)
@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_one_direction_is_causal(form, dtype):
    encoder = stack(*form, normalization="layer").to(dtype).eval()
    generator = torch.Generator().manual_seed(0)
    lengths = torch.randint(2, 24, (200,), generator=generator)
    x, n = sequences(lengths.tolist(), 24, dtype=dtype)
    rows = torch.arange(200)
    changed_step = (torch.rand(200, generator=generator) * (n - 1)).long() + 1
    changed = x.clone()
    changed[rows, changed_step] += 1
    before, after = encoder(x, n), encoder(changed, n)
    earlier = torch.arange(24) < changed_step[:, None]
    assert torch.equal(before[earlier], after[earlier])
    # Where all but one unit of a tcn is shut, its norm may round to the same in float32.
    differ = (before[rows, changed_step] != after[rows, changed_step]).any(1)
    assert differ.float().mean() > (0.9 if dtype == torch.float32 else 0.999)


@pytest.mark.parametrize("form", FORMS, ids=str)
@pytest.mark.parametrize("normalization", [None, "batch"])
def test_gradient_against_finite_differences(form, normalization):
    encoder = stack(*form, dim=2, normalization=normalization).train()
    pool = Pooling("attention", encoder.out_dim, encoder.bidirectional).double()
    x, n = sequences([4, 2], 5, dim=2)
    x.requires_grad_()
    assert torch.autograd.gradcheck(lambda x: pool(encoder(x, n), n), x)


# Layers of three widths, which residual connections between recurrent layers can not have.
WIDTHS = (5, 2, 4)
OF_SEVERAL_WIDTHS = [
    (encoder, connections, bidirectional)
    for encoder, layers, connections, bidirectional in FORMS
    if layers == 3 and (connections != "residual" or encoder == "tcn")
]


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("form", OF_SEVERAL_WIDTHS, ids=str)
@pytest.mark.parametrize("normalization", [None, "batch", "layer", "l2"])
def test_layers_of_several_widths_stand_on_each_other(form, normalization, dtype):
    encoder, connections, bidirectional = form
    options = dict(size=WIDTHS, normalization=normalization)
    built = stack(encoder, 3, connections, bidirectional, **options).to(dtype).eval()
    directions = 2 if bidirectional else 1
    assert built.out_dim == directions * WIDTHS[-1]
    lengths = [7, 1, 3, 0]
    x, n = sequences(lengths, 7, dtype=dtype)
    real = torch.arange(7) < n[:, None]
    below = [x]
    for number, (layer, width) in enumerate(zip(built.layers, WIDTHS, strict=True)):
        read = torch.cat(below, dim=2) if connections == "dense" else below[-1]
        states = layer(read) if encoder == "tcn" else layer(read, n)
        assert states.shape[2] == directions * width
        below.append(built.norms[number](states, real) if normalization else states)
    assert torch.equal(built(x, n)[real], below[-1][real])
    # Padding reaches no state, whatever stands there.
    padded, n = sequences(lengths, 20, dtype=dtype, fill=float("nan"))
    found = built(padded, n)[:, :7][real]
    assert torch.allclose(found, below[-1][real], atol=within(found), rtol=0)


@pytest.mark.parametrize("encoder", ["gru", "tcn"])
def test_the_same_width_for_each_layer_is_one_width_for_all(encoder):
    one, each = stack(encoder, 3, "dense"), stack(encoder, 3, "dense", size=(4, 4, 4))
    x, n = sequences([6, 2], 6)
    assert torch.equal(one(x, n), each(x, n))
    residual = stack("gru", 3, "residual", size=(4, 4, 4))
    assert torch.equal(residual(x, n), stack("gru", 3, "residual")(x, n))


def test_widths_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match=r"\(5, 3\) is of 2 layers, but num_layers=3; leave"):
        Stack("lstm", 5, (5, 3), num_layers=3)
    with pytest.raises(ValueError, match=r"must be as wide, but hidden_size=\(5, 3\); use"):
        Stack("lstm", 5, (5, 3), num_layers=2, connections="residual")


@pytest.mark.parametrize("encoder", ["lstm", "tcn"])
def test_dense_layers_read_the_input_and_all_states_below(encoder):
    dense = stack(encoder, 3, "dense")
    x, n = sequences([6], 6)
    first = dense.layers[0](x, n) if encoder == "lstm" else dense.layers[0](x)
    below = torch.cat([x, first], dim=2)
    second = dense.layers[1](below, n) if encoder == "lstm" else dense.layers[1](below)
    below = torch.cat([x, first, second], dim=2)
    third = dense.layers[2](below, n) if encoder == "lstm" else dense.layers[2](below)
    assert torch.equal(dense(x, n), third)


def test_residual_layers_add_what_they_read():
    plain, residual = stack("gru", 2), stack("gru", 2, "residual")
    x, n = sequences([6], 6)
    first = plain.layers[0](x, n)
    assert torch.equal(residual(x, n), plain(x, n) + first)


def test_the_residual_way_drops_nothing():
    encoder = stack("gru", 2, "residual", dropout=0.9).train()
    for weight in encoder.layers[1].parameters():
        torch.nn.init.zeros_(weight)
    x, n = sequences([6], 6)
    assert torch.equal(encoder(x, n), encoder.layers[0](x, n))


def test_dropout_stands_between_layers():
    encoder = stack("rnn", 2, dropout=0.9).train()
    x, n = sequences([6], 6)
    assert not torch.equal(encoder(x, n), encoder(x, n))
    assert torch.equal(encoder.layers[0](x, n), encoder.layers[0](x, n))
    assert torch.equal(encoder.eval()(x, n), encoder(x, n))
    single = stack("rnn", 1, dropout=0.9).train()
    assert torch.equal(single(x, n), single(x, n))


def test_each_layer_has_a_normalisation_of_its_own():
    encoder = stack("lstm", 2, normalization="batch").eval()
    x, n = sequences([6], 6)
    real = torch.ones(1, 6, dtype=torch.bool)
    first = encoder.norms[0](encoder.layers[0](x, n), real)
    second = encoder.norms[1](encoder.layers[1](first, n), real)
    assert torch.equal(encoder(x, n), second)
