"""Translation with additive attention, dot attention and none, on short and longer sentences.

Tatoeba's 30,000 shortest English-Spanish pairs, 80/10/10 by source sentence, each source scored
against all its translations; Multi30k English-German, scored on test_2016_flickr. The recipe was
chosen on the validation parts; a test part is read once, to be scored. Writes translation.json
and translation.md beside this file:

    python benchmarks/sequences/translation.py --data DIR [--sets tatoeba] [--seeds 3] [--quick]

DIR holds seq2seq/tatoeba_eng_spa/all.csv.gz and seq2seq/multi30k/{train,val,test_2016_flickr}.csv.gz.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from textseq import Seq2Seq

HERE = Path(__file__).parent
ATTENTIONS = {"additive": "additive", "dot": "dot", "none": None}
N_TATOEBA, N_QUICK, BEAMS = 30_000, 2_000, 5
N_RESAMPLES = 1_000


@dataclass
class Pairs:
    """Training and validation pairs; test sources with all their references."""

    train: tuple[list[str], list[str]]
    validation: tuple[list[str], list[str]]
    test: tuple[list[str], list[list[str]]]


def tatoeba(data: Path, n_pairs: int) -> Pairs:
    table = pd.read_csv(data / "seq2seq/tatoeba_eng_spa/all.csv.gz")
    order = table["eng"].str.len().sort_values(kind="stable").index
    table = table.loc[order].head(n_pairs)
    sources = table["eng"].unique()
    drawn = np.random.default_rng(0).permutation(len(sources))
    part_of = dict(zip(sources, np.searchsorted([0.8, 0.9], drawn / len(sources), "right")))
    parts = [table[table["eng"].map(part_of) == part] for part in range(3)]
    train, validation = (_columns(part, "eng", "spa") for part in parts[:2])
    return Pairs(train, validation, with_references(*_columns(parts[2], "eng", "spa")))


def multi30k(data: Path, n_pairs: int) -> Pairs:
    tables = [
        pd.read_csv(data / f"seq2seq/multi30k/{part}.csv.gz").head(n_pairs)
        for part in ("train", "val", "test_2016_flickr")
    ]
    train, validation, (source, target) = (_columns(table, "en", "de") for table in tables)
    return Pairs(train, validation, (source, [[one] for one in target]))


SETS = {"tatoeba": tatoeba, "multi30k": multi30k}


def _columns(table: pd.DataFrame, *names: str) -> tuple[list[str], ...]:
    return tuple(table[name].tolist() for name in names)


def with_references(source: list[str], target: list[str]) -> tuple[list[str], list[list[str]]]:
    """Return each source once, with all its targets."""
    references: dict[str, list[str]] = {}
    for one, other in zip(source, target, strict=True):
        references.setdefault(one, []).append(other)
    return list(references), list(references.values())
