"""GloVe, 400,000 words of 50 numbers, from a text file: time and memory of a load."""

from __future__ import annotations

import shutil
from pathlib import Path

import corpora
from contests import Contest, Entrant, Figures, Line, Repeat, least, serve

MATRIX_MB = 400_000 * 50 * 4 / 2**20


def gensim(folder: Path) -> Repeat:
    from gensim.models import KeyedVectors

    def once() -> None:
        KeyedVectors.load_word2vec_format(folder / corpora.GLOVE, no_header=True)

    return once


def textseq(folder: Path, words_of: str | None = None, cached: bool = False) -> Repeat:
    from textseq import Tokenizer, Vocabulary, WordVectors
    from textseq.text.vectors.cache import cache_folder

    wanted = None
    if words_of:
        wanted = Vocabulary.from_tokens(Tokenizer().tokenize(corpora.texts(folder, words_of)[0]))
    shutil.rmtree(cache_folder(), ignore_errors=True)
    if cached:
        WordVectors.load(folder / corpora.GLOVE)

    def once() -> None:
        WordVectors.load(folder / corpora.GLOVE, words=wanted)

    return once


CONTESTANTS = {"gensim": gensim, "textseq": textseq}


def contests(quick: bool) -> list[Contest]:
    entrants = [
        Entrant("textseq"),
        Entrant("textseq", {"cached": True}, "textseq, cached"),
        Entrant("textseq", {"words_of": "sst2"}, "textseq, words of sst2"),
        Entrant("textseq", {"words_of": "sst2", "cached": True}, "textseq, words of sst2, cached"),
        Entrant("gensim"),
    ]
    return [Contest("glove", entrants, rounds=1 if quick else 2, fresh=True)]


def lines(found: dict[str, dict[str, Figures]]) -> list[Line]:
    repeats = found["glove"]
    gensim = least(repeats["gensim"])
    table = [
        Line(f"{work} GloVe, 400,000 x 50", "s", {"textseq": least(repeats[who]), "gensim": gensim})
        for work, who in [
            ("load", "textseq"),
            ("load again", "textseq, cached"),
            ("load the words of sst2 of", "textseq, words of sst2"),
            ("load again the words of sst2 of", "textseq, words of sst2, cached"),
        ]
    ]
    shares = {who: least(repeats[who], "peak_mb") / MATRIX_MB for who in ("textseq", "gensim")}
    return [*table, Line("highest memory of the load / its matrix", "x", shares)]


if __name__ == "__main__":
    serve(CONTESTANTS)
