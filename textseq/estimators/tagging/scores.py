"""How well spans are found that tags mark by their ends."""

from __future__ import annotations

import re
from itertools import chain

SCHEMES = ("IOB1", "IOB2", "IOE2", "IOBES", "BILOU")

_MARKED = re.compile(r"[BIESLU](-.*)?", re.DOTALL)


def span_f1(truth: list[list[str]], found: list[list[str]], scheme: str = "auto") -> float:
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
    from seqeval import scheme as schemes
    from seqeval.metrics import f1_score

    try:
        if scheme == "auto":
            marked = {tag for tag in chain(*truth, *found) if tag != "O"}
            if odd := sorted(tag for tag in marked if not _MARKED.fullmatch(tag)):
                raise ValueError(f"{odd[0]!r} has no such letter")
            truth, found = _ends_by_e(truth), _ends_by_e(found)
            n_spans = sum(tag != "O" for tag in chain(*truth))
            options = {}
        else:
            known = getattr(schemes, scheme)
            n_spans = sum(map(len, schemes.Entities(truth, known).entities))
            options = {"mode": "strict", "scheme": known}
        if not n_spans:
            raise ValueError("no span is marked")
        return float(f1_score(truth, found, zero_division=0, **options))
    except (IndexError, KeyError, TypeError, ValueError) as error:
        raise ValueError(
            f"the tags mark no spans that can be compared ({error}); they must be such as "
            f"'B-person', 'I-person' and 'O', by one of the schemes {', '.join(SCHEMES)}"
        ) from error


def _ends_by_e(rows: list[list[str]]) -> list[list[str]]:
    """Return tags with the letters of IOBES for those of BILOU: E for L(ast), S for U(nit)."""
    letters = {"L": "E", "U": "S"}
    return [[letters.get(tag[:1], tag[:1]) + tag[1:] for tag in row] for row in rows]
