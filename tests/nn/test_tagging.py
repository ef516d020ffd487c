import pytest
import torch
from rounding import rounding
from torch import nn

from textseq.nn.network import pad
from textseq.nn.tagging import TaggingNetwork

IDS = torch.tensor([2, 5, 3, 4, 2, 2, 3])
OFFSETS = torch.tensor([0, 3, 3, 4, 7])  # the second row is empty
TAGS = torch.tensor([0, 1, 2, 2, 1, 0, 0])
ENCODERS = [dict(bidirectional=True), dict(encoder="tcn", num_layers=2), dict(encoder="lstm_fcn")]


def network_of(tags="crf", **options):
    torch.manual_seed(0)
    defaults = dict(n_tokens=6, embedding_dim=4, n_outputs=3, hidden_size=16)
    network = TaggingNetwork(tags=tags, **defaults | options).eval().requires_grad_(False)
    for weight in network.parameters():
        nn.init.normal_(weight, std=0.5)
    return network


MOVES = [[1, 0, 1, 1], [1, 1, 1, 1], [0, 1, 1, 1], [1, 0, 1, 1]]


@pytest.mark.parametrize("tags", ["crf", "linear"])
@pytest.mark.parametrize("options", [*ENCODERS, dict(allowed_moves=MOVES)], ids=str)
def test_a_row_gets_the_same_alone_and_beside_others(tags, options):
    network = network_of(tags, **options)
    together = network.probabilities([(IDS, OFFSETS)])
    best = network.best([(IDS, OFFSETS)])
    said = network([(IDS, OFFSETS, TAGS)])
    assert together.shape == (7, 3) and best.shape == (7,) and said.shape == (4, 2)
    assert torch.allclose(together.sum(1), torch.ones(7).double())
    assert said[1].tolist() == [0, 0]
    for row in range(4):
        part = slice(OFFSETS[row], OFFSETS[row + 1])
        alone = [(IDS[part], torch.tensor([0, len(IDS[part])]))]
        assert torch.allclose(
            network.probabilities(alone), together[part], rtol=0, atol=rounding(together)
        )
        assert torch.equal(network.best(alone), best[part])


def test_what_it_says_of_known_tags_is_loss_and_accuracy():
    network = network_of("linear")
    losses, hits = network([(IDS, OFFSETS, TAGS)]).T
    probabilities = network.probabilities([(IDS, OFFSETS)])
    expected = -probabilities[range(7), TAGS].log()
    assert losses[0] == pytest.approx(float(expected[:3].mean()))
    right = (probabilities.argmax(1) == TAGS).double()
    expected = [float(right[:3].mean()), 0, float(right[3]), float(right[4:].mean())]
    assert hits.tolist() == pytest.approx(expected)
    assert network.train()([(IDS, OFFSETS, TAGS)]).shape == (4, 1)


def test_all_weights_learn_also_through_a_batchs_table():
    network = network_of(embedding_dropout=0.2, dropout=0.2).train().requires_grad_(True)
    table = network.token_vectors(torch.arange(6)).detach().requires_grad_()
    weights = [w for w in network.parameters() if w is not network.table]
    loss = network([(IDS, OFFSETS, TAGS)], table).sum()
    for gradient in torch.autograd.grad(loss, [*weights, table]):
        assert torch.isfinite(gradient).all() and gradient.abs().sum() > 0


def test_steps_count_for_what_their_tags_do():
    network, plain = network_of("linear"), network_of("linear")
    network.class_weights = torch.tensor([2.0, 0.5, 0.0])
    losses, hits = network([(IDS, OFFSETS, TAGS)]).T
    probabilities = plain.probabilities([(IDS, OFFSETS)])
    each, right = -probabilities[range(7), TAGS].log(), (probabilities.argmax(1) == TAGS).double()
    for row, (begin, end) in enumerate([(0, 3), (3, 3), (3, 4), (4, 7)]):
        weights = network.class_weights[TAGS[begin:end]]
        total = float(weights.sum()) or 1.0
        assert losses[row] == pytest.approx(float((weights * each[begin:end]).sum()) / total)
        assert hits[row] == pytest.approx(float((weights * right[begin:end]).sum()) / total)


def test_what_a_counter_counts_stands_behind_the_scores_of_validation_alone():
    network = network_of()
    plain = network([(IDS, OFFSETS, TAGS)])
    network.counter = lambda found, truth, lengths: torch.stack([lengths, truth.sum(1)], 1)
    counted = network([(IDS, OFFSETS, TAGS)])
    assert torch.equal(counted[:, :2], plain)
    assert counted[:, 2:].tolist() == [[3, 3], [0, 0], [1, 2], [3, 1]]
    assert network.train()([(IDS, OFFSETS, TAGS)]).shape == (4, 1)


