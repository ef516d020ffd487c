import numpy as np
import pytest
import torch
from rounding import rounding

from textseq import TextClassifier, Tokens, WordVectors
from textseq.inspection.reading import answer_names, prefixes, read_one
from textseq.ragged import Ragged

TEXTS = ["the film is good", "so good a plot", "the film is bad", "dull and bad"] * 10
LABELS = ["pos", "pos", "neg", "neg"] * 10
SMALL = {"hidden_size": 3, "embedding_dim": 4, "max_epochs": 1, "n_threads": 1, "random_state": 0}


@pytest.mark.parametrize("encoder", ["mean", "max", "lstm", "tcn"])
def test_selected_steps_are_read_as_a_text_of_their_own(encoder):
    model = TextClassifier(encoder=encoder, **SMALL).fit(TEXTS, LABELS)
    reading = read_one(model, "so good a plot is bad")
    steps = Ragged.from_rows([[1, 3], [], [5, 4, 0]])
    texts = ["good plot", "", "bad is so"]
    assert np.allclose(
        reading.document_vectors(steps), model.transform(texts), rtol=0, atol=rounding(1)
    )
    logits = reading.logits(steps)
    assert logits.dtype == np.float64
    assert np.allclose(model.answers(logits), model.predict_proba(texts), rtol=0, atol=rounding(1))
    assert answer_names(model) == ["neg", "pos"]


def test_tokens_already_cut_are_read_as_they_are():
    model = TextClassifier(encoder="gru", **SMALL).fit(TEXTS, LABELS)
    reading = read_one(model, Tokens.from_lists([["so good", "good"]]))
    assert reading.source.to_lists() == [["so good", "good"]]
    assert reading.steps.known.tolist() == [False, True]
    with pytest.raises(ValueError, match="must be one string"):
        read_one(model, Tokens.from_lists([["so"], ["good"]]))


def test_the_table_of_vectors_is_not_copied():
    """It may hold 400,000 words, of which a text has a few."""
    words = [f"word{number}" for number in range(1_000)]
    matrix = np.random.default_rng(0).normal(size=(len(words), 4)).astype(np.float32)
    parameters = SMALL | {"vectors": WordVectors(words, matrix)}
    model = TextClassifier(encoder="gru", **parameters).fit(TEXTS, LABELS)
    reading = read_one(model, "word7 good")
    assert reading.network.inputs is model.network_.inputs
    assert np.allclose(reading.vectors[0], matrix[7])
    assert reading.vectors.dtype == torch.float64
    assert model.network_.inputs.weight.dtype == torch.float32


def test_prefixes_grow_by_a_step():
    assert prefixes(3).to_lists() == [[0], [0, 1], [0, 1, 2]]
