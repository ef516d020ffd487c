"""What the pages of docs/ show is run, word for word; what takes long, in the slow tests."""

import subprocess

import pytest
from code_blocks import ROOT, blocks, commands, link_minilm, run_python, write_files
from embedding_server import embedding_server

DOCS = ROOT / "docs"
PAGES = [path for path in sorted(DOCS.rglob("*.md")) if "generate" not in path.parts]
PYTHON = [path for path in PAGES if any(block.language == "python" for block in blocks(path))]
QUICK = [
    path
    for path in PYTHON
    if any(block.language == "python" and not block.slow for block in blocks(path))
]
# These need a cluster, or what has been fetched.
ELSEWHERE = {DOCS / "scale.md"}


def named(paths):
    return [pytest.param(path, id=path.stem) for path in paths if path not in ELSEWHERE]


@pytest.mark.parametrize("path", named(QUICK))
def test_quick_blocks_run(path, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    run_python(path, slow=False)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:words that training had not")  # of so few pairs
@pytest.mark.parametrize("path", named(PYTHON))
def test_all_blocks_run(path, tmp_path, monkeypatch, capsys, r_package):
    monkeypatch.chdir(tmp_path)
    link_minilm(tmp_path)
    run_python(path, slow=True)


@pytest.mark.slow
def test_r_blocks_run(tmp_path, r_package):
    shown = [block.code for path in PAGES for block in blocks(path) if block.language == "r"]
    assert shown
    for code in shown:
        (tmp_path / "example.R").write_text(code)
        done = subprocess.run(
            ["Rscript", "example.R"], cwd=tmp_path, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr


@pytest.fixture
def embedding_service(monkeypatch):
    """A service on this machine, in place of the official one."""
    with embedding_server() as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        yield server


def run_commands(folder, textseq, service, slow):
    lines = list(dict.fromkeys(line for path in PAGES for line in commands(path, slow)))
    texts = write_files(folder)
    for line in lines:
        done = textseq(line.removeprefix("textseq "))
        assert done.returncode == 0, f"{line}\n{done.stderr.decode()}"
    assert dict(service.counts) == dict.fromkeys(texts, 1)
    return lines


def test_quick_commands_run(tmp_path, textseq, embedding_service):
    assert len(run_commands(tmp_path, textseq, embedding_service, slow=False)) >= 12
    assert (tmp_path / "page.html").exists()


@pytest.mark.slow
def test_all_commands_run(tmp_path, textseq, embedding_service):
    assert len(run_commands(tmp_path, textseq, embedding_service, slow=True)) >= 20
    for page in ("page.html", "sales.html", "walks.html"):
        assert (tmp_path / page).exists()
