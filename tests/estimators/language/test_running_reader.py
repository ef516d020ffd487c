"""Scores that learn from what was scored before, against plain loops."""

import copy
import math

import numpy as np
import polars as pl
import pytest
import torch

from textseq import LanguageModel, load_model, load_sample
from textseq.estimators.base import network_arrays
from textseq.estimators.language.ngram import NgramLanguageModel
from textseq.estimators.language.running_reader import SEGMENT
from textseq.files import weights_checksum
from textseq.training.dynamic_evaluation import DECAY, MEMORY, RATE, TINY

LINES = [line for line in load_sample("tinyshakespeare")[:8_000].split("\n") if line]
HELD_OUT = LINES[-12:]


def fitted(**parameters):
    sizes = dict(
        embedding_dim=8, hidden_size=10, num_layers=1, max_epochs=2, n_threads=1, batch_size=8
    )
    return LanguageModel("char", random_state=0, **sizes | parameters).fit(LINES[:-12])


@pytest.fixture(scope="module")
def model():
    return fitted(mogrifier=2)


def by_hand(model, texts):
    """Dynamic evaluation in plain PyTorch: a step behind each segment, by all gradients so far."""
    network = copy.deepcopy(model.network_).requires_grad_()
    first = {name: weight.detach().clone() for name, weight in network.named_parameters()}
    met, found = {name: [] for name in first}, []
    for text in texts:
        ids = model.vocabulary_.encode(model.tokenizer_.tokenize([text])).values.tolist()
        said = torch.tensor([*ids, 2])
        read, state, total = torch.tensor([2, *ids]), None, 0.0
        for start in range(0, len(said), SEGMENT):
            piece = slice(start, start + SEGMENT)
            states, state = network.read(read[None, piece], state)
            state = tuple(tuple(part.detach() for part in layer) for layer in state)
            log_p = network.log_probabilities(states[0])
            loss = -log_p[torch.arange(len(log_p)), said[piece]]
            total -= loss.sum().item()
            network.zero_grad()
            (loss.sum() / SEGMENT).backward()
            for name, weight in network.named_parameters():
                met[name].append(weight.grad.clone())
                share = MEMORY ** torch.arange(len(met[name]) - 1, -1, -1.0).reshape(
                    -1, *[1] * weight.dim()
                )
                size = ((share * torch.stack(met[name]).square()).sum(0) / share.sum()).sqrt()
                moved = weight.data - RATE * weight.grad / (size + size.mean() + TINY)
                weight.data = moved + DECAY * (first[name] - moved)
        found.append(total)
    return found


def test_dynamic_evaluation_equals_a_plain_loop(model):
    found = model.score_samples(HELD_OUT, adapt=True)
    assert found == pytest.approx(by_hand(model, HELD_OUT), rel=1e-5)
    assert np.abs(found - model.score_samples(HELD_OUT)).max() > 0.01
    # Nothing was learned before the first text's second segment.
    first = [HELD_OUT[0][: SEGMENT - 1]]
    alone = model.score_samples(first)
    assert model.score_samples(first, adapt=True) == pytest.approx(alone, rel=1e-6)


def test_the_fitted_model_stays_as_it_is(model):
    before = weights_checksum(network_arrays(model.network_))
    first = model.score_samples(HELD_OUT, adapt=True, cache=100)
    assert weights_checksum(network_arrays(model.network_)) == before
    assert not any(weight.requires_grad for weight in model.network_.parameters())
    assert np.array_equal(model.score_samples(HELD_OUT, adapt=True, cache=100), first)


def test_what_is_read_again_is_likelier(model):
    again = [HELD_OUT[0]] * 30
    for how in ({"adapt": True}, {"cache": 500}):
        scores = model.score_samples(again, **how)
        assert scores[-1] > scores[0] + 0.1, how


def test_all_scores_are_of_the_same_reading(model, tmp_path):
    how = {"adapt": True, "cache": 200}
    total = model.score_samples(HELD_OUT, **how).sum()
    n_tokens = sum(len(text) + 1 for text in HELD_OUT)
    assert model.perplexity(HELD_OUT, **how) == pytest.approx(math.exp(-total / n_tokens))
    bits = -total / math.log(2) / sum(map(len, HELD_OUT))
    assert model.bits_per_character(HELD_OUT, **how) == pytest.approx(bits)
    assert model.score(HELD_OUT, **how) == pytest.approx(-bits)


def test_a_source_is_read_as_texts_in_memory_are(tmp_path):
    model = fitted().fit(pl.DataFrame({"text": LINES[:-12]}).lazy())
    source = pl.DataFrame({"text": HELD_OUT}).lazy()
    found = model.score_samples(source, adapt=True, cache=50)
    assert np.array_equal(found, model.score_samples(HELD_OUT, adapt=True, cache=50))


def test_a_cache_alone_goes_through_pieces_as_all_at_once(model, monkeypatch):
    whole = model.score_samples(HELD_OUT, cache=30)
    monkeypatch.setattr("textseq.estimators.language.running_reader.PIECE", 7)
    assert model.score_samples(HELD_OUT, cache=30) == pytest.approx(whole, rel=1e-5)


def test_counts_learn_nothing_and_say_so():
    grams = NgramLanguageModel("char").fit(LINES)
    for how in ({"adapt": True}, {"cache": 3}):
        with pytest.raises(ValueError, match="a NgramLanguageModel has no weights or states"):
            grams.score_samples(["to be"], **how)


def test_what_is_no_switch_or_number_is_refused(model):
    with pytest.raises(ValueError, match="cache must be a whole number of at least 1, got 0"):
        model.perplexity(HELD_OUT, cache=0)
    with pytest.raises(ValueError, match="adapt must be True or False, got 3"):
        model.perplexity(HELD_OUT, adapt=3)


def test_a_mogrified_model_is_kept_in_a_file(model, tmp_path):
    model.save(tmp_path / "m.textseq")
    again = load_model(tmp_path / "m.textseq")
    assert again.mogrifier == 2
    assert np.array_equal(again.score_samples(HELD_OUT), model.score_samples(HELD_OUT))
    assert again.generate("O", 9, random_state=0) == model.generate("O", 9, random_state=0)
