import numpy as np
import torch

from textseq.estimators.answering.rows import AnsweringRows
from textseq.nn.answering import AnsweringNetwork, nearest
from textseq.ragged import Ragged
from textseq.training.outputs import as_tensors

ROWS = AnsweringRows(
    questions=Ragged.from_rows([[2, 3], [4], [5, 6, 7]]),
    sentences=Ragged.from_rows([[2, 8], [9, 3, 4], [5]]),
    passages=Ragged.from_rows([[0, 1, 0], [2], [1, 0]]),
    matched=Ragged.from_rows([[1, 0, 0, 1, 0, 1, 0], [0], [0, 0, 0, 0, 0]], dtype=np.float32),
    spans=Ragged(np.array([[1, 1], [6, 6], [0, 0], [0, 2]]), np.array([0, 2, 3, 4])),
)


def network(**options):
    torch.manual_seed(0)
    made = AnsweringNetwork(
        n_tokens=12, embedding_dim=4, hidden_size=4, encoder="gru", bidirectional=True,
        max_answer_length=3, **options,
    ).eval()  # fmt: skip
    torch.nn.init.normal_(made.table)
    return made.requires_grad_(False)


def fields(rows, spans=False):
    question, passage = as_tensors(rows)
    return [question, passage if spans else passage[:5]]


def test_the_nearest_place_that_fits_is_found_by_its_definition():
    rng = np.random.default_rng(0)
    scores = torch.from_numpy(rng.normal(size=(2, 4, 5, 5)))
    seen = torch.from_numpy(rng.random((2, 2, 5, 5)) < 0.7)
    found, p = nearest(scores, seen).numpy(), scores.sigmoid().numpy()
    for row, head, who in np.ndindex(2, 4, 5):
        there = np.flatnonzero(seen[row, head // 2, who].numpy())
        order = there[::-1] if head < 2 else there
        expected, left = np.zeros(5), 1.0
        for place in order:
            expected[place] = left * p[row, head, who, place]
            left *= 1 - p[row, head, who, place]
        np.testing.assert_allclose(found[row, head, who], expected, rtol=1e-12)


def test_probabilities_of_all_spans_add_up_to_one_and_none_leaves_its_passage():
    log_p = network().log_probabilities(fields(ROWS))
    np.testing.assert_allclose(log_p.exp().sum((1, 2)), 1, rtol=1e-12)
    lengths = torch.tensor([7, 1, 5])[:, None, None]
    start, more = torch.arange(7)[:, None], torch.arange(3)
    assert ((log_p > -torch.inf) == (start + more < lengths)).all()


def test_the_loss_is_of_the_summed_probability_of_the_right_spans():
    made = network()
    log_p = made.log_probabilities(fields(ROWS))
    losses, hits = made(fields(ROWS, spans=True)).T
    p = log_p.exp()
    right = torch.stack([p[0, 1, 0] + p[0, 6, 0], p[1, 0, 0], p[2, 0, 2]])
    np.testing.assert_allclose(losses, -right.log(), rtol=1e-5)
    best = [np.unravel_index(int(one.argmax()), one.shape) for one in log_p]
    truths = [{(1, 0), (6, 0)}, {(0, 0)}, {(0, 2)}]
    assert hits.tolist() == [pair in truth for pair, truth in zip(best, truths, strict=True)]
    assert made.train()(fields(ROWS, spans=True)).shape == (3, 1)


def test_a_row_says_the_same_alone_and_beside_longer_ones():
    made = network(n_passes=2)
    together = made.log_probabilities(fields(ROWS))
    for row in range(3):
        alone = made.log_probabilities(fields(ROWS.take(np.array([row]))))[0]
        np.testing.assert_allclose(together[row, : len(alone)], alone, atol=1e-6)


def test_what_stands_in_another_sentence_is_read_by_the_passes_alone():
    other = AnsweringRows(
        ROWS.questions, Ragged.from_rows([[2, 8], [9, 3, 11], [5]]), ROWS.passages, ROWS.matched
    )
    for n_passes, same in ((0, True), (1, False)):
        made = network(n_passes=n_passes)
        one, two = (made.read_fields(fields(rows)) for rows in (ROWS, other))
        # The first sentence of the first passage, whose second is another one.
        assert torch.allclose(one.starts[0, :2], two.starts[0, :2]) == same


def test_gradients_are_those_of_finite_differences():
    made = network(n_passes=1).double().train().requires_grad_(True)
    weights = [weight for weight in made.parameters() if weight.ndim]
    question, (ids, ends, codes, offsets, matched, *spans) = fields(ROWS, spans=True)
    batch = [question, (ids, ends, codes, offsets, matched.double(), *spans)]
    log_p = made.log_probabilities([question, batch[1][:5]])
    gradients = torch.autograd.grad(log_p[0, 1, 0], weights, materialize_grads=True)
    rng = np.random.default_rng(0)
    for weight, gradient in zip(weights, gradients, strict=True):
        place = tuple(rng.integers(size) for size in weight.shape)
        with torch.no_grad():
            before, step = weight[place].clone(), 1e-6
            ends = []
            for sign in (1, -1):
                weight[place] = before + sign * step
                ends.append(made.log_probabilities([question, batch[1][:5]])[0, 1, 0])
            weight[place] = before
        difference = float((ends[0] - ends[1]) / (2 * step))
        np.testing.assert_allclose(float(gradient[place]), difference, rtol=1e-4, atol=1e-7)
