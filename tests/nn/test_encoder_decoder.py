"""The encoder-decoder: steps one by one equal all at once; batches and padding change nothing."""

import pytest
import torch
from largest_tensor import LargestTensor
from rounding import rounding
from torch import nn

from textseq.nn import attention as at_once
from textseq.nn import attention_blocks, softmax, token_decoder
from textseq.nn.dropout import drawing_from
from textseq.nn.encoder_decoder import Seq2SeqNetwork
from textseq.nn.token_decoder import BEGIN, END

CELLS = ["rnn", "lstm", "gru", "janet"]
OPTIONS = dict(
    n_tokens=9, n_target_tokens=11, embedding_dim=6, target_embedding_dim=7, hidden_size=8
)


def network_of(**options):
    torch.manual_seed(0)
    network = Seq2SeqNetwork(**OPTIONS | options).eval()
    for table in (network.inputs.weight, network.decoder.inputs.weight, network.decoder.output):
        if table is not None:
            nn.init.normal_(table)
    return network


def rows_of(lengths, n_tokens, first=0, end=False, seed=0):
    generator = torch.Generator().manual_seed(seed)
    rows = [torch.randint(first, n_tokens, (n,), generator=generator) for n in lengths]
    if end:
        rows = [torch.cat([row, torch.tensor([END])]) for row in rows]
    offsets = torch.tensor([0, *map(len, rows)]).cumsum(0)
    return torch.cat(rows), offsets


def pairs():
    return rows_of([3, 0, 6, 1], 9), rows_of([2, 4, 0, 7], 11, first=4, end=True)


def row_of(field, row):
    values, offsets = field
    values = values[offsets[row] : offsets[row + 1]]
    return values, torch.tensor([0, len(values)])


@pytest.mark.parametrize("attending_layer", ["first", "last"])
@pytest.mark.parametrize("attention", ["additive", "dot", None])
@pytest.mark.parametrize("decoder", CELLS)
def test_step_by_step_equals_all_at_once(decoder, attention, attending_layer):
    network = network_of(
        decoder=decoder, attention=attention, encoder=decoder, num_layers=2, decoder_layers=2,
        connections="residual", attending_layer=attending_layer,
    )  # fmt: skip
    source, target = pairs()
    with torch.no_grad():
        features, _ = network.reread(source, target)
        whole = network.decoder.logits(features).log_softmax(1).split(target[1].diff().tolist())
        for row in range(4):
            states, memory = network.read(*row_of(source, row))
            word, said = torch.tensor([[BEGIN]]), row_of(target, row)[0]
            for step, token in enumerate(said):
                features, _, states = network.decoder(word, memory, states)
                chances = network.decoder.logits(features[0, 0]).log_softmax(0)
                assert (chances - whole[row][step]).abs().max() < rounding(whole[row])
                word = token.view(1, 1)


@pytest.mark.parametrize("attention", ["additive", "dot"])
def test_layers_above_the_first_read_what_it_attends_to(attention):
    network = network_of(
        num_layers=2, decoder_layers=2, hidden_size=(8, 5), attention=attention,
        attending_layer="first",
    )  # fmt: skip
    (source, offsets), target = row_of(pairs()[0], 2), row_of(pairs()[1], 3)
    with torch.no_grad():
        found, weights = network.reread((source, offsets), target)
        states, memory = network.read(source, offsets)
        decoder = network.decoder
        cells = [layer.forwards for layer in decoder.layers.layers]
        before = torch.cat([torch.tensor([BEGIN]), target[0][:-1]])
        first, second = states
        for step, token in enumerate(before.split(1)):
            x = decoder.inputs.weight[token] * decoder.inputs.dim**0.5
            first, _ = cells[0].step(x, first)
            context, looked = decoder.attention(first[0][:, None], memory)
            second, _ = cells[1].step(torch.cat([first[0], context[:, 0]], 1), second)
            feature = decoder.combine(torch.cat([context[:, 0], second[0]], 1)).tanh()
            assert (feature[0] - found[step]).abs().max() < rounding(found)
            assert (looked[0, 0] - weights[0, step]).abs().max() < rounding(weights)


