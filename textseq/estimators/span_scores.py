"""How well spans are found that tags mark by their ends."""

from __future__ import annotations

SCHEMES = ("IOB2", "IOE2", "IOBES", "BILOU")


def span_f1(truth: list[list[str]], found: list[list[str]], scheme: str = "auto") -> float:
    """Return the F1 score of spans: only those with both ends and the type right count.

    Parameters
    ----------
    truth, found : list of n lists of str
        Tags of each row, such as "B-person", "I-person" and "O".
    scheme : {"auto", "IOB2", "IOE2", "IOBES", "BILOU"}
        How tags mark spans; "auto" finds it from the letters that ``truth`` has.

    Returns
    -------
    float
        Over the spans of all rows together, by seqeval's strict mode; 0 if none is found.

    Raises
    ------
    ValueError
        If the tags follow no scheme, or ``truth`` marks no span.

    References
    ----------
    Tjong Kim Sang & De Meulder (2003), "Introduction to the CoNLL-2003 Shared Task", section 2.

    Examples
    --------
    >>> truth = [["B-place", "I-place", "O", "B-person"]]
    >>> round(span_f1(truth, [["B-place", "O", "O", "B-person"]]), 3)
    0.5
    """
    from seqeval import scheme as schemes
    from seqeval.metrics import f1_score

    try:
        known = schemes.auto_detect(truth) if scheme == "auto" else getattr(schemes, scheme)
        n_spans = sum(map(len, schemes.Entities(truth, known).entities))
        if not n_spans:
            raise ValueError("no span is marked")
        return float(f1_score(truth, found, mode="strict", scheme=known))
    except (IndexError, KeyError, TypeError, ValueError) as error:
        raise ValueError(
            f"the tags mark no spans that can be compared ({error}); they must be such as "
            "'B-person', 'I-person' and 'O', or name the scheme they follow: "
            f"{', '.join(SCHEMES)}"
        ) from error
