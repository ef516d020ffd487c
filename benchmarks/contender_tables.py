"""The tables of the contenders: accuracy, seconds, texts a second, and the paired tests."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from itertools import combinations
from typing import NamedTuple

import numpy as np
from contender_results import Result

from textseq.comparison.statistics import SIGNIFICANCE, holm, paired_bootstrap, t_interval

SETS = ["ag_news10k", "subj", "banking77", "sst2", "imdb", "newsgroups20", "b2w_polarity_pt"]
SIZES = {"1000": "1,000 labelled rows", "all": "All rows"}
TITLES = {
    "tf-idf": "tf-idf + LR",
    "mean": "mean, GloVe",
    "gru": "gru, GloVe",
    "bilstm": "bilstm, GloVe",
    "static-mean": "mean, static table",
    "static-gru": "gru, static table",
    "minilm-lr": "frozen MiniLM + LR",
    "minilm-gru": "frozen MiniLM + gru",
    "minilm": "fine-tuned MiniLM",
}
# The contender that the differences with their intervals are told from.
ANCHOR = "minilm-lr"
# Cores. What a machine's own daemons take stays below it.
QUIET = 0.1
BUSY = 1.0  # of two: what shares its core tells little

Fits = dict[str, list[Result]]


class Pair(NamedTuple):
    """The first contender's accuracy less the second's, on the same texts."""

    difference: float
    low: float
    high: float
    p_adjusted: float

    @property
    def differs(self) -> bool:
        """Whether the test calls it a difference."""
        return self.p_adjusted < SIGNIFICANCE


def markdown(results: list[Result]) -> str:
    """Return all tables of some fits.

    Parameters
    ----------
    results : list of Result

    Returns
    -------
    str
        For each size a table of accuracy, one of seconds to train, one of texts a second and one
        of differences to the frozen MiniLM; then for each set a table of all paired differences.
    """
    cells: dict[tuple[str, str], Fits] = defaultdict(lambda: defaultdict(list))
    for result in sorted(results, key=lambda result: list(TITLES).index(result.contender)):
        cells[result.size, result.set][result.contender].append(result)
    parts = []
    for size, title in SIZES.items():
        sets = {name: cells[size, name] for name in SETS if (size, name) in cells}
        if sets:
            tests = {name: paired_tests(fits) for name, fits in sets.items()}
            parts += [f"**{title}**", accuracy_table(sets, tests), seconds_table(sets)]
            parts += [rate_table(sets)]
            if any(ANCHOR in pair for test in tests.values() for pair in test):
                parts += [interval_table(sets, tests)]
            parts += [differences(name, sets[name], tests[name]) for name in sets]
    return "\n\n".join(parts) + "\n"


def paired_tests(fits: Fits) -> dict[tuple[str, str], Pair]:
    """Test every pair of contenders on the test texts of one set, by the seeds that both have.

    A text's score is its mean over seeds, as in ``compare``, and texts are what is resampled: more
    seeds are not more texts. P-values are adjusted (Holm) for the number of pairs.

    Parameters
    ----------
    fits : dict of str to list of Result
        Of one set and size, by contender.

    Returns
    -------
    dict of (str, str) to Pair
        Both orders of each pair; those without a seed in common are left out.

    Raises
    ------
    ValueError
        If two fits were tested on different texts.
    """
    if len({fit.test_sha256 for found in fits.values() for fit in found}) > 1:
        (one, *_), *_ = fits.values()
        raise ValueError(
            f"the fits of {one.set}, {one.size} rows, were not all tested on the same texts; "
            "keep the lines of one test_sha256, or begin a new file"
        )
    right = {name: {fit.seed: fit.right for fit in found} for name, found in fits.items()}
    tests = {}
    for first, second in combinations(right, 2):
        seeds = sorted(right[first].keys() & right[second].keys())
        if seeds:
            scores = [np.mean([right[one][seed] for seed in seeds], 0) for one in (first, second)]
            tests[first, second] = paired_bootstrap(*scores)
    adjusted = holm(np.array([test[3] for test in tests.values()]))
    pairs = {}
    for (first, second), test, p in zip(tests, tests.values(), adjusted.tolist(), strict=True):
        difference, low, high, _ = test
        pairs[first, second] = Pair(difference, low, high, p)
        pairs[second, first] = Pair(-difference, -high, -low, p)
    return pairs


def accuracy_table(sets: dict[str, Fits], tests: dict[str, dict[tuple[str, str], Pair]]) -> str:
    """Mean and 95 % interval over seeds; bold is the best and what is not shown to be below it."""

    def cell(name: str, contender: str) -> str:
        means = {one: np.mean([fit.accuracy for fit in fits]) for one, fits in sets[name].items()}
        best = max(means, key=means.__getitem__)
        scores = np.array([fit.accuracy for fit in sets[name][contender]])
        mean, half_width = t_interval(scores)
        shown = f"{mean:.3f} ± {half_width:.3f}" if len(scores) > 1 else f"{mean:.3f}"
        pair = tests[name].get((best, contender))
        leads = contender == best or (pair is not None and not pair.differs)
        return f"**{shown}**" if leads else shown

    rows = [
        f"{fit.train_rows:,} / {fit.test_rows:,}"
        for fit in (next(iter(fits.values()))[0] for fits in sets.values())
    ]
    return _table("accuracy", sets, cell, {"*train / test rows*": rows})


def seconds_table(sets: dict[str, Fits]) -> str:
    """Median seconds of a fit; in brackets where other work took part of the machine."""

    def tokens(name: str) -> str:
        fits = [fit for fit in sets[name].get("minilm", []) if fit.epochs]
        rates = [fit.train_tokens * (fit.epochs or 0) / fit.fit_seconds for fit in fits]
        return f"{np.median(rates):,.0f}" if rates else "-"

    shown = _table("seconds to train", sets, _quietly(sets, lambda fit: fit.fit_seconds))
    rates = [tokens(name) for name in sets]
    return shown + (_rows({"*fine-tuning, tokens/s*": rates}) if {*rates} != {"-"} else "")


def rate_table(sets: dict[str, Fits]) -> str:
    """Median texts a second of the test part; in brackets as the seconds."""
    rate = _quietly(sets, lambda fit: fit.test_rows / fit.predict_seconds)
    return _table("texts/s, predicting", sets, rate)


def interval_table(sets: dict[str, Fits], tests: dict[str, dict[tuple[str, str], Pair]]) -> str:
    """Points of accuracy of each contender less the anchor, with 95 % intervals over texts."""

    def cell(name: str, contender: str) -> str:
        pair = tests[name].get((contender, ANCHOR))
        if pair is None:
            return "-"
        points = [f"{100 * value:+.1f}" for value in (pair.difference, pair.low, pair.high)]
        star = "*" if pair.differs else ""
        return f"{points[0]}{star} ({points[1]} to {points[2]})"

    return _table(f"points less {TITLES[ANCHOR]}", sets, cell)


def differences(name: str, fits: Fits, tests: dict[tuple[str, str], Pair]) -> str:
    """Points of accuracy of each contender less each other; a star is a difference."""
    names = list(fits)
    lines = [
        f"| {name}: row less column | " + " | ".join(TITLES[one] for one in names) + " |",
        "|---|" + "---|" * len(names),
    ]
    for first in names:
        pairs = [tests.get((first, second)) for second in names]
        cells = [
            f"{100 * pair.difference:+.1f}{'*' if pair.differs else ''}" if pair else "-"
            for pair in pairs
        ]
        lines.append(f"| {TITLES[first]} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _quietly(sets: dict[str, Fits], figure: Callable[[Result], float]) -> Callable[[str, str], str]:
    """Show the median of a figure of the fits that had the machine for themselves, if any had.

    In brackets, that of fits beside other work; none of fits that others left no core to.
    """

    def cell(name: str, contender: str) -> str:
        fits = sets[name][contender]
        quiet = [figure(fit) for fit in fits if fit.others < QUIET]
        told = quiet or [figure(fit) for fit in fits if not fit.others >= BUSY]
        if not told:
            return "-"
        value = float(np.median(told))
        shown = f"{value:,.0f}" if value >= 10 else f"{value:.2g}"
        return shown if quiet else f"({shown})"

    return cell


def _table(
    corner: str,
    sets: dict[str, Fits],
    cell: Callable[[str, str], str],
    first: dict[str, list[str]] | None = None,
) -> str:
    """Lay out a column a set and a row a contender that any of them has."""
    rows = dict(first or {})
    for contender, title in TITLES.items():
        if any(contender in fits for fits in sets.values()):
            rows[title] = [
                cell(name, contender) if contender in fits else "-" for name, fits in sets.items()
            ]
    head = f"| {corner} | " + " | ".join(sets) + " |\n|" + "---|" * (len(sets) + 1)
    return head + _rows(rows)


def _rows(rows: dict[str, list[str]]) -> str:
    return "".join(f"\n| {title} | " + " | ".join(cells) + " |" for title, cells in rows.items())
