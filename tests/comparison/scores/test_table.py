import dataclasses
import io

import pytest
from comparisons import make_comparison, with_costs
from rich.console import Console

from textseq.comparison.scores.table import render


def rendered(comparison, **options):
    written = io.StringIO()
    render(comparison, Console(file=written, **options))
    return written.getvalue()


def renamed(comparison, old, new):
    models = tuple(
        dataclasses.replace(model, name=new) if model.name == old else model
        for model in comparison.models
    )
    return dataclasses.replace(comparison, models=models, pairs=comparison.pairs.replace(old, new))


@pytest.mark.parametrize("kind", ["binary", "multiclass", "multilabel", "regression"])
def test_pipe_gets_plain_ascii(kind):
    text = rendered(make_comparison(kind), width=80)
    assert text.isascii()
    assert "\x1b" not in text
    assert max(map(len, text.splitlines())) <= 80


def test_every_model_pair_and_warning_is_there():
    comparison = make_comparison()
    text = rendered(comparison, width=120)
    for model in comparison.models:
        assert sum(line.startswith(model.name) for line in text.splitlines()) >= 1
    assert "0.852 +/- 0.025" in text
    assert text.count("within noise") == 5
    assert text.count("beyond noise") == 3
    assert "warning: 12 of 1,000 test texts (1.2 %) also occur in training" in text


@pytest.mark.parametrize("width", [80, 100, 160])
def test_figures_are_never_cut(width):
    text = rendered(make_comparison(), width=width)
    for cell in ("0.852 +/- 0.025", "-0.012 to +0.019", "2.2 ms", "1.4 M", "parameters"):
        assert cell in text


def test_auc_stands_beside_the_accuracy():
    wide, narrow = (rendered(make_comparison(), width=width) for width in (100, 80))
    assert "accuracy |             AUC |" in wide
    assert "0.852 +/- 0.025 | 0.911 +/- 0.015" in wide
    # The spread has no room beside all the rest, and a model without scores has no AUC.
    assert "0.852 +/- 0.025 | 0.911 |" in narrow
    assert "0.821 |     - |" in narrow
    assert "AUC" not in rendered(make_comparison("multiclass"), width=100)


def test_costs_stand_in_the_table_as_far_as_there_is_room():
    comparison = with_costs(make_comparison())
    wide, usual, narrow = (rendered(comparison, width=width) for width in (140, 100, 80))
    assert "| us/text | encode us |   disk |  $/1,000 | parameters | seeds" in wide
    assert "|   8,150 |     8,100 | 6.2 kB | $0.00046 |          - |     1" in wide
    assert "| us/text |   disk |  $/1,000 | parameters | seeds" in usual
    assert "| us/text |  $/1,000 | seeds" in narrow
    for text, width in ((wide, 140), (usual, 100), (narrow, 80)):
        assert max(map(len, text.splitlines())) <= width
    without_service = dataclasses.replace(
        comparison,
        models=tuple(dataclasses.replace(m, dollars_per_1000=None) for m in comparison.models),
    )
    assert "| us/text | parameters | seeds" in rendered(without_service, width=80)


def test_terminal_has_signs_and_style():
    text = rendered(make_comparison(), width=80, force_terminal=True, color_system="standard")
    assert "±" in text
    assert "\x1b[1m" in text


def test_markup_and_control_characters_in_names_are_shown_as_they_are():
    comparison = renamed(make_comparison(), "my svm", "[bold red]svm[/] :smile: \x1b[31m\a")
    text = rendered(comparison, width=160)
    assert "[bold red]svm[/] :smile:" in text
    assert "\x1b" not in text
    assert "\a" not in text


def test_foreign_names_survive_a_pipe_and_an_ascii_terminal():
    comparison = renamed(make_comparison(), "my svm", "我的模型")
    assert "我的模型" in rendered(comparison, width=160)
    raw = io.BytesIO()
    console = Console(file=io.TextIOWrapper(raw, encoding="ascii"), width=160)
    render(comparison, console)
    console.file.flush()
    assert b"\\u6211" in raw.getvalue()


def test_long_names_wrap():
    comparison = renamed(make_comparison(), "my svm", "a very long name of a model " * 5)
    text = rendered(comparison, width=80)
    assert max(map(len, text.splitlines())) <= 80
    assert "0.821" in text


def test_one_model_has_no_pairs():
    text = rendered(make_comparison(n_models=1, warnings=()), width=80)
    assert "difference" not in text
    assert "warning" not in text
