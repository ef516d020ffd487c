from textseq.estimators.defaults import DataFacts, resolve


def decided(encoder="lstm", n_rows=10_000, n_outputs=2, n_tokens=20_000, long_text=40, **given):
    parameters = (
        dict.fromkeys(["max_epochs", "batch_size", "embedding_dropout", "num_layers"], "auto")
        | given
    )
    return resolve(encoder, parameters, DataFacts(n_rows, n_outputs, n_tokens, long_text))


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


def test_a_tcn_has_levels_enough_to_see_a_long_text():
    assert decided()["num_layers"] == 1
    assert [decided("tcn", long_text=n)["num_layers"] for n in (1, 13, 14, 61, 62)] == [
        2,
        2,
        3,
        4,
        5,
    ]
    # Longer texts are cut at 400 tokens.
    assert decided("tcn", long_text=10**6)["num_layers"] == 7
