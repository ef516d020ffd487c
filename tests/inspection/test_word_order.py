import io

import numpy as np
import pandas as pd
import pytest
import torch
from rounding import rounding

from textseq import TextClassifier, TextRegressor
from textseq.inspection.word_order import order_matters

SMALL = {"hidden_size": 8, "embedding_dim": 6, "n_threads": 1, "random_state": 0, "wide": None}


def sentences(n, seed=0):
    """Sentences of 2 to 6 words that hold both "good" and "bad"; the label is what comes first."""
    rng = np.random.default_rng(seed)
    texts, labels = [], []
    for _ in range(n):
        words = ["good", "bad", *rng.choice(["film", "plot", "it"], rng.integers(5))]
        words = rng.permutation(words).tolist()
        texts.append(" ".join(words))
        labels.append("good" if words.index("good") < words.index("bad") else "bad")
    return texts, labels


TEXTS, LABELS = sentences(150)
NEW, TRUTH = sentences(200, seed=1)


@pytest.fixture(scope="module")
def reader():
    """A network that can only answer by the order of words."""
    fast = SMALL | {"max_epochs": 12, "learning_rate": 0.03, "embedding_dropout": 0.0}
    model = TextClassifier(encoder="gru", dropout=0.0, **fast).fit(TEXTS, LABELS)
    assert model.score(NEW, TRUTH) > 0.95
    return model


@pytest.fixture(scope="module")
def bags():
    short = SMALL | {"max_epochs": 3}
    numbers = [float(len(text)) for text in TEXTS]
    indicators = pd.DataFrame({"film": ["film" in text for text in TEXTS], "bad": True})
    return [
        (TextClassifier(encoder="mean", **short).fit(TEXTS, LABELS), TRUTH),
        (TextClassifier(encoder="max", normalization="layer", **short).fit(TEXTS, LABELS), TRUTH),
        (
            TextRegressor(encoder="mean", **short).fit(TEXTS, numbers),
            [float(len(text)) for text in NEW],
        ),
        (
            TextClassifier(encoder="max", **short).fit(TEXTS, indicators.astype(int)),
            np.array([["film" in text, True] for text in NEW]).astype(int),
        ),
    ]


def test_a_bag_of_words_is_never_moved(bags):
    for model, truth in bags:
        found = order_matters(model, NEW, truth)
        assert found.drop == found.low == found.high == 0.0
        assert (found.shuffled_scores == found.score).all()
        assert (found.table["changed"] == 0).all()
        assert not found.beyond_noise
        assert "in any order" in found.verdict
        assert np.isclose(found.score, model.objective().score(
            model._outputs(NEW), model._encode_targets(truth, len(NEW)), None
        ))  # fmt: skip


def test_the_rounding_of_a_long_sum_is_no_effect_of_order():
    words = [f"word{number}" for number in range(300)]
    texts = [" ".join(np.random.default_rng(seed).permutation(words)[:250]) for seed in range(40)]
    model = TextRegressor(encoder="mean", max_epochs=2, **SMALL).fit(texts, range(40))
    backwards = [" ".join(reversed(text.split())) for text in texts]
    assert (model.predict(texts) != model.predict(backwards)).any()
    found = order_matters(model, texts, range(40))
    assert found.drop == found.low == found.high == 0.0
    assert (found.table["changed"] == 0).all()


def test_a_reader_of_order_falls_to_chance(reader):
    found = order_matters(reader, NEW, TRUTH)
    assert found.score == reader.score(NEW, TRUTH)
    assert len(found.shuffled_scores) == 5
    assert (abs(found.shuffled_scores - 0.5) < 0.15).all()
    assert np.isclose(found.drop, found.score - found.shuffled_scores.mean())
    assert found.low < found.drop < found.high
    # Differences of right and wrong in 200 texts: the half width is near 1.96 sd / sqrt(200).
    assert 0.02 < (found.high - found.low) / 2 < 0.08
    assert found.beyond_noise and found.p_value < 0.001
    assert "keep an encoder that reads it" in found.verdict


def test_the_table_tells_every_shuffle(reader):
    found = order_matters(reader, NEW, TRUTH, n_shuffles=3)
    assert found.table["reading"].tolist() == ["in order", "shuffle 1", "shuffle 2", "shuffle 3"]
    assert np.allclose(found.table["drop"], found.score - found.table["score"])
    assert found.table["changed"][0] == 0
    assert (found.table["changed"][1:] > 0.3).all()
    assert np.allclose(found.table["score"][1:], found.shuffled_scores)


def test_the_same_seed_shuffles_the_same(reader):
    one, same = (order_matters(reader, NEW, TRUTH, random_state=3) for _ in range(2))
    other = order_matters(reader, NEW, TRUTH, random_state=4)
    assert one.table.equals(same.table)
    assert not one.table.equals(other.table)


def test_no_use_of_order_is_said_where_there_is_none():
    # Any one of the two words decides, and the other is never there.
    texts, labels = ["good film", "it bad plot", "film good it", "bad"] * 25, [1, 0, 1, 0] * 25
    fast = SMALL | {"max_epochs": 8, "learning_rate": 0.03}
    model = TextClassifier(encoder="gru", **fast).fit(texts, labels)
    found = order_matters(model, texts, labels)
    assert found.score == 1
    assert found.p_value >= 0.05
    assert "encoder='mean' is cheaper" in found.verdict


