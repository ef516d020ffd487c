"""Tokens joined one by one are those joined at once, in steps by their number."""

import sys

import numpy as np
import pytest
from tokenizers import decoders

from textseq.samples import load_sample
from textseq.text.running_join import DecodedJoin
from textseq.text.tokenizer import Tokenizer

TEXT = load_sample("dom_casmurro")[:4000] + ' "Ele disse" -- "não!" (d\'água) 日本 \U0001f600 é'
SIGNS = ['"', "'", "’", "(", ")", "-", "d", "qu", "água", "n't", "'s", "$", ".", "...", "e", "”"]


def fitted(kind):
    return Tokenizer(kind, lowercase=False, vocab_size=300).fit([TEXT])


def in_steps(tokenizer, before, tokens):
    going_on = tokenizer.running_join(before)
    return [*(going_on.add(token) for token in tokens), going_on.close()]


@pytest.mark.parametrize("kind", ["word", "char", "bpe", str.split])
def test_steps_make_the_same_text(kind):
    tokenizer = fitted(kind)
    tokens = tokenizer.tokenize([TEXT]).to_lists()[0]
    whole = tokenizer.join(tokens)
    assert "".join(in_steps(tokenizer, [], tokens)) == whole
    for cut in (1, 7, 500):
        begun = tokenizer.join(tokens[:cut])
        if begun.endswith("\ufffd"):  # a prompt has whole characters
            continue
        assert begun + "".join(in_steps(tokenizer, tokens[:cut], tokens[cut:])) == whole


@pytest.mark.parametrize("seed", range(10))
def test_signs_in_any_order_make_the_same_text(seed):
    rng = np.random.default_rng(seed)
    tokens = rng.choice(SIGNS, 200).tolist()
    assert "".join(in_steps(Tokenizer(), [], tokens)) == Tokenizer().join(tokens)


@pytest.mark.parametrize("seed", range(10))
def test_bytes_in_any_order_make_the_same_text(seed):
    """Half characters, lone bytes, and what is no byte, as a model that knows little says them."""
    rng = np.random.default_rng(seed)
    tokenizer = fitted("bpe")
    tokens = rng.choice([*tokenizer.pieces[:256], *list("ãéĠðŁ"), "日"], 400).tolist()
    pieces = in_steps(tokenizer, [], tokens)
    assert "".join(pieces) == tokenizer.join(tokens)
    # What was said stays said.
    assert all(
        tokenizer.join(tokens).startswith("".join(pieces[:n])) for n in range(0, len(pieces), 50)
    )


DECODERS = {
    "wordpiece": (decoders.WordPiece(), ["il", "##s", "aim", "##ent", ".", "don", "'", "t"]),
    "metaspace": (decoders.Metaspace(), ["▁il", "s", "▁aim", "ent", ".", "▁"]),
    "suffix": (decoders.BPEDecoder(), ["il", "s</w>", "aim", "ent</w>", ".</w>"]),
    "bytes": (
        decoders.Sequence([decoders.ByteFallback(), decoders.Metaspace()]),
        ["▁a", "<0xC3>", "<0xA9>", "b"],
    ),
}


@pytest.mark.parametrize("kind", DECODERS)
def test_decoders_of_files_make_the_same_text(kind):
    decoder, tokens = DECODERS[kind]
    calls = []

    def join(some):
        calls.append(len(some))
        return decoder.decode(some)

    for repeats in (1, 50):
        going_on, all_tokens = DecodedJoin(join, []), tokens * repeats
        calls.clear()
        said = "".join([*map(going_on.add, all_tokens), going_on.close()])
        assert said == decoder.decode(all_tokens)
        assert max(calls) <= 8 and len(calls) <= 2 * len(all_tokens) + 2


@pytest.mark.parametrize("kind", ["word", "char", "bpe", str.split])
def test_four_times_the_tokens_are_four_times_the_steps(kind):
    tokenizer = fitted(kind)
    tokens = tokenizer.tokenize([TEXT]).to_lists()[0][:100]

    def steps(n):
        counted = 0

        def count(frame, event, argument):
            nonlocal counted
            counted += event in ("call", "c_call")

        sys.setprofile(count)
        try:
            in_steps(tokenizer, [], tokens * n)
        finally:
            sys.setprofile(None)
        return counted

    assert steps(4) < 5 * steps(1)
