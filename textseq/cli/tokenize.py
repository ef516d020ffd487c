"""``textseq tokenize``: how texts fall into tokens."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from textseq.cli import options
from textseq.cli.options import examples

if TYPE_CHECKING:
    import polars as pl

    from textseq.text.tokens import Tokens

EXAMPLES = examples(
    'echo "It doesn\'t matter." | textseq tokenize',
    "textseq tokenize reviews.csv --text review --vocabulary > words.csv",
    "textseq tokenize names.csv --text name --tokenizer char --ids",
)
# White space that is a token would vanish between the spaces of the output.
_VISIBLE = {" ": "␣", "\n": "⏎", "\r": "␍", "\r\n": "␍⏎", "\t": "⇥"}


def tokenize(
    data: options.LinesOrData = "-",
    text: options.MaybeText = None,
    tokenizer: options.TokenizerKind = "word",
    lowercase: Annotated[bool, typer.Option(help="Turn texts to lower case first.")] = True,
    ids: Annotated[
        bool, typer.Option("--ids", help="Print ids: each token's place in the vocabulary.")
    ] = False,
    vocabulary: Annotated[
        bool, typer.Option("--vocabulary", help="Print the vocabulary with its counts, as CSV.")
    ] = False,
    min_df: Annotated[
        int, typer.Option(metavar="N", help="Fewest texts that hold a token of the vocabulary.")
    ] = 1,
    max_features: Annotated[
        int | None, typer.Option(metavar="N", help="Most tokens in the vocabulary.")
    ] = None,
    encoding: options.Encoding = "utf-8",
    separator: options.Separator = None,
    empty: options.Empty = "error",
) -> None:
    """Print the tokens of each text on one line, with white space made visible."""
    from textseq.text.tokenizer import Tokenizer, most_pieces
    from textseq.text.vocabulary import Vocabulary

    if ids and vocabulary:
        raise ValueError("--ids and --vocabulary print different things; choose one")
    frame, columns = options.read_texts(
        data, text, options.TableForm(encoding, separator, empty).check()
    )
    if len(columns) > 1:
        raise ValueError("--text is given more than once; texts are cut one column at a time")
    texts = frame[columns[0]]
    size = most_pieces(max_features)
    cutter = Tokenizer(tokenizer, lowercase=lowercase, vocab_size=size).fit(texts)
    tokens = cutter.tokenize(texts)
    if not (ids or vocabulary):
        _print_lines(_visible(tokens))
        return
    words = Vocabulary.from_tokens(
        tokens, min_df=min_df, max_features=max_features, pieces=cutter.pieces
    )
    if vocabulary:
        sys.stdout.write(words.table.to_csv(index=False, lineterminator="\n"))
    else:
        rows = words.encode(tokens)
        _print_lines(" ".join(map(str, row)) for row in rows.to_lists())


def _visible(tokens: Tokens) -> pl.Series:
    from textseq.text.tokens import Tokens

    return Tokens(tokens.codes, tokens.distinct.replace(_VISIBLE)).joined(" ")


def _print_lines(lines: Iterable[str]) -> None:
    sys.stdout.writelines(f"{line}\n" for line in lines)
