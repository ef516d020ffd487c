"""Texts that are longer than what an epoch reads of them."""

import warnings

import numpy as np
import pytest

from textseq import TextClassifier, find_learning_rate, load_model
from textseq.batches import SequenceData
from textseq.ragged import Ragged

QUICK = {
    "encoder": "gru", "hidden_size": 8, "embedding_dim": 8, "wide": None, "random_state": 0,
    "n_threads": 1,
}  # fmt: skip


def late_words(n, seed):
    """Texts of 120 words, of which some of the last sixty tell the class."""
    rng = np.random.default_rng(seed)
    labels = rng.choice(["no", "yes"], n)
    words = rng.choice(list("abcdefghijklmnop"), (n, 120)).astype("<U3")
    for row, label in zip(words, labels, strict=True):
        row[60 + rng.permutation(60)[:8]] = label
    return [" ".join(row) for row in words], labels


def test_what_stands_late_is_learned_in_short_steps():
    (texts, labels), (new, truth) = late_words(400, 0), late_words(200, 1)
    assert not any({"no", "yes"} & set(text.split()[:60]) for text in texts)
    model = TextClassifier(**QUICK, crop_length=40, max_epochs=12).fit(texts, labels)
    assert model.score(new, truth) > 0.95


def test_an_epoch_reads_a_stretch_that_the_next_does_not():
    ids = Ragged.from_rows([list(range(100)), [200, 201], list(range(300, 350))])
    data = SequenceData((ids, ids), np.arange(3), np.ones(3), np.ones((3, 2)))
    rng = np.random.default_rng(0)
    seen = set()
    for _ in range(200):
        drawn = data.cropped(10, rng)
        assert drawn.lengths.tolist() == [10, 2, 10]
        for field in drawn.fields:
            first, short, last = field.to_lists()
            assert first == list(range(first[0], first[0] + 10))
            assert last == list(range(last[0], last[0] + 10))
            assert short == [200, 201]
            seen.add(first[0])
        assert (drawn.targets == data.targets).all() and drawn.columns is data.columns
    assert min(seen) == 0 and max(seen) == 90
    assert data.cropped(None, rng) is data and data.cropped(100, rng) is data


def test_answers_are_of_whole_texts(tmp_path):
    texts, labels = late_words(200, 0)
    model = TextClassifier(**QUICK, crop_length=40, max_epochs=2).fit(texts, labels)
    assert model.encoding_.max_length is None
    other = [text.rsplit(" ", 1)[0] + " yes" for text in texts[:5]]
    assert not np.allclose(model.predict_proba(texts[:5]), model.predict_proba(other), atol=1e-7)
    again = load_model(model.save(tmp_path / "m"))
    assert again.fitted_parameters_["crop_length"] == 40
    assert (again.predict_proba(texts[:5]) == model.predict_proba(texts[:5])).all()


def test_speed_and_rate_are_of_what_is_read():
    texts, labels = late_words(200, 0)
    model = TextClassifier(**QUICK, crop_length=40, max_epochs=1).fit(texts, labels)
    read = model.history_["tokens_per_second"] * model.history_["seconds"]
    assert read.round().tolist() == [180 * 40]
    found = find_learning_rate(TextClassifier(**QUICK, crop_length=40), texts, labels, n_batches=9)
    assert found.suggestion > 0


@pytest.mark.parametrize(("encoder", "length"), [("gru", 400), ("tcn", 400), ("mean", None)])
def test_no_text_is_cut_by_default(encoder, length):
    texts = ["good " * 500, *["bad film"] * 9] * 4
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = TextClassifier(encoder=encoder, max_epochs=1, hidden_size=4, random_state=0)
        model.fit(texts, [1, 0] * 20)
    chosen = model.fitted_parameters_
    assert (chosen["max_length"], chosen["crop_length"]) == (None, length)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"crop_length": 0}, "crop_length must be a whole number of at least 1, got 0"),
        (
            {"encoder": "mean", "ngram_range": (1, 2), "hash_buckets": 100, "crop_length": 40},
            "does not go with hash_buckets=100",
        ),
        (
            {"encoder": "transformer", "pretrained": "folder", "crop_length": 40},
            "does not go with a transformer",
        ),
    ],
)
def test_what_can_not_be_cropped_is_refused(given, message):
    with pytest.raises(ValueError, match=message):
        TextClassifier(**QUICK | given)._resolved(TextClassifier(**QUICK | given).get_params())
