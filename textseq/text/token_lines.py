"""Lines of a file that hold one token each, told from those that hold a sentence."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from textseq.text.conll import columns_of, sentences_of

# What marks spans, whichever tags a model knows.
_MARK = re.compile(r"O|[BIESLU]-\S+")
# Share of the last columns that must be tags: a few may be new to a model.
_MOSTLY_TAGS = 0.9


def are_token_lines(lines: Sequence[str], tags: Collection[str]) -> bool:
    """Whether each line holds one token, with or without its tag and other columns.

    Parameters
    ----------
    lines : sequence of str
    tags : collection of str
        Those that a model knows, which may stand in the last column.

    Examples
    --------
    >>> are_token_lines(["Ana B-person", "smiled O", "", "Lisbon B-place"], ())
    True
    >>> are_token_lines(["Ana smiled", "in Lisbon"], ())
    False
    >>> are_token_lines(["Ana", "smiled", "", "Lisbon"], ())
    True
    """
    sentences = [sentence for _, sentence in sentences_of(lines)]
    rows = [columns for sentence in sentences for columns in sentence]
    if not rows:
        return False
    widths = set(map(len, rows))
    if widths == {1}:
        # Sentences of one word each have no empty lines around runs of them.
        return len(sentences) > 1 and len(rows) > len(sentences)
    if min(widths) < 2:
        return False
    n_tags = sum(columns[-1] in tags or bool(_MARK.fullmatch(columns[-1])) for columns in rows)
    in_tabs = all(
        "\t" in line for line in lines if line.strip() and not line.startswith(("#", "-"))
    )
    return n_tags >= _MOSTLY_TAGS * len(rows) or (len(widths) == 1 and in_tabs)


def tokens_of_lines(lines: Sequence[str], token_col: int | None = None) -> list[list[str]]:
    """Read the tokens of sentences, one a line, as ``read_conll`` reads those that have tags.

    Raises
    ------
    ValueError
        If a line has no column of that place.

    Examples
    --------
    >>> tokens_of_lines(["1 Ana B-person", "2 smiled O"], token_col=1)
    [['Ana', 'smiled']]
    """
    found = []
    for numbers, sentence in sentences_of(lines):
        token = columns_of(sentence, token_col)[0]
        for number, columns in zip(numbers, sentence, strict=True):
            if not -len(columns) <= token < len(columns):
                raise ValueError(
                    f"line {number} has {len(columns)} columns, so none of place {token}"
                )
        found.append([columns[token] for columns in sentence])
    return found
