"""What R's Sys.setenv sets while Python runs already."""

import os

from textseq.r import bridge
from textseq.r.environment import take_over_environment
from textseq.r.wire import encode


def test_what_r_sets_later_is_seen(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-old")  # and put back afterwards
    os.putenv("OPENAI_API_KEY", "sk-new")
    assert os.environ["OPENAI_API_KEY"] == "sk-old"
    take_over_environment()
    assert os.environ["OPENAI_API_KEY"] == "sk-new"


def test_what_r_takes_away_is_gone(monkeypatch):
    monkeypatch.setenv("TEXTSEQ_CACHE", "/tmp/one")
    os.unsetenv("TEXTSEQ_CACHE")
    take_over_environment()
    assert "TEXTSEQ_CACHE" not in os.environ


def test_other_variables_stay_as_python_has_them(monkeypatch):
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    os.putenv("LC_ALL", "pt_BR.UTF-8")
    take_over_environment()
    assert os.environ["LC_ALL"] == "C.UTF-8"


def test_every_call_of_r_begins_with_it(monkeypatch):
    monkeypatch.setenv("HF_HOME", "/tmp/old")
    os.putenv("HF_HOME", "/tmp/new")
    bridge.call("echo", encode({"value": 1}))
    assert os.environ["HF_HOME"] == "/tmp/new"
