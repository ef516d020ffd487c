"""Rows of tags drawn at random, with wrong letters or as a scheme has them."""

import numpy as np

LETTERS = {"IOB1": "BI", "IOB2": "BI", "IOE2": "IE", "IOBES": "BIES", "BILOU": "BILU"}


def drawn_tags(scheme: str, rng: np.random.Generator) -> list[list[str]]:
    """Draw rows of a scheme's tags, of which any may follow any."""
    kinds = ["P", "L", "x-y"][: rng.integers(1, 4)]
    tags = [f"{letter}-{kind}" for letter in LETTERS[scheme] for kind in kinds]
    if rng.random() < 0.2:
        tags = list(LETTERS[scheme])
    tags += ["O"] * int(rng.integers(1, 5))
    return [rng.choice(tags, rng.integers(0, 12)).tolist() for _ in range(int(rng.integers(1, 7)))]


def changed_tags(rows: list[list[str]], rng: np.random.Generator) -> list[list[str]]:
    """Draw some of the tags anew."""
    every = sorted({tag for row in rows for tag in row})
    return [[tag if rng.random() < 0.7 else str(rng.choice(every)) for tag in row] for row in rows]


def marked(scheme: str, rng: np.random.Generator) -> list[str]:
    """Mark spans drawn at random as a scheme has it."""
    row: list[str] = []
    before = None  # type of the span that ends where the next begins
    for _ in range(int(rng.integers(1, 4))):
        outside = int(rng.integers(0, 3))
        row += ["O"] * outside
        size, kind = int(rng.integers(1, 5)), str(rng.choice(["P", "L"]))
        inner = max(0, size - 2)
        letters = {
            "IOB1": ("B" if before == kind and not outside else "I") + "I" * (size - 1),
            "IOB2": "B" + "I" * (size - 1),
            "IOE2": "I" * (size - 1) + "E",
            "IOBES": "S" if size == 1 else "B" + "I" * inner + "E",
            "BILOU": "U" if size == 1 else "B" + "I" * inner + "L",
        }[scheme]
        row += [f"{letter}-{kind}" for letter in letters]
        before = kind
    return row + ["O"] * int(rng.integers(0, 2))


def as_iobes(rows: list[list[str]]) -> list[list[str]]:
    """Write IOBES's letters for those of BILOU, which seqeval's default does not know."""
    letters = {"L": "E", "U": "S"}
    return [[letters.get(tag[0], tag[0]) + tag[1:] for tag in row] for row in rows]
