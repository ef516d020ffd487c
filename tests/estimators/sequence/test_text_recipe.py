from textseq.estimators.auto import decide
from textseq.estimators.sequence.text_recipe import DataFacts, recipe


def decided(encoder="lstm", pooling="max", given=(), **facts):
    left = ["max_epochs", "batch_size", "embedding_dropout", "num_layers", "patience"]
    left += ["crop_length", "max_length"]
    ordinary = dict(n_rows=10_000, n_outputs=2, n_tokens=20_000, long_text=40, pretrained=False)
    parameters = dict.fromkeys(left, "auto") | {"pooling": pooling} | dict(given)
    return decide(parameters, recipe(encoder, pooling, DataFacts(**ordinary | facts)))


def test_small_sets_are_seen_more_often_in_smaller_batches():
    small, large = decided(n_rows=500), decided(n_rows=100_000)
    assert small["max_epochs"] > decided()["max_epochs"] > large["max_epochs"] >= 4
    assert small["batch_size"] < large["batch_size"]


def test_many_classes_take_longer():
    assert decided(n_outputs=77)["max_epochs"] > decided(n_outputs=2)["max_epochs"]


def test_characters_are_dropped_less():
    assert decided(n_tokens=60)["embedding_dropout"] < decided()["embedding_dropout"]


def test_what_is_given_stays():
    assert decided(given=dict(max_epochs=3, batch_size=7))["max_epochs"] == 3
    assert decided("mean", given=dict(patience=None))["patience"] is None


def test_the_last_state_of_a_tcn_sees_a_long_text():
    levels = [
        decided("tcn", "last", long_text=length)["num_layers"] for length in (1, 13, 14, 61, 62)
    ]
    assert levels == [2, 2, 3, 4, 5]
    # Training reads at most 200 tokens of a text at once.
    assert decided("tcn", "last", long_text=10**6)["num_layers"] == 6
    assert decided("tcn", "max", long_text=10**6)["num_layers"] == 2
    assert decided("lstm", "last", long_text=10**6)["num_layers"] == 1


def test_stretches_of_long_texts_are_longer_where_there_is_more_to_tell():
    assert decided()["crop_length"] == 200
    assert decided(n_outputs=20)["crop_length"] == decided(n_tokens=60)["crop_length"] == 400
    assert decided("mean")["crop_length"] is decided("mean")["max_length"] is None
    assert decided()["max_length"] is None


def test_a_bag_without_vectors_learns_briefly():
    for n_outputs in (2, 77):
        own, pretrained = (
            decided("mean", pretrained=known, n_outputs=n_outputs) for known in (False, True)
        )
        assert 3 <= own["max_epochs"] < pretrained["max_epochs"]
    assert decided("mean", n_rows=10**6)["max_epochs"] == 3
