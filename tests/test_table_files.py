from pathlib import Path

import polars as pl
import pytest

from textseq.table_files import check_written_name, write_table
from textseq.tables import read_table

FRAME = pl.DataFrame({"text": ['so "good", it is', "", "a\nb"], "label": ["x", "y", "z"]})


@pytest.mark.parametrize(
    "name",
    ["t.csv", "t.TSV", "t.jsonl", "t.ndjson", "t.parquet", "t.csv.gz", "t.tsv.gz", "t.jsonl.gz"],
)
def test_what_is_written_is_read_again(tmp_path, name):
    write_table(FRAME, tmp_path / name)
    assert read_table(tmp_path / name).equals(FRAME)


def test_lists_stay_where_there_is_a_place_for_them(tmp_path):
    frame = FRAME.with_columns(tags=pl.Series([["a"], [], ["b", "c"]]))
    write_table(frame, tmp_path / "t.csv")
    write_table(frame, tmp_path / "t.parquet")
    assert read_table(tmp_path / "t.csv").columns == ["text", "label"]
    assert read_table(tmp_path / "t.parquet")["tags"].equals(frame["tags"])


def test_the_same_table_makes_the_same_file(tmp_path):
    for name in ("a.csv.gz", "b.csv.gz"):
        write_table(FRAME, tmp_path / name)
    assert (tmp_path / "a.csv.gz").read_bytes() == (tmp_path / "b.csv.gz").read_bytes()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("t.xlsx", "unknown kind of table '.xlsx'"),
        ("t.parquet.gz", "compressed already"),
        ("t", "''"),
    ],
)
def test_names_that_tell_no_kind_are_refused(name, message):
    with pytest.raises(ValueError, match=message):
        check_written_name(Path(name))
