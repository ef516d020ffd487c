import torch

from textseq.nn.named_weights import named_weights
from textseq.nn.network import SequenceNetwork


def test_every_weight_has_a_name():
    network = SequenceNetwork(
        n_tokens=6, embedding_dim=3, n_outputs=2, encoder="gru", hidden_size=4, num_layers=2,
        bidirectional=True, normalization="batch", pooling="attention", head_sizes=(5,),
    )  # fmt: skip
    named = named_weights(network)
    assert {"embedding", "layer1.W_xr", "layer2.backward.b_hn", "norm2.weight",
            "pooling.score.weight", "head.hidden1.W", "head.W", "head.b"} <= set(named)  # fmt: skip
    assert named["layer2.W_xz"].shape == (4, 8) and named["head.hidden1.W"].shape == (5, 8)
    # The update and reset gates' two biases are given as their sum.
    summed = 2 * 2 * 2 * 4
    total = sum(weight.numel() for weight in network.state_dict().values())
    assert sum(weight.numel() for weight in named.values()) == total - summed


def test_layers_of_several_widths():
    network = SequenceNetwork(
        n_tokens=6, embedding_dim=3, n_outputs=2, encoder="gru", hidden_size=(5, 2), num_layers=2,
        bidirectional=True,
    )  # fmt: skip
    named = named_weights(network)
    assert named["layer1.W_xz"].shape == (5, 3) and named["layer2.W_xz"].shape == (2, 10)
    assert named["layer2.backward.W_hz"].shape == (2, 2) and named["head.W"].shape == (2, 4)


def test_a_tcn_and_a_bag():
    options = dict(n_tokens=6, embedding_dim=3, n_outputs=2)
    named = named_weights(SequenceNetwork(**options, encoder="tcn", num_layers=2))
    assert "layer2.second.direction" in named
    named = named_weights(SequenceNetwork(**options, encoder="mean", representation="onehot"))
    assert list(named) == ["head.W", "head.b"]
    assert torch.is_tensor(named["head.W"])
