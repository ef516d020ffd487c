"""What the owner of the data should know before trusting a comparison made on it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl

from textseq.comparison.scores.wording import UNITS
from textseq.expressions import evaluate
from textseq.labels.data_warnings import label_lines

_RARE_ROWS = 10
_LONG_SHARE = 0.01
_NAMES_SHOWN = 3


def check_data(
    train_texts: pl.Series,
    test_texts: pl.Series,
    train_labels: np.ndarray,
    test_labels: np.ndarray,
    lengths: np.ndarray | None = None,
    max_length: int | None = None,
    unit: str = "text",
) -> tuple[str, ...]:
    """Find what makes the scores of a split mean less than they seem to.

    Looks for test texts that were trained on, equal texts with different
    labels, classes too rare to learn, far too common or missing from training, labels that
    differ by spaces or case only, labels like row numbers, texts cut by ``max_length`` (from
    1 % of texts or tokens on) and empty texts.

    Parameters
    ----------
    train_texts, test_texts : polars Series of str, shapes (n_train,) and (n_test,)
    train_labels, test_labels : ndarray of shape (n,) or (n, n_labels)
        Labels of any type, or 0/1 indicators. Floating-point numbers are
        targets of a regression, which has no classes to check.
    lengths : ndarray of shape (n_texts,), optional
        Tokens of each text before it is cut.
    max_length : int, optional
        Tokens kept of each text.
    unit : {"text", "series"}
        What a row is called.

    Returns
    -------
    tuple of str
        One line each, with figures and a remedy; empty where nothing was found.

    Examples
    --------
    >>> lines = check_data(
    ...     pl.Series(["good film"] * 12 + ["bad film"] * 12), pl.Series(["Good  film", "dire"]),
    ...     np.repeat(["pos", "neg"], 12), np.array(["pos", "neg"]),
    ... )
    >>> print(lines[0])
    1 of 2 test texts (50.0 %) also occur in training, 1 of them only up to case and spacing; ...
    """
    texts = pl.concat([train_texts.cast(pl.String), test_texts.cast(pl.String)], rechunk=True)
    n_train = len(train_texts)
    plain = _plain(texts)
    # Texts by number, as polars needs a pool of threads to compare them.
    same, alike = _numbered(texts), _numbered(plain)
    filled = plain.str.len_bytes().to_numpy() > 0
    trained_on = np.arange(len(texts)) < n_train
    found = [_shared_texts(same, alike, filled, trained_on, UNITS[unit])]
    train_labels, test_labels = np.asarray(train_labels), np.asarray(test_labels)
    if train_labels.ndim == 2:
        codes = _row_numbers(train_labels)
        found += [_conflicts(plain, alike, codes, unit), _rare_columns(train_labels)]
    elif train_labels.dtype.kind != "f":
        names, codes = _codes(train_labels, test_labels)
        counts = np.bincount(codes[:n_train], minlength=len(names))
        found += [
            _conflicts(plain, alike, codes[:n_train], unit),
            _rare(names, counts),
            _untrained(names, counts, codes[n_train:], UNITS[unit]),
            *label_lines(np.array(names)[counts > 0], counts[counts > 0]),
        ]
    if lengths is not None and max_length is not None:
        found.append(_long(np.asarray(lengths), max_length))
    found.append(_empty(int((~filled).sum()), len(texts)))
    return tuple(line for line in found if line)


def _plain(texts: pl.Series) -> pl.Series:
    """Lower-case the texts and squeeze their white space."""
    squeezed = pl.first().str.to_lowercase().str.replace_all(r"\s+", " ").str.strip_chars()
    return evaluate(texts, squeezed)


def _numbered(texts: pl.Series) -> np.ndarray:
    """Return the texts' numbers, equal ones for equal texts, in order of appearance."""
    return pd.factorize(np.array(texts.to_list(), dtype=object))[0]


def _shared_texts(
    same: np.ndarray, alike: np.ndarray, filled: np.ndarray, trained_on: np.ndarray, units: str
) -> str:
    tested = filled & ~trained_on
    exact = int(np.isin(same[tested], same[trained_on]).sum())
    shared = int(np.isin(alike[tested], alike[trained_on]).sum())
    if not shared:
        return ""
    n_test = int((~trained_on).sum())
    loose = f", {shared - exact:,} of them only up to case and spacing" if shared > exact else ""
    return (
        f"{_share(shared, n_test)} test {units} {_percent(shared, n_test)} also occur in "
        f"training{loose}; drop them from one side, or the scores reward memory"
    )