@pytest.mark.parametrize("attention", ["dot", None])
@pytest.mark.parametrize(("decoder", "units"), [("lstm", [8, 5, 6]), ("gru", [6])])
def test_a_decoder_has_the_units_of_the_encoder_or_of_its_last_layer(decoder, units, attention):
    network = network_of(
        encoder="lstm", hidden_size=(8, 5, 6), num_layers=3, decoder=decoder,
        decoder_layers=len(units), attention=attention,
    )  # fmt: skip
    cells = [layer.forwards for layer in network.decoder.layers.layers]
    assert [cell.hidden_size for cell in cells] == units
    source, target = pairs()
    with torch.no_grad():
        states, _ = network.read(*source)
        assert [[part.shape[1] for part in state] for state in states] == [
            [size] * len(cell.state_names) for size, cell in zip(units, cells, strict=True)
        ]
        together = network([source, target])
        for row in range(4):
            alone = network([row_of(source, row), row_of(target, row)])
            assert (alone[0] - together[row]).abs().max() < rounding(together)


@pytest.mark.parametrize("encoder", ["lstm", "tcn", "mean", "lstm_fcn"])
def test_a_row_has_the_same_loss_alone_and_in_a_batch(encoder):
    attention = None if encoder == "mean" else "additive"
    network = network_of(encoder=encoder, attention=attention)
    source, target = pairs()
    with torch.no_grad():
        together = network([source, target])
        assert together.shape == (4, 1)
        for row in range(4):
            alone = network([row_of(source, row), row_of(target, row)])
            assert (alone[0] - together[row]).abs().max() < rounding(together)


@pytest.mark.parametrize("attention", ["additive", "dot"])
def test_a_row_beyond_one_block_has_the_same_loss_alone_and_in_a_batch(monkeypatch, attention):
    monkeypatch.setattr(at_once, "SMALL", -1)
    monkeypatch.setattr(attention_blocks, "BLOCK", 2**10)
    network = network_of(attention=attention, bidirectional=True)
    lengths = [70, 0, 150, 3]
    source, target = rows_of(lengths, 9), rows_of(lengths[::-1], 11, first=4, end=True)
    with torch.no_grad():
        together = network([source, target])
        whole, _ = network.reread(source, target)
        assert torch.equal(whole, network.reread(source, target, keep_weights=False)[0])
        for row in range(4):
            alone = network([row_of(source, row), row_of(target, row)])
            assert (alone[0] - together[row]).abs().max() < rounding(together)


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_many_logits_have_the_losses_and_gradients_of_few(monkeypatch, smoothing):
    network = network_of(attention="additive", label_smoothing=smoothing).double().train()
    few = network(list(pairs())).sum()
    weights = list(network.parameters())
    monkeypatch.setattr(token_decoder, "FEW_LOGITS", 0)
    monkeypatch.setattr(softmax, "MOST_SCORES", 30)
    many = network(list(pairs())).sum()
    torch.testing.assert_close(many, few, rtol=0, atol=1e-13)
    for one, other in zip(
        torch.autograd.grad(few, weights), torch.autograd.grad(many, weights), strict=True
    ):
        torch.testing.assert_close(other, one, rtol=0, atol=1e-13)


@pytest.mark.parametrize("teacher_forcing", [1.0, 0.5])
@pytest.mark.parametrize("attention", ["additive", "dot"])
def test_what_is_kept_for_the_gradient_grows_with_one_side(attention, teacher_forcing):
    network = network_of(attention=attention, teacher_forcing=teacher_forcing).train()

    def kept(length):
        sizes = {}

        def keep(tensor):
            storage = tensor.untyped_storage()
            sizes[storage.data_ptr()] = storage.nbytes()
            return tensor

        fields = [rows_of([length] * 2, 9), rows_of([length] * 2, 11, first=4, end=True)]
        with (
            drawing_from(torch.Generator().manual_seed(0)),
            torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor),
        ):
            network(fields)
        return sum(sizes.values())

    # What grows with one side doubles, and a square is four times as large.
    assert kept(600) < 2.2 * kept(300)


