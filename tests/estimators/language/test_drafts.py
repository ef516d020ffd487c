"""Several texts in one call: each as it would be alone, side by side in blocks."""

import numpy as np
import pandas as pd
import pytest
import torch

from textseq import LanguageModel, load_sample
from textseq.estimators.language import drafts as module
from textseq.estimators.language.generation import draw_token

PORTUGUESE = load_sample("dom_casmurro")
PROMPTS = ["Uma noite", "", "Capitu, olhos de", "O"]


def small(level="char", **parameters):
    sizes = dict(embedding_dim=8, hidden_size=24, num_layers=1, max_epochs=2, n_threads=1)
    return LanguageModel(level, random_state=0, **sizes | parameters).fit([PORTUGUESE[:40_000]])


@pytest.fixture(scope="module", params=["char", "word", "bpe"])
def model(request):
    return small(request.param)


def test_each_prompt_is_gone_on_with_as_if_it_were_alone(model):
    options = dict(max_new_tokens=40, random_state=3, stop=[".", "x"])
    alone = [model.generate(prompt, **options) for prompt in PROMPTS]
    assert model.generate(PROMPTS, **options) == alone
    for form in (tuple, np.array, pd.Series):
        assert model.generate(form(PROMPTS[:2]), **options) == alone[:2]
    assert model.generate([], **options) == []


def test_a_draft_is_the_same_among_more(model):
    options = dict(max_new_tokens=40, random_state=3)
    many = model.generate("Uma", n_drafts=6, **options)
    assert many[:2] == model.generate("Uma", n_drafts=2, **options)
    assert many[0] == model.generate("Uma", **options)
    assert model.generate("Uma", n_drafts=1, **options) == many[:1]
    assert len(set(many)) == 6
    both = model.generate(["O", "Uma"], n_drafts=3, **options)
    assert both[1] == many[:3] and len(both[0]) == 3
    # What is asked for twice is written twice.
    assert model.generate(["Uma", "O", "Uma"], **options) == [many[0], both[0][0], many[1]]


def test_blocks_change_nothing(model, monkeypatch):
    options = dict(max_new_tokens=30, random_state=1, n_drafts=3)
    whole = model.generate(PROMPTS, **options)
    monkeypatch.setattr(module, "MOST_DRAFTS", 4)
    assert model.generate(PROMPTS, **options) == whole


def test_drafts_are_drawn_apart():
    """Of a hundred first letters as many are alike as their probabilities say."""
    model = small()
    letters = [text[:1] for text in model.generate("", 1, n_drafts=400, random_state=0)]
    after = model.network_.next_token(torch.tensor([[2]]))[0][0].exp().numpy()
    after[:2] = 0
    expected = after / after.sum()
    found = np.zeros(len(after))
    for letter in letters:
        found[model.vocabulary_[letter] if letter else 2] += 1
    assert np.abs(found / 400 - expected).max() < 0.08


def test_the_first_is_drawn_by_its_seed_token_after_token(model):
    said = model.generate("Uma noite", 30, random_state=5, temperature=0.8)
    rng, tokens = np.random.default_rng(5), model.tokenizer_.tokenize(["Uma noite"])
    running = model.tokenizer_.running_join(tokens.to_lists()[0])
    read, states, expected = [2, *model.vocabulary_.encode(tokens)[0]], None, ""
    for _ in range(30):
        with torch.inference_mode():
            after, states = model.network_.next_token(torch.tensor([read]), states)
        scores = after[0].double().numpy().copy()
        scores[:2] = -np.inf
        read = [draw_token(scores, rng, temperature=0.8)]
        if read == [2]:
            break
        expected += running.add(model.vocabulary_.tokens[read[0]])
    assert said == expected + running.close()


def test_runs_and_tokens_do_not_come_back(model):
    options = dict(max_new_tokens=80, random_state=0, temperature=0)
    plain = model.generate("Uma noite", **options)
    cut = model.tokenizer_.tokenize(["Uma noite"]).to_lists()[0]

    def runs(text, size):
        tokens = cut + model.tokenizer_.tokenize([text]).to_lists()[0]
        return [tuple(tokens[n : n + size]) for n in range(len(tokens) - size + 1)]

    assert len(set(runs(plain, 4))) < len(runs(plain, 4))
    if model.level != "bpe":  # whose text may be cut otherwise than it was said
        once = model.generate("Uma noite", no_repeat_ngram_size=4, **options)
        assert len(set(runs(once, 4))) == len(runs(once, 4))
    fewer = model.generate("Uma noite", repetition_penalty=1.5, **options)
    assert len(set(runs(fewer, 1))) > len(set(runs(plain, 1)))
    assert model.generate("Uma noite", repetition_penalty=1.0, **options) == plain


def test_a_text_that_has_said_all_ends():
    """With no token said twice there is an end, which nothing bars."""
    model = small(validation_fraction=0)
    text = model.generate("", 5000, no_repeat_ngram_size=1, random_state=0)
    assert len(set(text)) == len(text) < len(model.vocabulary_)
