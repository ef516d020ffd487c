"""Drawing from probabilities, and text handed on as it is said."""

import numpy as np
import pytest

from textseq.estimators.language.generation import Continuation, draw_token
from textseq.text.tokenizer import Tokenizer

SCORES = np.log([0.1, 0.4, 0.2, 0.3])


def shares(n=4000, **options):
    rng = np.random.default_rng(0)
    drawn = [draw_token(SCORES, rng, **options) for _ in range(n)]
    return np.bincount(drawn, minlength=4) / n


def test_draws_follow_the_probabilities():
    assert np.abs(shares() - [0.1, 0.4, 0.2, 0.3]).max() < 0.03


def test_temperature_raises_to_a_power():
    squared = np.exp(SCORES) ** 2
    assert np.abs(shares(temperature=0.5) - squared / squared.sum()).max() < 0.03
    assert shares(100, temperature=0).tolist() == [0, 1, 0, 0]


@pytest.mark.parametrize(
    ("options", "kept"),
    [
        ({"top_k": 1}, [1]),
        ({"top_k": 2}, [1, 3]),
        ({"top_k": 9}, [0, 1, 2, 3]),
        ({"top_p": 0.05}, [1]),
        ({"top_p": 0.41}, [1, 3]),
        ({"top_p": 0.75}, [1, 2, 3]),
        ({"top_p": 1.0}, [0, 1, 2, 3]),
        # Of the two that top_k leaves the first has 4/7.
        ({"top_k": 2, "top_p": 0.5}, [1]),
    ],
    ids=str,
)
def test_only_the_likeliest_are_drawn(options, kept):
    found = shares(**options)
    assert np.flatnonzero(found).tolist() == kept
    expected = np.exp(SCORES)[kept] / np.exp(SCORES)[kept].sum()
    assert np.abs(found[kept] - expected).max() < 0.03


def test_what_is_barred_is_never_drawn():
    rng = np.random.default_rng(0)
    scores = np.array([-np.inf, 0.0, -np.inf, -50.0])
    drawn = {draw_token(scores, rng, temperature=30.0) for _ in range(500)}
    assert drawn == {1, 3}


def said(kind, prompt, tokens, stop=()):
    tokenizer, pieces = Tokenizer(kind, lowercase=False), []
    before = tokenizer.tokenize([prompt]).to_lists()[0]
    text = Continuation(tokenizer, prompt, before, stop, pieces.append)
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
    continuation = Continuation(tokenizer, "", [], (), pieces.append)
    assert len(tokens) == len(text.encode())
    assert not any(continuation.add(token) for token in tokens)
    assert pieces == list(text)
    assert continuation.close() == text
