"""What the README shows is run, word for word."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

README = (Path(__file__).parent.parent / "README.md").read_text()
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```", README, re.S | re.M)
PYTHON = [block for language, block in BLOCKS if language == "python"]
SHELL = [
    line
    for _, block in BLOCKS
    for line in block.splitlines()
    if line.startswith("textseq ") and "download" not in line  # fetched in its own tests
]


def test_first_example_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    exec(PYTHON[0], {})
    assert float(capsys.readouterr().out.split()[0]) > 0.7
    assert [file.name for file in tmp_path.iterdir()] == ["mr.textseq"]


@pytest.mark.slow
def test_all_examples_run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    names: dict = {}
    for block in PYTHON:
        exec(block, names)
    assert (tmp_path / "comparison.html").exists()


def test_shell_commands_run(tmp_path):
    assert len(SHELL) >= 5
    texts = ["a good film", "a bad film", "so good", "so bad", "not bad", "good , not bad"] * 10
    stars = [5, 1, 5, 1, 4, 5] * 10
    frame = pd.DataFrame({"review": texts, "stars": stars})
    for name in ("reviews.csv", "new.csv", "test.csv"):
        frame.to_csv(tmp_path / name, index=False)
    command = Path(sys.executable).parent / "textseq"
    for line in SHELL:
        words = [str(command), *shlex.split(line)[1:]]
        done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == 0, f"{line}\n{done.stderr}"
    assert (tmp_path / "page.html").exists()