def _conflicts(plain: pl.Series, alike: np.ndarray, codes: np.ndarray, unit: str) -> str:
    n_train = len(codes)
    filled = plain[:n_train].str.len_bytes().to_numpy() > 0
    trained = alike[:n_train][filled]
    pairs = np.unique(np.column_stack([trained, codes[filled]]), axis=0)
    texts, n_labels = np.unique(pairs[:, 0], return_counts=True)
    groups = texts[n_labels > 1]
    if not len(groups):
        return ""
    n_rows = int(np.isin(trained, groups).sum())
    example = plain[int((alike == groups[0]).argmax())]
    example = example if len(example) <= 60 else example[:59] + "…"
    times = f"{unit} occurs" if len(groups) == 1 else f"{UNITS[unit]} occur"
    shown = f", for example {example!r}" if unit == "text" else ""
    return (
        f"{len(groups):,} training {times} with different labels, in {_share(n_rows, n_train)} "
        f"rows {_percent(n_rows, n_train)}{shown}; "
        "settle on one label each, or drop them"
    )


def _rare(names: list[str], counts: np.ndarray) -> str:
    rare = np.flatnonzero((counts > 0) & (counts < _RARE_ROWS))
    if not len(rare):
        return ""
    rare = rare[np.argsort(counts[rare], kind="stable")]
    listed = _listed([f"{names[code]!r} ({counts[code]})" for code in rare[:_NAMES_SHOWN]], rare)
    return (
        f"{_share(len(rare), len(names))} classes have fewer than {_RARE_ROWS} training rows: "
        f"{listed}; collect more rows, or merge them with a neighbour"
    )


def _rare_columns(indicators: np.ndarray) -> str:
    counts = indicators.sum(axis=0).astype(np.int64)
    rare = np.flatnonzero(counts < _RARE_ROWS)
    if not len(rare):
        return ""
    rare = rare[np.argsort(counts[rare], kind="stable")]
    listed = _listed([f"column {code} ({counts[code]})" for code in rare[:_NAMES_SHOWN]], rare)
    return (
        f"{_share(len(rare), len(counts))} labels have fewer than {_RARE_ROWS} training rows: "
        f"{listed}; collect more rows, or leave those labels out"
    )


def _untrained(names: list[str], counts: np.ndarray, test_codes: np.ndarray, units: str) -> str:
    tested = np.bincount(test_codes, minlength=len(names))
    missing = np.flatnonzero((tested > 0) & (counts == 0))
    if not len(missing):
        return ""
    missing = missing[np.argsort(-tested[missing], kind="stable")]
    n_rows = int(tested[missing].sum())
    listed = _listed(
        [f"{names[code]!r} ({tested[code]})" for code in missing[:_NAMES_SHOWN]], missing
    )
    return (
        f"{_share(len(missing), len(names))} classes occur in the test {units} but never in "
        f"training: {listed}; no model can get their {_share(n_rows, len(test_codes))} test "
        f"{units} {_percent(n_rows, len(test_codes))} right, so split within classes or drop them"
    )


def _long(lengths: np.ndarray, max_length: int) -> str:
    n_texts, n_tokens = len(lengths), int(lengths.sum())
    n_long = int(np.count_nonzero(lengths > max_length))
    n_lost = int(np.maximum(lengths - max_length, 0).sum())
    if n_long < _LONG_SHARE * n_texts and n_lost < _LONG_SHARE * n_tokens or not n_long:
        return ""
    enough = int(np.quantile(lengths, 0.99, method="higher"))
    return (
        f"max_length={max_length} cuts {_share(n_long, n_texts)} texts {_percent(n_long, n_texts)} "
        f"and drops {_share(n_lost, n_tokens)} tokens {_percent(n_lost, n_tokens)}; "
        f"max_length={enough} would keep 99 % of the texts whole"
    )


def _empty(n_empty: int, n_texts: int) -> str:
    if not n_empty:
        return ""
    return (
        f"{_share(n_empty, n_texts)} texts {_percent(n_empty, n_texts)} are empty or blank, "
        "and all get the same prediction; drop them, or look for what was lost on the way here"
    )


def _codes(train: np.ndarray, test: np.ndarray) -> tuple[list[str], np.ndarray]:
    """Return the distinct labels as text, and the code of each row, training first."""
    labels = np.concatenate([train.astype(object), test.astype(object)])
    # As text, so that labels of mixed types need no common order.
    names, codes = np.unique(labels.astype(str), return_inverse=True)
    return names.tolist(), codes


def _row_numbers(indicators: np.ndarray) -> np.ndarray:
    return np.unique(indicators, axis=0, return_inverse=True)[1].reshape(-1)


def _share(n: int, total: int) -> str:
    return f"{n:,} of {total:,}"


def _percent(n: int, total: int) -> str:
    share = 100 * n / total
    return "(under 0.1 %)" if share < 0.1 else f"({share:.1f} %)"


def _listed(shown: list[str], found: np.ndarray) -> str:
    left = len(found) - len(shown)
    return ", ".join(shown) + (f" and {left:,} more" if left else "")