@pytest.mark.parametrize("tags", ["crf", "linear"])
@pytest.mark.parametrize("moves", [None, MOVES])
def test_rows_without_any_step_are_tagged(tags, moves):
    network = network_of(tags, allowed_moves=moves)
    nothing = [(IDS[:0], torch.tensor([0, 0, 0]))]
    assert network.best(nothing).shape == (0,)
    assert network.probabilities(nothing).shape == (0, 3)


@pytest.mark.parametrize("tags", ["crf", "linear"])
def test_the_loss_of_each_step_is_that_of_its_tags_probability(tags):
    torch.manual_seed(0)
    network = TaggingNetwork(n_tokens=9, embedding_dim=4, n_outputs=3, hidden_size=5, tags=tags)
    for weight in network.parameters():
        nn.init.normal_(weight)
    network.eval().requires_grad_(False)
    ids, offsets = torch.tensor([2, 7, 4, 8]), torch.tensor([0, 3, 3, 4])
    truth = torch.tensor([0, 2, 1, 1])
    losses, lengths = network.step_losses([(ids, offsets, truth)])
    p = network.probabilities([(ids, offsets)])[torch.arange(4), truth]
    assert lengths.tolist() == [3, 0, 1]
    assert torch.allclose(torch.cat([losses[0, :3], losses[2, :1]]), -p.log())
    assert losses[1].tolist() == [0, 0, 0] and losses[2, 1:].tolist() == [0, 0]


# The forms of IDS, of which ids 2 and 3 have two each, and what the four are spelled like.
FORMS = torch.tensor([0, 4, 2, 3, 1, 0, 5])
SPELLED = (
    torch.tensor([2, 3, 3, 2, 4, 5, 6, 6, 2]),
    torch.tensor([0, 2, 3, 5, 6, 8, 9]),
    torch.eye(6)[:, :2],
)


def of_words(characters, **options):
    return network_of(characters=characters, n_characters=7, n_shapes=2, **options)


@pytest.mark.parametrize("characters", ["cnn", "lstm"])
@pytest.mark.parametrize("options", ENCODERS, ids=str)
def test_words_with_characters_get_the_same_alone_and_beside_others(characters, options):
    network = of_words(characters, **options)
    together = network.probabilities([(IDS, OFFSETS, FORMS, *SPELLED)])
    assert not torch.allclose(together[0], together[4])  # one id, two forms
    for row in (0, 2, 3):
        part = slice(OFFSETS[row], OFFSETS[row + 1])
        offsets = torch.tensor([0, len(IDS[part])])
        alone = network.probabilities([(IDS[part], offsets, FORMS[part], *SPELLED)])
        assert torch.allclose(alone, together[part], rtol=0, atol=rounding(together))
    nothing = [(IDS[:0], torch.tensor([0, 0]), FORMS[:0], SPELLED[0][:0], *(
        part[:size] for part, size in zip(SPELLED[1:], (1, 0), strict=True)
    ))]  # fmt: skip
    assert network.probabilities(nothing).shape == (0, 3)


@pytest.mark.parametrize("characters", ["cnn", "lstm"])
def test_distinct_words_read_once_are_what_each_place_reads(characters):
    network = of_words(characters, bidirectional=True)
    emissions, lengths = network.emissions(IDS, OFFSETS, (FORMS, *SPELLED))
    x, _ = pad(network.step_vectors(IDS, (FORMS, *SPELLED)), OFFSETS)
    expected = network.head(network.states(x, lengths))
    real = torch.arange(x.shape[1]) < lengths[:, None]
    close = rounding(expected)
    assert torch.allclose(emissions[real], expected[real], rtol=0, atol=close)
    table = network.token_vectors(torch.arange(6)) + 1
    moved, _ = network.emissions(IDS, OFFSETS, (FORMS, *SPELLED), table)
    assert not torch.allclose(moved[real], emissions[real])


@pytest.mark.parametrize("dropout", [0.0, 0.3])
def test_weights_learn_with_characters_and_a_batchs_table(dropout):
    network = of_words("cnn", embedding_dropout=dropout).train().requires_grad_(True)
    table = network.token_vectors(torch.arange(6)).detach().requires_grad_()
    weights = [w for w in network.parameters() if w is not network.table]
    loss = network([(IDS, OFFSETS, FORMS, *SPELLED, TAGS)], table).sum()
    for gradient in torch.autograd.grad(loss, [*weights, table]):
        assert torch.isfinite(gradient).all() and gradient.abs().sum() > 0
    losses, _ = network.eval().step_losses([(IDS, OFFSETS, FORMS, *SPELLED, TAGS)])
    assert losses.shape == (4, 3)
