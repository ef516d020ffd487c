"""How well spans are found that tags mark by their ends."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from textseq.labels.spans import SCHEMES, SpanRules, numbered

# Sums of a report, over all spans and over types.
MICRO, MACRO = "micro avg", "macro avg"


def span_f1(
    truth: Sequence[Sequence[str]], found: Sequence[Sequence[str]], scheme: str = "auto"
) -> float:
    """Return the F1 score of spans: only those with both ends and the type right count.

    Parameters
    ----------
    truth, found : list of n lists of str
        Tags of each row, such as "B-person", "I-person" and "O".
    scheme : {"auto", "IOB1", "IOB2", "IOE2", "IOBES", "BILOU"}
        "auto" counts as conlleval does, which finds the spans of each of these schemes, and of
        IOE1, by the letters before the types, and takes a span that begins or ends by another
        letter than it should for one. A name counts only spans marked as that scheme has them.

    Returns
    -------
    float
        Over the spans of all rows together; 0 if none is found.

    Raises
    ------
    ValueError
        If the tags follow no scheme, or ``truth`` marks no span.

    References
    ----------
    Tjong Kim Sang & De Meulder (2003), "Introduction to the CoNLL-2003 Shared Task", section 2;
    Ramshaw & Marcus (1995), "Text Chunking using Transformation-Based Learning", for IOB1.

    Examples
    --------
    >>> truth = [["I-place", "I-place", "O", "I-person", "B-person"]]
    >>> round(span_f1(truth, [["I-place", "O", "O", "I-person", "B-person"]]), 3)
    0.667
    """
    return f1_of(*np.sum(_counts(truth, found, scheme)[1], axis=0).tolist())


def span_report(
    truth: Sequence[Sequence[str]], found: Sequence[Sequence[str]], scheme: str = "auto"
) -> pd.DataFrame:
    """Return how well the spans of each type are found.

    Parameters
    ----------
    truth, found, scheme
        As ``span_f1`` takes them.

    Returns
    -------
    DataFrame
        ``type``, ``precision``, ``recall``, ``f1`` and ``support`` (spans of ``truth``): a row a
        type, then "micro avg", of all spans together, and "macro avg", the mean over the types.

    Examples
    --------
    >>> truth = [["B-place", "I-place", "O", "B-person"]]
    >>> span_report(truth, [["B-place", "O", "O", "B-person"]])["f1"].tolist()
    [1.0, 0.0, 0.5, 0.5]
    """
    names, counts = _counts(truth, found, scheme)
    order = np.argsort(names)
    rows = [_shares(*counts[number].tolist()) for number in order]
    n_spans = int(counts[:, 2].sum())
    rows.append(_shares(*counts.sum(axis=0).tolist()))
    rows.append((*np.mean(rows[:-1], axis=0)[:3].tolist(), n_spans))
    table = pd.DataFrame(rows, columns=["precision", "recall", "f1", "support"])
    table.insert(0, "type", [*(names[number] for number in order), MICRO, MACRO])
    return table


def f1_of(n_right: float, n_found: float, n_true: float) -> float:
    """Return the F1 score of so many spans; 0 of none."""
    return _shares(n_right, n_found, n_true)[2]


def _shares(n_right: float, n_found: float, n_true: float) -> tuple[float, float, float, int]:
    """Return precision, recall, F1 and support."""
    precision = n_right / n_found if n_found else 0.0
    recall = n_right / n_true if n_true else 0.0
    both = precision + recall
    return precision, recall, 2 * precision * recall / both if both else 0.0, int(n_true)


def _counts(
    truth: Sequence[Sequence[str]], found: Sequence[Sequence[str]], scheme: str
) -> tuple[list[str], np.ndarray]:
    """Return the types, and of each (n_types, 3) its spans that are right, found and true."""
    try:
        (true_tags, said_tags), distinct = numbered(truth, found)
        rules = SpanRules.of(distinct, scheme)
        true, said = rules.find(true_tags), rules.find(said_tags)
        if not len(true.rows):
            raise ValueError("no span is marked")
    except (IndexError, KeyError, TypeError, ValueError) as error:
        raise ValueError(
            f"the tags mark no spans that can be compared ({error}); they must be such as "
            f"'B-person', 'I-person' and 'O', by one of the schemes {', '.join(SCHEMES)}"
        ) from error
    right = said.among(true, true_tags.n_values)
    counts = [
        np.bincount(types, minlength=len(rules.names))
        for types in (said.types[right], said.types, true.types)
    ]
    there = (counts[1] + counts[2]) > 0
    names = [name for name, any_of in zip(rules.names, there.tolist(), strict=True) if any_of]
    return names, np.stack(counts, axis=1)[there]
