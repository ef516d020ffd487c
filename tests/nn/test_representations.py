import pytest
import torch

from textseq.nn.network import SequenceNetwork
from textseq.nn.representations import Integer, OneHot, build_inputs


def test_one_hot_and_integer():
    ids = torch.tensor([0, 3])
    assert OneHot(4).rows(ids).tolist() == [[1, 0, 0, 0], [0, 0, 0, 1]]
    assert Integer(4).rows(ids).tolist() == [[0], [0.75]]
    assert build_inputs("embedding", 4, 7).dim == 7
    assert build_inputs("onehot", 4, 7).weight is None


def test_an_embedding_is_a_one_hot_row_times_a_matrix():
    """A network on one-hot rows whose input weights hold the embedding gives the same."""
    torch.manual_seed(0)
    options = dict(n_tokens=6, embedding_dim=3, n_outputs=2, encoder="rnn", hidden_size=4)
    embedded = SequenceNetwork(**options).double().eval()
    torch.nn.init.normal_(embedded.inputs.weight)
    one_hot = SequenceNetwork(**options, representation="onehot").double().eval()
    weights = embedded.state_dict()
    table = weights.pop("inputs.weight")
    name = "encoder.layers.0.forwards.layer.weight_ih_l0"
    weights[name] = weights[name] @ table.T
    one_hot.load_state_dict(weights)
    fields = [(torch.tensor([1, 5, 2, 2]), torch.tensor([0, 1, 4]))]
    assert torch.allclose(one_hot(fields), embedded(fields), atol=1e-12)


def test_a_bag_of_one_hot_rows_counts_words():
    network = SequenceNetwork(
        n_tokens=4, embedding_dim=1, n_outputs=1, encoder="mean", representation="onehot"
    ).eval()
    fields = [(torch.tensor([1, 1, 3]), torch.tensor([0, 3, 3]))]
    expected = torch.tensor([[0, 2 / 3, 0, 1 / 3], [0, 0, 0, 0]])
    assert torch.allclose(network.vectors(fields), expected)


@pytest.mark.parametrize("encoder", ["mean", "max", "lstm", "tcn"])
def test_numbers_are_read_as_the_vectors_of_tokens_are(encoder):
    torch.manual_seed(0)
    sizes = {"n_tokens": 6, "embedding_dim": 3, "n_outputs": 2, "encoder": encoder}
    tokens = SequenceNetwork(**sizes, hidden_size=4).eval()
    torch.nn.init.normal_(tokens.table)
    numbers = SequenceNetwork(**sizes, hidden_size=4, representation="numbers").eval()
    weights = {k: v for k, v in tokens.state_dict().items() if k != "inputs.weight"}
    numbers.load_state_dict(weights)
    ids, offsets = torch.tensor([5, 1, 1, 2, 0, 4]), torch.tensor([0, 4, 4, 6])
    steps = tokens.table[ids]
    assert numbers.table is None and not numbers.reads_tokens
    torch.testing.assert_close(numbers([(steps, offsets)]), tokens([(ids, offsets)]))
