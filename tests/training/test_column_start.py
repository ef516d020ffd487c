"""A head begins with what columns tell by themselves."""

import numpy as np
import pytest
import torch

from textseq.batches import SequenceData
from textseq.nn.heads import Head
from textseq.ragged import Ragged
from textseq.training.column_start import start_columns


def rows(targets, columns, weights=None):
    ids = Ragged.from_rows([[1]] * len(columns))
    return SequenceData((ids,), np.asarray(targets), weights, np.asarray(columns, np.float32))


def answered(head, columns):
    """Answer columns beside document vectors of zeros."""
    columns = torch.tensor(columns, dtype=torch.float32)
    vectors = torch.cat([torch.zeros(len(columns), 3), columns], dim=1)
    with torch.no_grad():
        return head.eval()(vectors).numpy()


COLUMNS = np.tile([[-0.5, 0.5], [0.5, 0.5], [-0.5, -0.5], [0.5, -0.5]], (25, 1))


@pytest.mark.parametrize(("kind", "n_outputs"), [("classes", 2), ("classes", 3), ("labels", 2)])
def test_classes_and_labels_are_answered_by_the_columns_that_tell_them(kind, n_outputs):
    first, second = COLUMNS.T > 0
    targets = {2: first, 3: np.where(first, second + 1, 0)}[n_outputs].astype(np.int64)
    if kind == "labels":
        targets = np.stack([first, second], axis=1).astype(np.float32)
    head = Head(5, n_outputs, n_columns=2)
    text_weights = head.output.weight[:, :3].detach().clone()
    start_columns(head, rows(targets, COLUMNS), kind)
    found = answered(head, COLUMNS[:4])
    right = found > 0 if kind == "labels" else found.argmax(1)
    assert np.array_equal(right, targets[:4])
    assert torch.equal(head.output.weight[:, :3], text_weights)


def test_numbers_are_those_of_ridge_regression():
    targets = COLUMNS @ [2.0, -1.0] + 3
    head = Head(5, 1, n_columns=2)
    start_columns(head, rows(targets, COLUMNS), "number")
    # 100 rows of variance 1/4 against a penalty of 1.
    assert np.allclose(answered(head, [[0, 0], [1, 0], [0, 1]])[:, 0] - 3, [0, 52 / 26, -26 / 26],
                       atol=0.09)  # fmt: skip
    assert np.allclose(head.output.weight[0, 3:].detach(), np.array([2.0, -1.0]) * 25 / 26)


def test_rows_count_by_their_weights():
    targets = np.tile([0, 0, 1, 1], 25)
    weights = np.tile([1, 1, 9, 9], 25).astype(np.float32)
    head = Head(5, 2, n_columns=2)
    start_columns(head, rows(targets, np.zeros((100, 2)), weights), "classes")
    log_odds = np.diff(answered(head, [[0, 0]])[0])
    assert np.allclose(log_odds, np.log(9), atol=1e-3)


def test_a_label_that_is_always_or_never_there_stays_at_nothing():
    targets = np.stack([np.ones(100), np.zeros(100)], axis=1)
    head = Head(5, 2, n_columns=2)
    start_columns(head, rows(targets, COLUMNS), "labels")
    assert not answered(head, COLUMNS[:1]).any()


@pytest.mark.parametrize("head", [Head(3, 2), Head(5, 2, (4,), n_columns=2)])
def test_without_columns_and_with_hidden_layers_a_head_stays_as_it_is(head):
    before = {name: weight.clone() for name, weight in head.state_dict().items()}
    own = rows(np.tile([0, 1], 50), COLUMNS)
    if not head.n_columns:
        own = SequenceData(own.fields, own.targets)
    start_columns(head, own, "classes")
    assert all(torch.equal(weight, before[name]) for name, weight in head.state_dict().items())


def test_it_repeats():
    heads = [Head(5, 2, n_columns=2) for _ in range(2)]
    for head in heads:
        start_columns(head, rows(np.tile([0, 1, 1, 1], 25), COLUMNS), "classes")
    first, second = (head.output.weight[:, 3:] for head in heads)
    assert torch.equal(first, second)


@pytest.mark.parametrize("there", [[0, 2], [0, 1], [1]])
def test_a_class_without_rows_is_not_answered(there):
    targets = np.resize(there, len(COLUMNS)).astype(np.int64)
    head = Head(5, 3, n_columns=2)
    start_columns(head, rows(targets, COLUMNS), "classes")
    found = answered(head, COLUMNS[:4])
    assert np.isfinite(found).all()
    assert set(found.argmax(1)) <= set(there)
