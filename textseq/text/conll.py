"""Files of tagged tokens, one token a line, as the CoNLL shared tasks wrote them."""

from __future__ import annotations

from collections.abc import Iterable

# Between documents; no sentence.
DOCUMENT_START = "-DOCSTART-"


def read_conll(lines: Iterable[str]) -> tuple[list[list[str]], list[list[str]]]:
    """Read sentences of tokens and their tags.

    Parameters
    ----------
    lines : iterable of str
        An open file, or lines. A token and its columns on each, apart by tabs, or by spaces
        where there is no tab; the first is the token and the last its tag. An empty line ends
        a sentence. Lines that begin with ``-DOCSTART-`` are left out.

    Returns
    -------
    tokens, tags : list of list of str
        One list a sentence; no sentence is empty.

    Raises
    ------
    ValueError
        If a line has no tag, or there is no sentence.

    References
    ----------
    Tjong Kim Sang & De Meulder (2003), "Introduction to the CoNLL-2003 Shared Task", section 2.

    Examples
    --------
    >>> read_conll(["Ana B-person", "smiled O", "", "Lisbon B-place"])
    ([['Ana', 'smiled'], ['Lisbon']], [['B-person', 'O'], ['B-place']])
    """
    tokens, tags = [], []
    for first, sentence in sentences_of(lines):
        for number, columns in enumerate(sentence, first):
            if len(columns) < 2:
                raise ValueError(
                    f"line {number} holds {columns[0]!r} and no tag; put a tab or a space and "
                    "the tag behind every token, and an empty line behind every sentence"
                )
        tokens.append([columns[0] for columns in sentence])
        tags.append([columns[-1] for columns in sentence])
    if not tokens:
        raise ValueError("there is no sentence; put one token and its tag on each line")
    return tokens, tags


def sentences_of(lines: Iterable[str]) -> Iterable[tuple[int, list[list[str]]]]:
    """Yield the number, from 1, of each sentence's first line, and the columns of its lines."""
    sentence: list[list[str]] = []
    number = 0
    for number, line in enumerate(lines, 1):
        line = line.strip("\r\n")
        if line.strip() and not line.startswith(DOCUMENT_START):
            columns = line.split("\t") if "\t" in line else line.split()
            sentence.append([column.strip() for column in columns])
        elif sentence:
            yield number - len(sentence), sentence
            sentence = []
    if sentence:
        yield number + 1 - len(sentence), sentence
