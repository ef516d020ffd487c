"""Features of words, of their characters and shapes."""

import pytest
import torch
from rounding import rounding

from textseq.nn.word_features import CHARACTERS, WordFeatures

CHARACTERS_OF = torch.tensor([2, 5, 3, 4, 2, 1, 3])
OFFSETS = torch.tensor([0, 3, 3, 4, 7])  # the second word is empty
SHAPES = torch.tensor([[1.0, 0], [0, 0], [0, 1], [1, 1]])


def features_of(kind):
    torch.manual_seed(0)
    return WordFeatures(kind, n_characters=6, n_shapes=2).requires_grad_(False)


@pytest.mark.parametrize("kind", CHARACTERS)
def test_a_word_has_the_same_features_alone_and_beside_longer_ones(kind):
    features = features_of(kind)
    together = features(CHARACTERS_OF, OFFSETS, SHAPES)
    assert together.shape == (4, features.out_dim) and torch.equal(together[:, -2:], SHAPES)
    for word in range(4):
        part = CHARACTERS_OF[OFFSETS[word] : OFFSETS[word + 1]]
        alone = features(part, torch.tensor([0, len(part)]), SHAPES[word : word + 1])
        assert torch.allclose(alone[0], together[word], rtol=0, atol=rounding(together))
    assert len(torch.unique(together[:, :-2], dim=0)) == 4
    nothing = CHARACTERS_OF[:0]
    assert features(nothing, OFFSETS[:1], SHAPES[:0]).shape == (0, features.out_dim)
    empty = features(nothing, torch.tensor([0, 0]), SHAPES[1:2])
    assert torch.allclose(empty[0], together[1], rtol=0, atol=rounding(together))


def test_the_convolution_is_torchs_with_its_maximum_over_places():
    features = features_of("cnn")
    features.bias.copy_(torch.linspace(-1, 1, 64))
    weight = features.kernel.view(3, 64, 32).permute(1, 2, 0)  # (H, C, width)
    x = features.table[torch.tensor([0, 2, 5, 3, 0])].T[None]  # (1, C, L + 2)
    expected = torch.conv1d(x, weight, features.bias)[0].relu().amax(1)
    found = features(CHARACTERS_OF, OFFSETS, SHAPES)[0, :-2]
    assert torch.allclose(found, expected, rtol=0, atol=rounding(expected))
    assert (found == 0).any() and (found > 0).any()


@pytest.mark.parametrize("kind", CHARACTERS)
def test_all_weights_learn(kind):
    features = features_of(kind).requires_grad_(True)
    features(CHARACTERS_OF, OFFSETS, SHAPES)[:, :-2].square().sum().backward()
    for name, weight in features.named_parameters():
        assert weight.grad.abs().sum() > 0, name
    # Only the convolution looks beyond a word's ends.
    assert bool(features.table.grad[0].any()) == (kind == "cnn")
