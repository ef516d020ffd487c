import numpy as np
import pandas as pd
import pytest
from step_models import OWN_TAGS, ROWS, TEXTS, language_model, tagger, translator

from textseq import Forecaster, order_matters

LEARNED = dict(learning_rate=0.02, max_epochs=8, hidden_size=8)


def before_c(n=150, seed=0):
    rng = np.random.default_rng(seed)
    rows = [list(rng.choice(list("abcdef"), 7)) for _ in range(n)]
    return rows, [["A" if before == "c" else "O" for before in ["", *row[:-1]]] for row in rows]


def test_a_tagger_that_carries_nothing_along_knows_no_order():
    model = tagger(ROWS, OWN_TAGS, head="linear", encoder="birnn", **LEARNED)
    layer = model.network_.encoder.layers[0]
    for cell in (layer.forwards, layer.backwards):
        cell.weights[1].zero_()  # each step's state is of its own word alone
    found = order_matters(model, ROWS, OWN_TAGS)
    assert 0.2 < found.score < 1
    assert found.score == pytest.approx(model.score(ROWS, OWN_TAGS))
    assert found.drop == 0 and found.table["drop"].tolist() == [0.0] * 6
    assert "no use of order that 40 sentences could show" in found.verdict
    assert found.message() == "Shuffling the words changes nothing"


def test_tags_go_with_their_words():
    model = tagger(ROWS, OWN_TAGS)
    rows = model.shuffled_rows(ROWS, OWN_TAGS, np.random.default_rng(0))
    words = model.rows(ROWS, OWN_TAGS)
    tag_of = dict(zip(words.inputs.inputs.values, words.tags.values, strict=True))
    assert [tag_of[word] for word in rows.inputs.inputs.values] == rows.tags.values.tolist()
    own, shuffled = words.inputs.inputs.to_lists(), rows.inputs.inputs.to_lists()
    assert own != shuffled
    assert [sorted(row) for row in own] == [sorted(row) for row in shuffled]


def test_tags_that_the_word_before_tells_are_lost():
    rows, tags = before_c()
    model = tagger(rows, tags, **LEARNED | dict(max_epochs=30))
    found = order_matters(model, rows, tags, n_shuffles=3)
    assert found.metric == "token accuracy"
    assert found.score == pytest.approx(model.score(rows, tags))
    assert found.drop > 0.1 and found.beyond_noise
    assert "it uses order" in found.verdict and "token accuracy goes from" in found.verdict
    assert found.message() == f"Shuffling the words costs {found.drop:.3f} of token accuracy"
    again = order_matters(model, rows, tags, n_shuffles=3)
    assert again.table.equals(found.table)


@pytest.mark.parametrize("steps", ["auto", 4])
def test_a_language_models_score_in_order_is_its_perplexity(steps):
    texts = [*TEXTS, "", "a b c d e f a b c d e f"]
    model = language_model(texts, truncated_bptt_steps=steps, **LEARNED | dict(max_epochs=30))
    found = order_matters(model, texts)
    assert found.table["perplexity"][0] == pytest.approx(model.perplexity(texts), rel=1e-5)
    assert found.table["perplexity"][1:].min() > found.table["perplexity"][0]
    assert found.metric == "log-likelihood a token" and found.drop > 0
    assert "; perplexity from " in found.verdict


def test_texts_are_shuffled_window_by_window():
    model = language_model(truncated_bptt_steps=4)
    text = "a b c d e f a b c"
    rows, own = model.shuffled_rows([text], None, np.random.default_rng(0)), model.rows([text])
    ids, shuffled = own.ids[1:-1], rows.ids[1:-1]
    assert not np.array_equal(ids, shuffled)
    for start in range(0, 9, 4):
        assert sorted(ids[start : start + 4]) == sorted(shuffled[start : start + 4])
    assert rows.ids[[0, -1]].tolist() == own.ids[[0, -1]].tolist()


def test_sources_are_shuffled_and_targets_are_not():
    model = translator(**LEARNED | dict(max_epochs=60))
    rows = model.shuffled_rows(TEXTS, TEXTS, np.random.default_rng(0))
    own = model.rows(TEXTS, TEXTS)
    assert rows.fields[1].to_lists() == own.fields[1].to_lists()
    assert rows.fields[0].to_lists() != own.fields[0].to_lists()
    found = order_matters(model, TEXTS, TEXTS)
    tokens = own.fields[1].n_values
    assert found.score == pytest.approx(model.score_samples(TEXTS, TEXTS).sum() / tokens, rel=1e-5)
    assert found.drop > 0.05 and found.beyond_noise


def test_a_mean_of_the_source_knows_no_order():
    found = order_matters(translator(encoder="mean", **LEARNED), TEXTS, TEXTS)
    assert found.drop == 0
    assert "no use of order that 40 sources could show" in found.verdict


def test_what_can_not_be_shuffled_is_refused():
    with pytest.raises(ValueError, match="y is missing, and without it there is no loss and no"):
        order_matters(tagger(), ROWS)
    with pytest.raises(ValueError, match="y is missing"):
        order_matters(translator(), TEXTS)
    with pytest.raises(ValueError, match="got list, which is no network"):
        order_matters([], TEXTS)
    times = pd.date_range("2024-01-01", periods=80)
    series = pd.DataFrame({"unique_id": "a", "ds": times, "y": np.sin(np.arange(80.0))})
    model = Forecaster(2, max_epochs=1, random_state=0, n_threads=1)
    with pytest.raises(ValueError, match="got Forecaster, whose windows are forecast from"):
        order_matters(model.fit(series), series)
