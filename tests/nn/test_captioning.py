"""The network of captions: places of an image, and where they are."""

import pytest
import torch
from rounding import rounding
from torch import nn

from textseq.nn.captioning import (
    KERNEL,
    MARGIN,
    CaptionNetwork,
    Convolutions,
    coordinates,
    grid_of,
)
from textseq.nn.token_decoder import END

OPTIONS = dict(
    n_target_tokens=9, target_embedding_dim=5, encoder="deep_set", hidden_size=6, num_layers=2,
    pooling="max", attention="dot", embedding_dim=3,
)  # fmt: skip


def network_of(**options):
    torch.manual_seed(0)
    network = CaptionNetwork(**OPTIONS | options).eval()
    nn.init.normal_(network.decoder.inputs.weight)
    return network


def targets(n_rows):
    rows = [torch.tensor([4 + row, 7, END][row % 2 :]) for row in range(n_rows)]
    return torch.cat(rows), torch.tensor([0, *map(len, rows)]).cumsum(0)


def lone(field, row):
    values, offsets = field
    own = values[offsets[row] : offsets[row + 1]]
    return own, torch.tensor([0, len(own)])


def test_a_convolution_is_that_of_its_patch():
    front = Convolutions(3, (4,)).double()
    image = torch.rand(1, 6, 8, 3, dtype=torch.float64)
    found = front(image)
    padded = nn.functional.pad(image[0], (0, 0, *[MARGIN] * 4))
    (layer,) = front.layers
    for row in range(3):
        for column in range(4):
            patch = padded[2 * row : 2 * row + KERNEL, 2 * column : 2 * column + KERNEL]
            expected = torch.einsum("fcij,ijc->f", layer.weight, patch) + layer.bias
            torch.testing.assert_close(found[0, row, column], expected.relu())


@pytest.mark.parametrize("size", [(8, 8), (9, 14), (31, 16)])
@pytest.mark.parametrize("filters", [(2,), (2, 3), (2, 3, 4)])
def test_the_grid_is_what_convolutions_leave(size, filters):
    found = Convolutions(1, filters)(torch.rand(1, *size, 1))
    assert tuple(found.shape[1:]) == (*grid_of(*size, len(filters)), filters[-1])


def test_every_number_has_its_own_coordinates():
    found = coordinates(torch.arange(200))
    distances = torch.cdist(found, found) + torch.eye(200)
    assert distances.min() > 0.1


def test_a_blank_image_differs_by_where_one_looks():
    network = network_of(image=(8, 12), filters=(4,))
    rows = torch.zeros(8, 36), torch.tensor([0, 8])
    _, memory = network.read(*rows)
    assert memory.keys.shape[:2] == (1, 24)
    assert len(torch.unique(memory.keys[0], dim=0)) == 24


def test_a_grid_has_rows_and_columns_and_a_list_has_numbers():
    places = torch.zeros(6, 3), torch.tensor([0, 6])
    read = {}
    for name, columns in (("list", None), ("grid", 3), ("row", 6)):
        read[name] = network_of(columns=columns).read(*places)[1].states
    assert torch.equal(read["list"], read["row"])
    assert not torch.allclose(read["list"], read["grid"])


@pytest.mark.parametrize("encoder", ["deep_set", "gru"])
def test_a_row_is_read_alike_alone_and_in_a_batch(encoder):
    network = network_of(encoder=encoder, decoder_layers=2 if encoder == "gru" else 1,
                         decoder="gru")  # fmt: skip
    torch.manual_seed(1)
    source = torch.randn(9, 3), torch.tensor([0, 4, 5, 9])
    target = targets(3)
    together = network([source, target])
    for row in range(3):
        alone = network([lone(source, row), lone(target, row)])
        torch.testing.assert_close(alone[0], together[row], rtol=0, atol=rounding(together))


def test_the_weights_of_places_add_up_to_one():
    network = network_of(image=(8, 8), filters=(4,))
    source = torch.rand(16, 24), torch.tensor([0, 8, 16])
    _, weights = network.reread(source, targets(2))
    assert weights.shape == (2, 3, 16)
    ones = torch.ones(2, 3)
    torch.testing.assert_close(weights.sum(2), ones, rtol=0, atol=rounding(ones))


def test_what_the_decoder_is_told_is_the_same_while_it_learns():
    network = network_of(image=(8, 8), filters=(4,), dropout=0.5, embedding_dropout=0.5)
    source = torch.rand(16, 24), torch.tensor([0, 8, 16])
    _, read = network.read(*source)
    _, learning = network.train().read(*source)
    assert torch.equal(read.states, learning.states)