def test_a_model_that_knows_nothing_is_told_so():
    model = TextClassifier(encoder="rnn", max_epochs=1, learning_rate=1e-9, **SMALL)
    model.fit(TEXTS, LABELS)
    found = order_matters(model, NEW, TRUTH)
    assert "not shown to be above that of one answer to all texts" in found.verdict


def test_pairs_are_shuffled_within_each_text():
    pairs, labels = list(zip(TEXTS, ["it is"] * len(TEXTS), strict=True)), LABELS
    fast = SMALL | {"max_epochs": 12, "learning_rate": 0.03, "embedding_dropout": 0.0}
    model = TextClassifier(encoder="gru", dropout=0.0, **fast).fit(pairs, labels)
    found = order_matters(model, pairs, labels)
    assert found.score > 0.95
    assert abs(found.shuffled_scores.mean() - 0.5) < 0.15


def test_shuffling_reaches_only_what_the_model_reads():
    """Beyond max_length nothing is drawn in: the first word alone has no other order."""
    model = TextClassifier(encoder="gru", max_length=1, max_epochs=2, **SMALL).fit(TEXTS, LABELS)
    assert (order_matters(model, NEW, TRUTH).table["changed"] == 0).all()


def test_a_regressor_is_scored_by_r2():
    places = [float(text.split().index("good")) for text in TEXTS]
    fast = SMALL | {"max_epochs": 12, "learning_rate": 0.03, "embedding_dropout": 0.0}
    model = TextRegressor(encoder="gru", dropout=0.0, **fast).fit(TEXTS, places)
    truth = [float(text.split().index("good")) for text in NEW]
    found = order_matters(model, NEW, truth)
    assert found.metric == "r2"
    assert np.isclose(found.score, model.score(NEW, truth), rtol=0, atol=rounding(1))
    assert found.beyond_noise and found.drop > 0.3


def test_what_cannot_be_tested_is_refused(reader):
    with pytest.raises(ValueError, match="n_shuffles must be .* at least 1, got 0"):
        order_matters(reader, NEW, TRUTH, n_shuffles=0)
    with pytest.raises(ValueError, match="X has 200 rows but y has 3"):
        order_matters(reader, NEW, TRUTH[:3])
    with pytest.raises(ValueError, match="not fitted"):
        order_matters(TextClassifier(), NEW, TRUTH)
    ngrams = TextClassifier(encoder="mean", ngram_range=(1, 2), max_epochs=1, **SMALL)
    with pytest.raises(ValueError, match=r"reads n-grams \(ngram_range=\(1, 2\)\)"):
        order_matters(ngrams.fit(TEXTS, LABELS), NEW, TRUTH)
    with pytest.raises(ValueError, match=r"reads n-grams \(ngram_range=\(1, 2\)\)"):
        order_matters(ngrams.set_params(hash_buckets=50).fit(TEXTS, LABELS), NEW, TRUTH)


def test_the_model_and_the_random_states_stay_as_they_are(reader):
    before = {name: value.clone() for name, value in reader.network_.state_dict().items()}
    torch_state = torch.get_rng_state()
    order_matters(reader, NEW, TRUTH)
    after = reader.network_.state_dict()
    assert all(torch.equal(after[name], value) for name, value in before.items())
    assert torch.equal(torch.get_rng_state(), torch_state)


def test_the_figure_shows_both_scores(reader, bags):
    found = order_matters(reader, NEW, TRUTH)
    figure = found.plot()
    figure.savefig(io.BytesIO(), dpi=40)
    drawn = [tuple(line.get_xdata()) for line in figure.axes[0].lines]
    assert (found.score,) in drawn
    assert tuple(found.shuffled_scores) in drawn
    assert "costs" in figure.get_suptitle()
    low, high = figure.axes[0].get_xlim()
    assert low < found.shuffled_scores.min() and found.score < high
    model, truth = bags[0]
    assert "changes nothing" in order_matters(model, NEW, truth).plot().get_suptitle()


@pytest.mark.parametrize(
    ("tokenizer", "shuffled"), [("word", "words"), ("char", "characters"), (list, "tokens")]
)
def test_what_is_shuffled_is_what_the_model_reads(tokenizer, shuffled):
    model = TextClassifier(tokenizer=tokenizer, encoder="mean", max_epochs=1, **SMALL)
    found = order_matters(model.fit(TEXTS, LABELS), TEXTS, LABELS)
    assert found.message() == f"Shuffling the {shuffled} changes nothing"


def test_rows_count_the_same_whatever_their_class_weighs():
    weights = {"good": 50}
    model = TextClassifier(encoder="mean", class_weight=weights, max_epochs=3, **SMALL)
    found = order_matters(model.fit(TEXTS, LABELS), NEW, TRUTH)
    assert found.metric == "accuracy"
    assert found.table["score"][0] == model.score(NEW, TRUTH)
