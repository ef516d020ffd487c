"""Another score, balanced classes and groups on the command line."""

import json

import pytest

from textseq import load_model

ROWS = [
    f"{'good' if place % 3 else 'bad'} film n{place},{'pos' if place % 3 else 'neg'},a{place // 9}"
    for place in range(240)
]


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "films.csv"
    path.write_text("\n".join(["text,label,author", *ROWS]) + "\n")
    return path


COMMON = "--epochs 1 --threads 1 --metric macro-f1 --class-weight balanced --groups author"


def test_fit_and_compare_take_a_metric_balanced_classes_and_groups(textseq, table, tmp_path):
    done = textseq(f"fit {table} -o m.textseq --encoder mean {COMMON}")
    assert done.returncode == 0, done.stderr
    assert b"validation f1_macro" in done.stdout
    fitted = load_model(tmp_path / "m.textseq")
    # Whole authors of nine rows, and the last of six.
    assert fitted.class_weight == "balanced" and fitted.receipt_["validation_rows"] % 9 in (0, 6)
    done = textseq(f"compare {table} --encoders mean --seeds 1 --json c.json {COMMON}")
    assert done.returncode == 0, done.stderr
    assert b"macro F1" in done.stdout
    assert json.loads((tmp_path / "c.json").read_text())["metric"] == "f1_macro"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("--metric macrof1", "--metric macrof1 is not known; choose from: accuracy"),
        ("--metric f1_macro --regression", "choose from: d2_absolute_error_score"),
        ("--class-weight heavy", "--class-weight heavy is not known; use balanced"),
        ("--groups writer", "--groups writer: there is no such column; there are text"),
    ],
)
def test_what_there_is_none_of_is_refused_in_the_words_of_the_command(
    fails, table, options, message
):
    assert message in fails(f"compare {table} {options}")