@pytest.mark.parametrize("teacher_forcing", [1.0, 0.5])
@pytest.mark.parametrize("attention", ["additive", "dot"])
def test_nothing_is_held_for_all_pairs_of_steps_or_of_steps_and_tokens(
    monkeypatch, attention, teacher_forcing
):
    monkeypatch.setattr(attention_blocks, "BLOCK", 2**12)
    monkeypatch.setattr(token_decoder, "FEW_LOGITS", 2**12)
    monkeypatch.setattr(softmax, "MOST_SCORES", 2**12)
    network = network_of(attention=attention, n_target_tokens=500, teacher_forcing=teacher_forcing)
    fields = [rows_of([300] * 2, 9), rows_of([300] * 2, 500, first=4, end=True)]
    with LargestTensor() as scoring, torch.no_grad():
        network(fields)
    network.train()
    with LargestTensor() as training, drawing_from(torch.Generator().manual_seed(0)):
        torch.autograd.grad(network(fields).sum(), list(network.parameters()))
    # Of 602 steps up to a hundred numbers each; of pairs there are 180,600, of logits 301,000.
    assert max(scoring.size, training.size) < 602 * 100


def test_losses_are_means_over_the_target_and_its_end():
    network = network_of(attention="dot")
    source, target = pairs()
    with torch.no_grad():
        losses = network([source, target])
        features, _ = network.reread(source, target)
        chances = network.decoder.logits(features).log_softmax(1)
    of_tokens = -chances[torch.arange(len(chances)), target[0]]
    expected = torch.stack([part.mean() for part in of_tokens.split(target[1].diff().tolist())])
    torch.testing.assert_close(losses[:, 0], expected)


@pytest.mark.parametrize("beam_size", [1, 3])
def test_generated_scores_are_those_of_reading_again(beam_size):
    network = network_of(attention="additive", bidirectional=True)
    source, _ = pairs()
    with torch.no_grad():
        network.decoder.bias[:END] = 3.0  # likely, yet never said
        longest = torch.full((4,), 6)
        found = network.generate(source, longest, beam_size=beam_size, length_penalty=0.0)
        ids, scores = found.ids[:, 0], found.scores[:, 0]
        assert torch.equal(found.scores, found.log_probabilities)
        assert not torch.isin(ids, torch.tensor([0, 1, BEGIN])).any()
        for row, score in zip(range(4), scores, strict=True):
            said = ids[row][ids[row] != END]
            target = torch.cat([said, torch.tensor([END])]), torch.tensor([0, len(said) + 1])
            loss = network([row_of(source, row), target]) * target[1][1]
            assert abs(float(loss) + float(score)) < rounding(loss, network.decoder.bias)


def test_one_beam_is_greedy():
    network = network_of(attention="dot", decoder="gru")
    source, _ = pairs()
    with torch.no_grad():
        longest = torch.full((4,), 9)
        ids = network.generate(source, longest, beam_size=1, length_penalty=1.0).ids[:, 0]
        for row in range(4):
            states, memory = network.read(*row_of(source, row))
            word, said = torch.tensor([[BEGIN]]), []
            while len(said) < 9:
                features, _, states = network.decoder(word, memory, states)
                logits = network.decoder.logits(features[:, 0])
                logits[:, :END] = -torch.inf
                word = logits.argmax(1, keepdim=True)
                if int(word) == END:
                    break
                said.append(int(word))
            assert ids[row].tolist() == said + [END] * (9 - len(said))


def test_tied_weights_are_one_table():
    tied, own = network_of(), network_of(tie_weights=False)
    assert tied.decoder.output is None and own.decoder.output.shape == (11, 7)
    features = torch.randn(2, 7)
    logits = features @ tied.decoder.inputs.weight.T + tied.decoder.bias
    torch.testing.assert_close(tied.decoder.logits(features), logits)


