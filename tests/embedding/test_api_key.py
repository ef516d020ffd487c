import copy
import pickle

import pytest

from textseq.embedding.api_key import ApiKey

SECRET = "sk-0123456789"


def test_it_is_shown_by_nothing():
    key = ApiKey(SECRET)
    assert SECRET not in f"{key} {key!r} {[key]} {vars(ApiKey)}"
    assert not hasattr(key, "__dict__")
    assert key.hide(f"a{SECRET}b {SECRET}") == "a<api key>b <api key>"


def test_copies_keep_it_and_pickles_do_not(monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    key = ApiKey(SECRET)
    assert copy.copy(key) is key and copy.deepcopy([key])[0] is key
    packed = pickle.dumps(key)
    assert SECRET.encode() not in packed
    assert pickle.loads(packed).reveal() == ""


def test_without_one_it_is_that_of_the_environment(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", f" {SECRET}\n")
    key = ApiKey()
    assert key.reveal() == SECRET
    assert key.hide(SECRET) == "<api key>"
    assert ApiKey("another").reveal() == "another"
    monkeypatch.setenv("OPENAI_API_KEY", "sk-new")
    assert key.reveal() == "sk-new"
    monkeypatch.setenv("OPENAI_API_KEY", " ")
    assert key.reveal() == "" and key.hide("a b") == "a b"


@pytest.mark.parametrize("value", ["", " ", "sk one", "sk-\u2026", "sk\nsk", "sk\0"])
def test_what_no_header_can_hold_is_refused_and_not_shown(value, monkeypatch):
    with pytest.raises(ValueError, match="api_key is empty, or has characters") as caught:
        ApiKey(value)
    assert not value.strip() or value not in str(caught.value)
    if value.strip() and "\0" not in value:
        monkeypatch.setenv("OPENAI_API_KEY", value)
        with pytest.raises(ValueError, match="environment variable OPENAI_API_KEY is empty, or"):
            ApiKey().reveal()


def test_other_types_are_named_without_their_value():
    with pytest.raises(ValueError, match="a string, got one of type bytes") as caught:
        ApiKey(SECRET.encode())
    assert SECRET not in str(caught.value)
