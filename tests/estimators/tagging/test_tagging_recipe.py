from textseq import SequenceTagger
from textseq.estimators.auto import decide
from textseq.estimators.tagging.recipe import TaggerFacts, recipe


def decided(encoder, *facts, **given):
    return decide(SequenceTagger(**given).get_params(), recipe(encoder, TaggerFacts(*facts)))


def test_words_are_hidden_more_than_characters_and_frames():
    words = decided("lstm", 1_000, 50_000, 8_000)
    characters = decided("lstm", 1_000, 50_000, 60)
    frames = decided("lstm", 1_000, 50_000, 0)
    assert words["max_epochs"] == characters["max_epochs"] == frames["max_epochs"] == 15
    assert words["dropout"] > characters["dropout"] == frames["dropout"]
    assert characters["learning_rate"] > words["learning_rate"] == frames["learning_rate"]
    many = decided("tcn", 50_000, 2_000_000, 60)
    assert (many["max_epochs"], many["batch_size"], many["num_layers"]) == (5, 32, 3)


def test_what_is_given_stays():
    chosen = decided("tcn", 10, 100, 5, max_epochs=3, dropout=0.0)
    assert (chosen["max_epochs"], chosen["dropout"], chosen["num_layers"]) == (3, 0.0, 3)
