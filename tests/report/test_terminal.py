import io

import pytest
from rich.console import Console

from textseq.report.terminal import is_plain, text_table, text_writer


def printed(table, **options):
    console = Console(file=io.StringIO(), width=60, **options)
    console.print(table(console))
    return console.file.getvalue()


def rows_of(console):
    return text_table(["name", "µs"], [["mean ± 1", "2"], ["lstm", "30"]], console, best_first=True)


def test_a_pipe_gets_ascii_and_no_style():
    text = printed(rows_of)
    assert text.isascii() and "\x1b" not in text
    assert "mean +/- 1" in text and "us" in text


def test_a_terminal_has_the_best_row_in_bold():
    lines = printed(rows_of, force_terminal=True, color_system="standard").splitlines()
    assert "\x1b[1m" in lines[2] and "mean ± 1" in lines[2]
    assert "\x1b[1m" not in lines[3]


@pytest.mark.parametrize("terminal", [True, False])
def test_markup_and_control_characters_are_words(terminal):
    console = Console(file=io.StringIO(), force_terminal=terminal)
    assert is_plain(console) != terminal
    assert text_writer(console)("[red]a\x1b\n", "bold").plain == "[red]a  "
