"""A table read some rows at a time is the table that is read at once."""

import polars as pl
import pytest

from textseq.corpus import table_batches
from textseq.corpus.table_batches import read_text_batches
from textseq.table_files import write_batches
from textseq.tables import read_table

ROWS = pl.DataFrame(
    {
        "id": range(300),
        "text": [None if n % 50 == 7 else f"text {n}\nof two lines" for n in range(300)],
    }
)


@pytest.fixture(autouse=True)
def small_parts(monkeypatch):
    monkeypatch.setattr(table_batches, "BLOCK_BYTES", 500)
    monkeypatch.setattr(table_batches, "BATCH_ROWS", 30)


@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.jsonl", "a.parquet", "a.csv.gz"])
@pytest.mark.parametrize("empty", ["keep", "drop", "missing"])
def test_it_is_the_table_that_is_read_at_once(tmp_path, name, empty):
    path = tmp_path / name
    write_batches(ROWS.iter_slices(70), path)
    with pytest.warns(UserWarning) as expected:
        whole = read_table(path, label=None, empty=empty)
    with pytest.warns(UserWarning) as told:
        parts = list(read_text_batches(path, ["text"], empty))
    assert len(parts) > 3
    assert pl.concat(parts).equals(whole)
    assert str(told[0].message) == str(expected[0].message)
    assert len(told) == len(expected) == 1


@pytest.mark.parametrize("name", ["a.csv", "a.tsv.gz", "a.jsonl", "a.parquet"])
def test_parts_written_one_by_one_are_the_table(tmp_path, name):
    path = tmp_path / name
    write_batches(ROWS.fill_null("").iter_slices(70), path)
    found = read_table(path, label=None)
    assert found["text"].to_list() == ROWS["text"].fill_null("").to_list()
    assert [file.name for file in tmp_path.iterdir()] == [name]


def test_a_file_stays_as_it_was_if_a_part_fails(tmp_path):
    def failing():
        yield ROWS
        raise ValueError("the second part")

    for name in ("a.csv", "a.parquet", "a.jsonl.gz"):
        path = tmp_path / name
        path.write_text("before")
        with pytest.raises(ValueError, match="the second part"):
            write_batches(failing(), path)
        assert path.read_text() == "before"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a.csv", "a.jsonl.gz", "a.parquet"]


def test_errors_are_those_of_the_table_read_at_once(tmp_path):
    path = tmp_path / "a.csv"
    write_batches(iter([ROWS]), path)
    with pytest.raises(ValueError, match="line 16: no text in column 'text'"):
        list(read_text_batches(path, ["text"]))
    with pytest.raises(ValueError, match="no column 'txt'; did you mean 'text'"):
        list(read_text_batches(path, ["txt"]))
    path.write_text("text,a\n,1\n,2\n")
    with pytest.raises(ValueError, match="every row lacks a text"):
        list(read_text_batches(path, ["text"], "drop"))
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "so"}\n' * 90 + '{"text": "so", "more": 1}\n')
    with pytest.raises(ValueError, match="none of the rows before line .* has the name 'more'"):
        list(read_text_batches(path, ["text"]))


@pytest.mark.parametrize(
    "content",
    [
        "\n\r\n\ntext,id\n" + "so,1\n" * 300,
        '\n"text","of\nany"\n' + '"a\nb",1\n' * 300,
        "text,id\rso,1\r" * 2,
        "text;id\n" + 'so;"1,5"\n' * 300,
        "\ufefftext,id\n" + "so,1\n" * 300,
    ],
    ids=["blank lines", "header of two lines", "carriage returns", "semicolons", "mark"],
)
def test_odd_tables_are_the_tables_read_at_once(tmp_path, content):
    path = tmp_path / "a.csv"
    path.write_text(content, encoding="utf-8", newline="")
    assert pl.concat(read_text_batches(path, ["text"])).equals(read_table(path, label=None))


def test_lines_are_counted_behind_a_header_of_several(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text('\n\n"text","of\nany"\n' + "so,1\n" * 300 + "only\n")
    with pytest.raises(ValueError) as expected:
        read_table(path, label=None)
    with pytest.raises(ValueError) as found:
        list(read_text_batches(path, ["text"]))
    assert str(found.value) == str(expected.value)
    assert "line 305" in str(found.value)


@pytest.mark.parametrize("name", ["a.csv", "b.csv", "a.parquet", "a.jsonl"])
def test_a_table_without_rows_is_refused_as_at_once(tmp_path, name):
    path = tmp_path / name
    if name == "a.parquet":
        ROWS[:0].write_parquet(path)
    else:
        path.write_text("text,id\n" if name == "b.csv" else "")
    with pytest.raises(ValueError) as expected:
        read_table(path, label=None)
    with pytest.raises(ValueError) as found:
        list(read_text_batches(path, ["text"]))
    assert str(found.value) == str(expected.value)
