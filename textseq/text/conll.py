"""Files of tagged tokens, one token a line, as the CoNLL shared tasks wrote them."""

from __future__ import annotations

import gzip
import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from textseq.atomic import whole_file
from textseq.decoding import decoded
from textseq.message_language import number_of

# Between documents; no sentence.
DOCUMENT_START = "-DOCSTART-"
# Columns of CoNLL-U: a word's number, the word, ..., its universal part of speech; ten in all.
_CONLLU_TOKEN, _CONLLU_TAG, _CONLLU_WIDTH = 1, 3, 10
_WORD = re.compile(r"\d+")
# Several words written as one, and words that are not written.
_NO_WORD = re.compile(r"\d+[-.]\d+")
_BLANK = " \t\r\n"


def read_conll(
    lines: str | os.PathLike[str] | Iterable[str],
    *,
    token_col: int | None = None,
    tag_col: int | None = None,
    encoding: str = "utf-8",
) -> tuple[list[list[str]], list[list[str]]]:
    """Read sentences of tokens and their tags.

    Parameters
    ----------
    lines : path-like, or iterable of str
        A file (also .gz), or lines, such as those of an open one. A token and its columns on
        each, apart by tabs, or by spaces where there is no tab. An empty line ends a sentence.
        Left out are lines that begin with ``-DOCSTART-``; comments, which begin with ``#`` and
        do not have the columns of a token or a tag that is another token's; and of CoNLL-U the
        lines of several words at once (``1-2``) and of words that are not written (``1.1``).
    token_col, tag_col : int, optional
        Places of the columns, from 0; -1 is the last. By default the first and the last, of
        CoNLL-U ``FORM`` (1) and ``UPOS`` (3).
    encoding : str, default "utf-8"
        Of a file given by its path.

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
    Tjong Kim Sang & De Meulder (2003), "Introduction to the CoNLL-2003 Shared Task", section 2;
    CoNLL-U: https://universaldependencies.org/format.html

    Examples
    --------
    >>> read_conll(["# sent_id = 1", "Ana B-person", "smiled O", "", "Lisbon B-place"])
    ([['Ana', 'smiled'], ['Lisbon']], [['B-person', 'O'], ['B-place']])
    """
    if isinstance(lines, str | os.PathLike):
        lines = _lines_of(lines, encoding)
    tokens, tags = [], []
    for numbers, sentence in sentences_of(lines):
        token, tag = columns_of(sentence, token_col, tag_col)
        for number, columns in zip(numbers, sentence, strict=True):
            if len(columns) < 2 or not columns[-1]:
                raise ValueError(
                    f"line {number} holds {columns[0]!r} and no tag; put a tab or a space and "
                    "the tag behind every token, and an empty line behind every sentence"
                )
            if not -len(columns) <= min(token, tag) <= max(token, tag) < len(columns):
                raise ValueError(
                    f"line {number} has {len(columns)} columns, so none of place "
                    f"{token if not -len(columns) <= token < len(columns) else tag}"
                )
        tokens.append([columns[token] for columns in sentence])
        tags.append([columns[tag] for columns in sentence])
    if not tokens:
        raise ValueError("there is no sentence; put one token and its tag on each line")
    return tokens, tags


def write_conll(
    path: str | os.PathLike[str],
    tokens: Iterable[Sequence[str]],
    tags: Iterable[Sequence[str]],
    *,
    encoding: str = "utf-8",
) -> None:
    """Write sentences of tokens and their tags, which ``read_conll`` reads as they were.

    A token, a tab and its tag on each line, and an empty line behind every sentence.

    Parameters
    ----------
    path : path-like
        A file of that name is replaced; it stays whole if writing fails. One that ends with
        ``.gz`` is compressed.
    tokens, tags : iterable of n sequences of str
        A tag for every token, as ``predict`` of a tagger gives them.
    encoding : str, default "utf-8"

    Raises
    ------
    ValueError
        If there is no sentence, or one is empty or has another number of tags; if a token or tag
        is no string, is empty or has a blank within it; or if a token would be read as a comment
        or the beginning of a document.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "t.conll"
    >>> write_conll(path, [["Ana", "smiled"]], [["B-person", "O"]])
    >>> read_conll(path)
    ([['Ana', 'smiled']], [['B-person', 'O']])
    """
    rows, their_tags = [list(row) for row in tokens], [list(row) for row in tags]
    if len(rows) != len(their_tags):
        raise ValueError(
            f"there are {len(rows)} rows of tokens and {len(their_tags)} of tags; pass tags of each"
        )
    if not rows:
        raise ValueError("there is no sentence to write; pass rows of tokens and their tags")
    text = "".join(
        _written(number_of(row), own, own_tags) + "\n"
        for row, (own, own_tags) in enumerate(zip(rows, their_tags, strict=True))
    )
    # What is a comment is told by all lines together.
    lines = text.split("\n")
    kept = {number for numbers, _ in sentences_of(lines) for number in numbers}
    lost = [line for number, line in enumerate(lines, 1) if line and number not in kept]
    if lost:
        raise ValueError(
            f"token {lost[0].split()[0]!r} would be read as a comment, or as the beginning of a "
            "document; leave it out, or write it otherwise"
        )
    try:
        data = text.encode(encoding)
    except UnicodeEncodeError as error:
        odd = text[error.start : error.end]
        raise ValueError(f"{encoding} has no {odd!r}; write encoding='utf-8'") from None
    with whole_file(path) as file:
        file.write(gzip.compress(data) if os.fspath(path).endswith(".gz") else data)


