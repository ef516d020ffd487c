"""What the page's script measures: the Jacobians of steps, their norms and products."""

import numpy as np
import pytest
import torch

from textseq import TextClassifier
from textseq.inspection.jacobians import step_jacobians

TEXTS = ["so good a film", "so bad a film of ours", "a film", "good , so good ."] * 10
LABELS = ["pos", "neg", "neg", "pos"] * 10
CELLS = {
    "rnn": {"encoder": "rnn"},
    "rnn with relu": {"encoder": "rnn", "activation": "relu"},
    "lstm": {"encoder": "lstm"},
    "gru": {"encoder": "gru"},
    "janet": {"encoder": "janet"},
}


def states_of(cell, inputs):
    state, found = cell.initial_state(inputs[:1]), []
    for x in inputs:
        found.append(torch.cat(state, dim=1)[0])
        state, _ = cell.step(x[None], state)
    return torch.stack(found)


@pytest.mark.parametrize("name", CELLS)
def test_jacobians_are_those_of_autograd(page, name):
    model = TextClassifier(
        **CELLS[name], bidirectional=True, num_layers=2, hidden_size=4, embedding_dim=5,
        max_epochs=2, random_state=0, n_threads=1,
    ).fit(TEXTS, LABELS)  # fmt: skip
    page.open(model)
    text = "so good a film of xyzzy ours ."
    network = model.network_.double()
    (ids,) = model._inputs([text]).fields
    x = network.token_vectors(torch.from_numpy(ids.values))
    layer = network.encoder.layers[0]
    for direction, cell, inputs in (
        ("forward", layer.forwards, x),
        ("backward", layer.backwards, x.flip(0)),
    ):
        expected = step_jacobians(cell, inputs, states_of(cell, inputs)).numpy()
        norms, matrices = page.ask(
            """
            const run = model.run(model.read(arguments[0]), { recording: false });
            const { norms, matrices } = model.jacobians(run, 1, arguments[1]);
            return [norms, matrices.map((m) => Array.from(m.data))];
            """,
            text,
            direction,
        )
        np.testing.assert_allclose(np.reshape(matrices, expected.shape), expected, atol=1e-5)
        last = len(x) - 1
        assert [one["step"] for one in norms] == list(range(last - 1, -1, -1))
        product = np.eye(expected.shape[1])
        for one in norms:
            product = product @ expected[one["step"] + 1]
            for key, matrix in (("norm", expected[one["step"] + 1]), ("product", product)):
                size = np.linalg.norm(matrix, 2)
                np.testing.assert_allclose(one[key], size, rtol=1e-4, atol=1e-9)
