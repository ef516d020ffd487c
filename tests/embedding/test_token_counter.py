import math
import sys
from types import SimpleNamespace

import pytest

from textseq.embedding.token_counter import BYTES_PER_TOKEN, TokenCounter, find_counter

SMALL = "text-embedding-3-small"


class WordsOfFourBytes:
    """An encoding whose tokens are four bytes each, so that one may end within a character."""

    def encode_ordinary(self, text):
        packed = text.encode()
        return [packed[start : start + 4] for start in range(0, len(packed), 4)]

    def encode_ordinary_batch(self, texts):
        return [self.encode_ordinary(text) for text in texts]

    def decode_bytes(self, ids):
        return b"".join(ids)


class WordsOrBytes(WordsOfFourBytes):
    """One whose tokens are single bytes, unless all of a text are words of four."""

    def encode_ordinary(self, text):
        packed = text.encode()
        if len(packed) % 4:
            return [packed[place : place + 1] for place in range(len(packed))]
        return super().encode_ordinary(text)


@pytest.fixture
def tiktoken(monkeypatch, tmp_path):
    """Stand in for tiktoken, whose vocabulary can't be fetched here."""
    asked = []

    def encoding_name_for_model(model):
        return {SMALL: "cl100k_base", "gpt2": "gpt2"}[model]

    def get_encoding(name):
        asked.append(name)
        return WordsOfFourBytes()

    module = SimpleNamespace(
        encoding_name_for_model=encoding_name_for_model, get_encoding=get_encoding, asked=asked
    )
    monkeypatch.setitem(sys.modules, "tiktoken", module)
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path))
    return module


def test_characters_estimate_tokens():
    counter = TokenCounter()
    assert counter.method == "characters"
    texts = ["", "a", "x" * 100, "ação", "日本"]
    expected = [math.ceil(len(text.encode()) / BYTES_PER_TOKEN) for text in texts]
    assert counter.count(texts).tolist() == expected
    assert counter.count([]).shape == (0,)


@pytest.mark.parametrize(
    "counter",
    [TokenCounter(), TokenCounter(WordsOfFourBytes()), TokenCounter(WordsOrBytes())],
    ids=["characters", "four bytes", "words or bytes"],
)
@pytest.mark.parametrize("text", ["a plain text", "açãoçãoção", "日本日本日本", "🎈🎈🎈"])
def test_a_cut_text_is_a_start_within_the_limit(counter, text):
    for most in range(1, 12):
        start = counter.cut(text, most)
        assert text.startswith(start)
        assert counter.count([start])[0] <= most
        if counter.count([text])[0] <= most:
            assert start == text


def test_tiktoken_counts_where_its_file_is(tiktoken, tmp_path):
    assert find_counter(SMALL).method == "characters"
    assert tiktoken.asked == []
    (tmp_path / "9b5ad71b2ce5302211f9c61530b329a4922fc6a4").write_bytes(b"its vocabulary")
    counter = find_counter(SMALL)
    assert counter.method == "tiktoken" and tiktoken.asked == ["cl100k_base"]
    assert counter.count(["12345678", "123456789"]).tolist() == [2, 3]


@pytest.mark.parametrize("model", ["bge-m3", "gpt2"])
def test_other_models_have_other_tokens(tiktoken, tmp_path, model):
    (tmp_path / "9b5ad71b2ce5302211f9c61530b329a4922fc6a4").write_bytes(b"its vocabulary")
    assert find_counter(model).method == "characters"


def test_without_tiktoken(monkeypatch):
    monkeypatch.setitem(sys.modules, "tiktoken", None)
    assert find_counter(SMALL).method == "characters"
