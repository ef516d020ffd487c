from textseq.estimators.defaults import DataFacts, resolve


def decided(encoder="lstm", n_rows=10_000, n_outputs=2, n_tokens=20_000, **given):
    parameters = dict.fromkeys(["max_epochs", "batch_size", "embedding_dropout"], "auto") | given
    return resolve(encoder, parameters, DataFacts(n_rows, n_outputs, n_tokens))


def test_small_sets_are_seen_more_often_in_smaller_batches():
    small, large = decided(n_rows=500), decided(n_rows=100_000)
    assert small["max_epochs"] > decided()["max_epochs"] > large["max_epochs"] >= 4
    assert small["batch_size"] < large["batch_size"]


def test_many_classes_take_longer():
    assert decided(n_outputs=77)["max_epochs"] > decided(n_outputs=2)["max_epochs"]


def test_characters_are_dropped_less():
    assert decided(n_tokens=60)["embedding_dropout"] < decided()["embedding_dropout"]


def test_what_is_given_stays():
    assert decided(max_epochs=3, batch_size=7)["max_epochs"] == 3
    assert decided(encoder="mean", patience=None)["patience"] is None
