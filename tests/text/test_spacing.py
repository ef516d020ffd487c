"""How a language is written is learned from texts and comes back with new ones."""

import numpy as np
import pytest
from languages import LANGUAGES

from textseq.samples import load_sample
from textseq.text.joining import glued_words
from textseq.text.spacing import Spacing
from textseq.text.tokenizer import Tokenizer


def learned(texts, **options):
    cutter = Tokenizer("word", **options)
    tokens = cutter.tokenize(texts).to_lists()
    spacing = Spacing.learn(texts, tokens, lowercase=cutter.lowercase)
    return cutter, Spacing(**spacing.to_dict())


@pytest.mark.parametrize("lowercase", [False, True])
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_was_learned_and_what_is_new_is_written_as_its_language_is(language, lowercase):
    texts, new = LANGUAGES[language]
    cutter, spacing = learned(texts, lowercase=lowercase)
    for text in [*texts, new]:
        (tokens,) = cutter.tokenize([text]).to_lists()
        assert spacing.join(tokens, glued_words) == (text.lower() if lowercase else text)


def test_sentences_that_were_not_read_are_written_better_than_by_rule():
    texts = load_sample("eng_fra")["fra"].drop_duplicates().tolist()
    new = texts[::10]
    texts = np.delete(texts, np.arange(0, len(texts), 10)).tolist()
    cutter, spacing = learned(texts, lowercase=False)
    tokens = cutter.tokenize(new).to_lists()
    # People write one sentence with a curly apostrophe and the next with a straight one.
    found = [
        np.mean([join(row) == text for row, text in zip(tokens, new, strict=True)])
        for join in (cutter.join, lambda row: spacing.join(row, glued_words))
    ]
    assert found[0] < 0.75 and found[1] > 0.9


def test_tokens_that_a_text_does_not_hold_tell_nothing():
    spacing = Spacing.learn(["Going home", "home"], [["go", "home"], ["home"]], lowercase=False)
    assert spacing.join(["go", "home", "!"], None) == "go home !"
    assert Spacing.learn([""], [[]], lowercase=True).join([], glued_words) == ""


def test_a_file_keeps_what_kinds_do_not_tell():
    texts = load_sample("eng_fra")["eng"].drop_duplicates().tolist()
    _, spacing = learned(texts)
    words = {token for text in texts for token in text.split()}
    assert len(spacing.gaps) < len(words) / 5 and not spacing.letters
