"""What the README shows is run, word for word, and what it links to is there."""

import re
import subprocess

from code_blocks import ROOT, blocks

from textseq import load_model

README = ROOT / "README.md"
R = [block.code for block in blocks(README) if block.language == "r"]


def test_the_python_example_runs(tmp_path, monkeypatch, capsys):
    (example,) = [block.code for block in blocks(README) if block.language == "python"]
    monkeypatch.chdir(tmp_path)
    exec(example, {})
    assert float(capsys.readouterr().out.split()[0]) > 0.7
    assert [file.name for file in tmp_path.iterdir()] == ["mr.textseq"]


def test_r_example_runs(tmp_path, r_package):
    assert len(R[0].splitlines()) == 10
    (tmp_path / "example.R").write_text(R[0])
    done = subprocess.run(["Rscript", "example.R"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "A tibble: 200" in done.stdout and ".pred_objective" in done.stdout
    assert (tmp_path / "Rplots.pdf").stat().st_size > 4000  # the comparison, drawn
    assert len(load_model(tmp_path / "subj.textseq").predict_proba("a film")) == 1


def test_it_is_read_in_two_minutes():
    words = re.sub(r"^(```.*?^```|\|.*?$)", "", README.read_text(), flags=re.S | re.M).split()
    assert len(words) < 500


def test_what_it_names_is_there():
    text = README.read_text()
    named = re.findall(r"\]\(([^)#]+)\)", text) + re.findall(r"\b[\w/]+\.md\b", text)
    assert len(named) > 8
    assert [path for path in named if not (ROOT / path).exists()] == []
    commands = re.findall(r"^make (\w+)", text, re.M)
    makefile = (ROOT / "Makefile").read_text()
    assert commands and all(f"\n{command}:" in makefile for command in commands)
