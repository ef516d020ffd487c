"""Text handed on as it is said, up to a stop."""

import numpy as np
import pytest

from textseq.estimators.language.continuation import Continuation
from textseq.text.tokenizer import Tokenizer


def said(kind, prompt, tokens, stop=()):
    tokenizer, pieces = Tokenizer(kind, lowercase=False), []
    before = tokenizer.tokenize([prompt]).to_lists()[0]
    spaced = prompt[-1:].isspace() and not tokenizer.join(before)[-1:].isspace()
    running = tokenizer.running_join(before)
    text = Continuation(running, stop, pieces.append, spaced=spaced)
    ended = [text.add(token) for token in tokens]
    whole = text.close()
    assert "".join(pieces) == whole
    assert all(pieces)
    return whole, ended, pieces


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [("", 'it\'s "so", no?'), ("well,", ' it\'s "so", no?'), ("well, ", 'it\'s "so", no?')],
)
def test_words_go_on_where_the_prompt_ends(prompt, expected):
    tokens = ["it", "'s", '"', "so", '"', ",", "no", "?"]
    assert said("word", prompt, tokens)[0] == expected


def test_characters_go_on_as_they_are():
    assert said("char", "a ", [" ", "b"])[0] == " b"


def test_a_stop_is_not_said_and_nothing_of_it_is_shown_before():
    whole, ended, pieces = said("char", "a", list("x\ny\n\nz")[:5], stop=("\n\n",))
    assert whole == "x\ny"
    assert ended == [False, False, False, False, True]
    assert pieces[0] == "x"
    # A stop of which only the beginning comes is shown at the end.
    assert said("char", "a", list("x\n"), stop=("\n\n",))[0] == "x\n"
    # The prompt does not count.
    assert said("char", "\n", list("\nx"), stop=("\n\n",))[0] == "\nx"


def test_of_several_stops_the_first_ends_a_text():
    whole, ended, pieces = said("char", "a", list("xy.z!"), stop=("...", "!", "y."))
    assert whole == "x" and ended.index(True) == 2
    assert said("char", "a", list("x!y"), stop=("...", "!"))[0] == "x"
    assert said("char", "a", list("x.."), stop=("...", "!"))[0] == "x.."


def test_bytes_of_half_a_character_wait_for_the_rest():
    text = "né ção"
    tokenizer = Tokenizer("bpe", lowercase=False, vocab_size=256).fit([text])
    tokens, pieces = tokenizer.tokenize([text]).to_lists()[0], []
    continuation = Continuation(tokenizer.running_join(), (), pieces.append)
    assert len(tokens) == len(text.encode())
    assert not any(continuation.add(token) for token in tokens)
    assert pieces == list(text)
    assert continuation.close() == text


@pytest.mark.parametrize("seed", range(20))
def test_a_stop_is_found_wherever_it_is_cut(seed):
    rng = np.random.default_rng(seed)
    tokens = rng.choice(["a", "b", "ab", "ba", "aab"], 40).tolist()
    stops = tuple("".join(rng.choice(["a", "b"], rng.integers(2, 9))) for _ in range(3))
    whole, ended, _ = said("char", "x", tokens, stops)
    texts = ["".join(tokens[: n + 1]) for n in range(len(tokens))]
    assert ended == [any(stop in text for stop in stops) for text in texts]
    first = texts[ended.index(True)] if any(ended) else texts[-1]
    assert whole == first[: min((first.index(one) for one in stops if one in first), default=None)]


@pytest.mark.parametrize("kind", ["word", "char", "bpe", str.split])
def test_no_text_is_joined_anew(kind):
    """As many tokens are joined as were said, however long the text is."""
    joined = []

    class Counting(Tokenizer):
        def join(self, tokens):
            joined.append(len(tokens))
            return super().join(tokens)

    tokenizer = Counting(kind, lowercase=False, vocab_size=300)
    if kind == "bpe":
        tokenizer._bpe = Tokenizer("bpe", lowercase=False, vocab_size=300).fit(["it is so"])._bpe
    for stream in (None, [].append):
        joined.clear()
        text = Continuation(tokenizer.running_join(["it"]), ("@@",), stream)
        for token in ["is", "so"] * 300:
            text.add(token)
        assert text.close().endswith("is" + " " * (kind in ("word", str.split)) + "so")
        assert sum(joined) <= 600
