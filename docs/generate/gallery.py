"""The gallery: pages that commands write, made anew with each build of the site."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

from shell_reference import SCRIPT, commands_of, help_text

from textseq.samples import sample_path


class Exhibit(NamedTuple):
    """A page of the gallery.

    Parameters
    ----------
    title, text : str
        What it shows, and in a sentence how to read it.
    page : str
        Its file.
    commands : tuple of str
        What writes it, as typed; the last one writes the page.
    """

    title: str
    text: str
    page: str
    commands: tuple[str, ...]


# As typed in a folder with the samples; small enough that two cores take a minute for all.
FIT = "textseq fit sms_spam.csv.gz --encoder gru --epochs 4 --wide none --out spam.textseq"
EXHIBITS = (
    Exhibit(
        "A comparison",
        "Two networks beside the cheap baselines, on the same split: scores with intervals, paired "
        "tests, curves, confusion and the texts on which the models disagree.",
        "comparison.html",
        (
            "textseq compare sms_spam.csv.gz --encoders mean,gru --vectors glove.6B.50d.top20k "
            "--seeds 2 --epochs 4 --out comparison.html",
        ),
    ),
    Exhibit(
        "Forecasts, side by side",
        "A network and the naive forecasts from moments of the past: errors, coverage of the "
        "intervals, and the forecasts themselves.",
        "forecasts.html",
        (
            "textseq forecast airpassengers.csv --horizon 12 --encoders lstm --seeds 1 "
            "--page forecasts.html",
        ),
    ),
    Exhibit(
        "An inspection",
        "What the instruments find in one fitted network: gradients through time, the spectrum of "
        "its weights, saturated gates, and which words of a text decided.",
        "inspection.html",
        (
            FIT,
            "textseq inspect spam.textseq sms_spam.csv.gz --explain "
            '"free entry to win cash, call now" --out inspection.html',
        ),
    ),
    Exhibit(
        "A model to play with",
        "A fitted model in one file that computes in the browser: type a text and follow it from "
        "tokens to the answer.",
        "model.html",
        (FIT, "textseq page spam.textseq sms_spam.csv.gz --out model.html"),
    ),
    Exhibit(
        "The lab",
        "Small networks that train in the browser, with the switches by which they fail and learn.",
        "lab.html",
        ("textseq lab --out lab.html",),
    ),
)


def shown() -> list[Exhibit]:
    """Return the exhibits whose commands this textseq has."""
    known = commands_of(help_text(""))
    return [one for one in EXHIBITS if all(line.split()[1] in known for line in one.commands)]


def make(exhibits: list[Exhibit], pages: Path) -> None:
    """Run the commands of the exhibits, each once, and keep the pages that they write."""
    with tempfile.TemporaryDirectory() as folder:
        for sample in ("sms_spam", "airpassengers"):
            path = sample_path(sample)
            Path(folder, path.name).symlink_to(path)
        # Each once, in order: several pages may be of the same model.
        for line in dict.fromkeys(line for one in exhibits for line in one.commands):
            arguments = [str(SCRIPT), *shlex.split(line)[1:]]
            done = subprocess.run(
                arguments,
                cwd=folder,
                env=os.environ | {"TEXTSEQ_CACHE": f"{folder}/cache"},
                capture_output=True,
                text=True,
            )
            if done.returncode:
                raise RuntimeError(f"{line}\n{done.stderr}")
        for one in exhibits:
            (pages / one.page).write_bytes(Path(folder, one.page).read_bytes())


def section(exhibit: Exhibit) -> str:
    """Return an exhibit's part of the gallery page."""
    commands = "\n".join(exhibit.commands)
    return (
        f"## {exhibit.title}\n\n{exhibit.text}\n\n```console\n{commands}\n```\n\n"
        f"[Open the page]({exhibit.page}){{ target=_blank }}\n\n"
        f'<iframe class="exhibit" src="{exhibit.page}" title="{exhibit.title}" loading="lazy">'
        "</iframe>\n"
    )


def write(folder: Path) -> list[Any]:
    """Write the gallery into ``folder``/gallery and return its part of the navigation."""
    pages = folder / "gallery"
    exhibits = shown()
    make(exhibits, pages)
    index = pages / "index.md"
    text = index.read_text()
    index.write_text(text.replace("<!-- exhibits -->", "\n".join(map(section, exhibits))))
    return ["gallery/index.md"]