def _written(row: int, tokens: list[str], tags: list[str]) -> str:
    """Return a sentence's lines."""
    if len(tokens) != len(tags):
        raise ValueError(
            f"row {row} has {len(tokens)} tokens but {len(tags)} tags; every token needs one tag"
        )
    if not tokens:
        raise ValueError(f"row {row} is empty, and a file has no empty sentence; leave it out")
    for word in (*tokens, *tags):
        if not isinstance(word, str) or not word or any(blank in word for blank in _BLANK):
            raise ValueError(
                f"row {row} holds {word!r}, and what is written must be strings without blanks, "
                "which end a column; mend it first"
            )
    return "".join(f"{token}\t{tag}\n" for token, tag in zip(tokens, tags, strict=True))


def columns_of(
    sentence: list[list[str]], token_col: int | None = None, tag_col: int | None = None
) -> tuple[int, int]:
    """Return the columns of a sentence's tokens and tags where they are not given."""
    usual = (_CONLLU_TOKEN, _CONLLU_TAG) if _is_conllu(sentence[0]) else (0, -1)
    return (
        usual[0] if token_col is None else token_col,
        usual[1] if tag_col is None else tag_col,
    )


def sentences_of(lines: Iterable[str]) -> Iterable[tuple[list[int], list[list[str]]]]:
    """Yield the numbers, from 1, of each sentence's lines, and the columns of each."""
    split = [_columns(line) for line in lines]
    plain = [columns for columns in split if columns and not columns[0].startswith("#")]
    widths = {len(columns) for columns in plain}
    tags = {columns[-1] for columns in plain}

    def is_comment(columns: list[str]) -> bool:
        if not columns[0].startswith("#"):
            return False
        if len(columns) not in widths:
            return True
        # A hash may be a token, and a hashtag is one.
        return (columns[0] == "#" or columns[0].startswith("# ")) and columns[-1] not in tags

    numbers: list[int] = []
    sentence: list[list[str]] = []
    for number, columns in enumerate(split, 1):
        if columns and not columns[0].startswith(DOCUMENT_START):
            unwritten = len(columns) == _CONLLU_WIDTH and _NO_WORD.fullmatch(columns[0])
            if not (unwritten or is_comment(columns)):
                numbers.append(number)
                sentence.append(columns)
        elif sentence:
            yield numbers, sentence
            numbers, sentence = [], []
    if sentence:
        yield numbers, sentence


def _is_conllu(columns: list[str]) -> bool:
    return len(columns) == _CONLLU_WIDTH and _WORD.fullmatch(columns[0]) is not None


def _columns(line: str) -> list[str]:
    """Cut a line at tabs, or else at spaces; other white space may stand within a token."""
    if not line.strip(_BLANK):
        return []
    if "\t" in line:
        return [column.strip(" ") for column in line.strip("\r\n").split("\t")]
    return re.split(" +", line.strip(_BLANK))


def _lines_of(path: str | os.PathLike[str], encoding: str) -> list[str]:
    if isinstance(path, str) and "\n" in path:
        raise ValueError("got a text where a path or lines belong; pass text.split('\\n')")
    data = Path(path).read_bytes()
    if data.startswith(b"\x1f\x8b"):
        data = gzip.decompress(data)
    # Not splitlines(), which also splits at U+2028 and the like.
    return decoded(data, encoding, os.fspath(path)).split("\n")
