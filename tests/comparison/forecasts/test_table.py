import dataclasses
import io

import pytest
from forecast_comparisons import made
from rich.console import Console

from textseq.comparison.forecasts.table import render
from textseq.comparison.wording import score_digits


def rendered(comparison, **options):
    written = io.StringIO()
    render(comparison, Console(file=written, **options))
    return written.getvalue()


@pytest.mark.parametrize("width", [80, 100, 160])
def test_pipe_gets_plain_ascii_with_every_figure(width):
    comparison = made()
    text = rendered(comparison, width=width)
    assert text.isascii()
    assert max(map(len, text.splitlines())) <= width
    table = comparison.table.set_index("model")
    for name in ("naive", "seasonal_naive", "drift", "gru", "lstm"):
        assert any(line.startswith(name.replace("_", " ")) for line in text.splitlines())
        mase = table.loc[name, "mase"]
        assert f"{mase:.{score_digits(mase)}f}" in text
        assert f"{100 * table.loc[name, 'coverage-80']:.1f}" in text
    assert f"{table.loc['gru', 'mase']:.3f} +/- {table.loc['gru', 'interval']:.3f}" in text


def test_what_has_no_room_is_left_out_whole():
    narrow, wide = (rendered(made(), width=width) for width in (80, 104))
    assert "RMSE" in wide and "parameters" in wide
    assert "RMSE" not in narrow and "parameters" not in narrow
    assert "seeds" in narrow


def test_the_best_is_held_against_every_other():
    comparison = made()
    lines = rendered(comparison, width=104).splitlines()
    (head,) = [number for number, line in enumerate(lines) if "p (Holm)" in line]
    assert lines[head].startswith("seasonal naive minus")
    rows = lines[head + 2 :][: len(comparison.models) - 1]
    assert all(row.rstrip().endswith(("within noise", "beyond noise")) for row in rows)
    assert {row.split(" ")[0] for row in rows} == {"naive", "drift", "gru", "lstm"}


def test_without_intervals_there_are_no_such_columns():
    assert "in 80" not in rendered(made(level=None, n_seeds=1), width=120)


def test_warnings_stand_below_the_table():
    comparison = dataclasses.replace(made(), warnings=("watch [bold]this[/]",))
    assert rendered(comparison, width=120).endswith("\nwarning: watch [bold]this[/]\n")


def test_terminal_has_signs_and_style():
    text = rendered(made(), width=100, force_terminal=True, color_system="standard")
    assert "±" in text and "\x1b[1m" in text
