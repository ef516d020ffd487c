"""What "auto" becomes in language models."""

import pytest

from textseq import LanguageModel
from textseq.estimators.auto import decide
from textseq.estimators.language.recipe import LanguageFacts, cutoffs, recipe


def decided(n_tokens, n_distinct, recurrent=True, **given):
    parameters = LanguageModel(**given).get_params(deep=False)
    facts = LanguageFacts(n_tokens, n_distinct, recurrent, given.get("max_epochs"))
    return decide(parameters, recipe(facts))


def test_all_but_what_the_texts_decide_is_decided():
    for n_distinct in (60, 20_000):
        left = {name for name, value in decided(10**6, n_distinct).items() if value == "auto"}
        assert left == {"lowercase", "min_count", "device"}


def test_what_is_given_stays():
    given = dict(hidden_size=7, dropout=0.0, patience=3, softmax="full", tie_weights=False)
    assert decided(10**6, 20_000, **given).items() >= given.items()


@pytest.mark.parametrize("n_tokens", [6, 100, 3_000, 60_000, 10**6, 10**9])
@pytest.mark.parametrize("n_distinct", [60, 9_000])
def test_short_texts_are_read_more_often_in_fewer_streams(n_tokens, n_distinct):
    chosen = decided(n_tokens, n_distinct)
    read_at_once = chosen["batch_size"] * chosen["truncated_bptt_steps"]
    n_updates = -(-n_tokens // read_at_once) * chosen["max_epochs"]
    assert n_updates >= 300
    assert 1 <= chosen["batch_size"] <= 32
    if n_tokens >= 60_000:
        assert chosen["max_epochs"] <= 40 and chosen["batch_size"] == 32


@pytest.mark.parametrize(
    ("n_tokens", "n_distinct", "max_epochs", "streams", "steps", "n_updates"),
    [
        (270_000, 70, 3, 6, 64, 2_112),
        (900_000, 70, 1, 7, 64, 2_009),
        (90_000, 70, 3, 4, 32, 2_112),  # under four streams windows are shorter ...
        (90_000, 70, 1, 2, 32, 1_407),  # ... and there are two at least
        (54_000, 3_000, 3, 4, 40, 1_014),
        (54_000, 3_000, 1, 2, 20, 1_350),
        (6, 8, 150, 1, 32, 150),
        (10**6, 70, 9, 32, 64, 4_401),  # as without max_epochs
    ],
)
def test_few_passes_are_read_in_fewer_streams_and_shorter_windows(
    n_tokens, n_distinct, max_epochs, streams, steps, n_updates
):
    chosen = decided(n_tokens, n_distinct, max_epochs=max_epochs)
    assert (chosen["batch_size"], chosen["truncated_bptt_steps"]) == (streams, steps)
    assert -(-n_tokens // (streams * steps)) * max_epochs == n_updates


def test_few_passes_change_nothing_else():
    apart = {"max_epochs", "batch_size", "truncated_bptt_steps"}
    usual, few = decided(270_000, 70), decided(270_000, 70, max_epochs=3)
    assert {name for name in usual if usual[name] != few[name]} == apart - {"truncated_bptt_steps"}


def test_rare_words_form_groups():
    assert decided(10**6, 4_000)["softmax"] == "full"
    assert decided(10**6, 4_001)["softmax"] == "adaptive"
    assert cutoffs(4_001) == [2_000] and cutoffs(30_000) == [2_000, 10_000]


def test_only_recurrent_matrices_are_dropped():
    assert decided(10**6, 20_000)["weight_dropout"] > 0
    assert decided(10**6, 20_000, recurrent=False)["weight_dropout"] == 0
