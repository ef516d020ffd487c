"""Commands that keep their fits: what is over is not done again, what differs is refused."""

import polars as pl
import pytest

from textseq import load_sample

WORDS = ["a", "good", "film", "that", "is", "not", "bad", "at", "all", "but", "for", "its", "end"]
COMMANDS = {
    "lm": "lm lines.txt --lines --hidden-size 6 --layers 1 -o m.textseq",
    "tag": "tag tagged.txt -o m.textseq",
    "translate": "translate pairs.csv -o m.textseq",
    "compare": "compare texts.csv --encoders mean --seeds 1 --json told.json",
    "compare-series": "compare-series steps.csv --id series --time step --values v --label label "
    "--encoders lstm --seeds 1 --json told.json",
    "forecast": "forecast passengers.csv --horizon 6 --windows 2 -o next.csv",
}


@pytest.fixture
def folder(tmp_path):
    texts = [" ".join(WORDS[n % 5 : n % 5 + 4 + n % 4]) for n in range(60)]
    labels = ["yes" if "bad" in text else "no" for text in texts]
    pl.DataFrame({"text": texts, "label": labels}).write_csv(tmp_path / "texts.csv")
    pairs = {"source": texts, "target": [text[::-1] for text in texts]}
    pl.DataFrame(pairs).write_csv(tmp_path / "pairs.csv")
    (tmp_path / "lines.txt").write_text("\n".join(texts))
    sentences = ["\n".join(f"{word}\t{word[0]}" for word in text.split()) for text in texts]
    (tmp_path / "tagged.txt").write_text("\n\n".join(sentences) + "\n")
    steps = [
        {"series": series, "step": step, "v": (-1.0) ** series * step + series % 3,
         "label": "odd" if series % 2 else "even"}
        for series in range(40) for step in range(9)
    ]  # fmt: skip
    pl.DataFrame(steps).write_csv(tmp_path / "steps.csv")
    load_sample("airpassengers").to_csv(tmp_path / "passengers.csv", index=False)
    return tmp_path


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_goes_on_from_what_was_kept(textseq, folder, name):
    command = f"{COMMANDS[name]} --threads 1 --checkpoint kept"
    done = textseq(f"{command} --epochs 1")
    assert done.returncode == 0, done.stderr
    kept = folder / "kept"
    files = [kept] if kept.is_file() else sorted(kept.iterdir())
    assert files and not [file for file in files if file.name.startswith(".")]
    before = [(file.stat().st_mtime_ns, file.read_bytes()) for file in files]
    again = textseq(f"{command} --epochs 1")
    assert again.returncode == 0, again.stderr
    # The fits that are over were read, and nothing was written.
    assert before == [(file.stat().st_mtime_ns, file.read_bytes()) for file in files]
    other = textseq(f"{command} --epochs 2")
    assert other.returncode == 2
    assert "of another fit: " in other.stderr.decode()
    assert "epochs was 1 and is 2" in other.stderr.decode()