def losses_in_training(network, seed=0):
    network.train()
    with drawing_from(torch.Generator().manual_seed(seed)), torch.no_grad():
        losses = network(list(pairs()))
    network.eval()
    return losses


def test_teacher_forcing_mixes_truth_and_own_answers():
    whole, always = network_of(), network_of(teacher_forcing=0.9999)
    source, target = pairs()
    torch.testing.assert_close(losses_in_training(always), losses_in_training(whole))
    never, half = network_of(teacher_forcing=0.0), network_of(teacher_forcing=0.5)
    told = losses_in_training(whole)
    assert (losses_in_training(never) - told).abs().max() > 1e-3
    assert (losses_in_training(half) - losses_in_training(never)).abs().max() > 1e-3
    torch.testing.assert_close(losses_in_training(half), losses_in_training(half))
    with torch.no_grad():  # what validates is told the truth
        torch.testing.assert_close(never([source, target]), whole([source, target]))


def test_its_own_answers_are_what_greedy_search_says():
    network = network_of(teacher_forcing=0.0, attention="dot", decoder="gru")
    source = rows_of([5], 9)
    with torch.no_grad():
        states, memory = network.read(*source)
        features = network._scheduled_sampling(torch.full((1, 4), BEGIN), memory, states)
        said = network.decoder.logits(features).argmax(2)
        before = torch.cat([torch.tensor([[BEGIN]]), said[:, :-1]], dim=1)
        whole, _, _ = network.decoder(before, memory, states)
    torch.testing.assert_close(features, whole)


def test_label_smoothing_is_for_training_alone():
    plain, smooth = network_of(), network_of(label_smoothing=0.3)
    source, target = pairs()
    with torch.no_grad():
        torch.testing.assert_close(smooth([source, target]), plain([source, target]))
        features, _ = plain.reread(source, target)
        uniform = -plain.decoder.logits(features).log_softmax(1).mean(1)
    means = torch.stack([part.mean() for part in uniform.split(target[1].diff().tolist())])
    expected = 0.7 * losses_in_training(plain)[:, 0] + 0.3 * means
    torch.testing.assert_close(losses_in_training(smooth)[:, 0], expected)


def test_all_weights_learn():
    network = network_of(attention="additive", bidirectional=True, pooling="attention").train()
    source, target = pairs()
    network([source, target]).sum().backward()
    for name, weight in network.named_parameters():
        assert weight.grad is not None and weight.grad.any(), name


def test_the_losses_of_tokens_sum_to_those_of_rows_and_parts_can_be_watched():
    torch.manual_seed(0)
    network = Seq2SeqNetwork(
        n_tokens=8, n_target_tokens=9, embedding_dim=4, target_embedding_dim=4, hidden_size=5,
        attention="additive",
    )  # fmt: skip
    for weight in network.parameters():
        nn.init.normal_(weight)
    network.eval().requires_grad_(False)
    source = torch.tensor([2, 7, 4, 5]), torch.tensor([0, 3, 4])
    target = torch.tensor([5, END, 6, 7, END]), torch.tensor([0, 2, 5])
    losses, lengths = network.step_losses([source, target])
    assert lengths.tolist() == [2, 3] and losses[0, 2] == 0
    assert torch.allclose(losses.sum(1, keepdim=True) / lengths[:, None], network([source, target]))
    seen = []

    class Watched(nn.Module):
        def __init__(self, name, part):
            super().__init__()
            self.name, self.part = name, part

        def forward(self, x, *others):
            seen.append((self.name, tuple(x.shape)))
            return self.part(x, *others)

    twin = network.with_parts(Watched)
    assert torch.equal(twin([source, target]), network([source, target]))
    assert seen == [("encoder", (2, 3, 4)), ("decoder", (2, 3, 4))]
    assert list(network.parts().values()) == [network.encoder, network.decoder.layers]
    assert not isinstance(network.encoder, Watched)
