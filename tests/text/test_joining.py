"""Tokens become text that is cut into them again."""

import pytest

from textseq.samples import load_sample
from textseq.text.joining import join_words
from textseq.text.tokenizer import Tokenizer


@pytest.mark.parametrize(
    ("tokens", "text"),
    [
        ('he said : " i ca n\'t ! " and left .', 'he said: "i can\'t!" and left.'),
        ("¿ qué es ?", "¿qué es?"),
        ("it costs $ 5 ( or £ 4 ) , that 's all", "it costs $5 (or £4), that's all"),
        ("a well - made film ...", "a well-made film..."),
        ("j ' ai dit qu ' il l ' a", "j'ai dit qu'il l'a"),
        ("", ""),
    ],
)
def test_signs_stand_where_they_are_written(tokens, text):
    assert join_words(tokens.split()) == text


def test_joined_words_are_cut_alike():
    tokenizer = Tokenizer()
    texts = load_sample("subj")["text"].head(500).to_list()
    tokens = tokenizer.tokenize(texts).to_lists()
    again = tokenizer.tokenize([tokenizer.join(row) for row in tokens]).to_lists()
    same = sum(one == other for one, other in zip(tokens, again, strict=True))
    # The others write dots apart: ". . ." comes back as "...".
    assert same >= 0.92 * len(tokens)


@pytest.mark.parametrize("kind", ["char", "bpe"])
def test_characters_and_pieces_come_back_whole(kind):
    texts = ["Ação, naïve café: 3.5 — 'x'\n\ttab 日本", "the end", " "]
    tokenizer = Tokenizer(kind, lowercase=False, vocab_size=300).fit(texts)
    assert [tokenizer.join(row) for row in tokenizer.tokenize(texts).to_lists()] == texts
