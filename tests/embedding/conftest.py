import pytest
from embedding_server import embedding_server

from textseq.embedding import requests


@pytest.fixture
def server():
    with embedding_server() as server:
        yield server


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    """Begin with an empty cache and no key, in a folder of one's own."""
    monkeypatch.setenv("TEXTSEQ_CACHE", str(tmp_path / "cache"))
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def quick(monkeypatch):
    """Ask again soon."""
    monkeypatch.setattr(requests, "_FIRST_DELAY", 0.01)
