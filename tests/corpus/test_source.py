"""Rows are read some at a time from wherever they are, and are the same rows."""

import gzip
import json
from pathlib import Path

import pandas as pd
import polars as pl
import pytest

from textseq.corpus import source, table_batches
from textseq.corpus.frames import is_source
from textseq.corpus.source import is_text_source, open_source

ROWS = pl.DataFrame(
    {
        "review": [f'row {n}\n"so", he said; ' + "é" * (n % 9) for n in range(500)],
        "stars": [n % 5 for n in range(500)],
        "shop": ["a", "b"] * 250,
    }
)


@pytest.fixture(autouse=True)
def small_parts(monkeypatch):
    monkeypatch.setattr(table_batches, "BLOCK_BYTES", 999)
    monkeypatch.setattr(source, "BATCH_ROWS", 77)
    monkeypatch.setattr(source, "BATCH_BYTES", 1500)


def written(name, folder):
    path = folder / name
    if name.endswith(".parquet"):
        ROWS.write_parquet(path, row_group_size=100)
        return path
    plain = name.removesuffix(".gz")
    if plain.endswith(".jsonl"):
        content = ROWS.write_ndjson().encode()
    else:
        content = ROWS.write_csv(separator="\t" if plain.endswith(".tsv") else ",").encode()
    path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    return path


def read(opened, skipped=0):
    return pl.concat(opened.batches(skipped))


@pytest.mark.parametrize("name", ["a.parquet", "a.csv", "a.csv.gz", "a.tsv", "a.jsonl.gz"])
def test_files_of_all_kinds_hold_the_same_rows(tmp_path, name):
    opened = open_source(written(name, tmp_path), text="review", target="stars")
    assert (opened.texts, opened.target) == (("review",), "stars")
    parts = list(opened.batches())
    assert max(part.height for part in parts) <= 77
    assert len(parts) > 5
    found = pl.concat(parts)
    assert found["review"].to_list() == ROWS["review"].to_list()
    assert found["stars"].cast(pl.Int64).to_list() == ROWS["stars"].to_list()
    for skipped in (1, 77, 333, 500):
        assert read(opened, skipped).equals(found[skipped:]) if skipped < 500 else True


def test_what_is_open_stays_as_it_is():
    opened = open_source(lambda: iter([ROWS]), text="review")
    assert is_text_source(opened) and open_source(opened, "shop") is opened


def test_no_row_is_left_behind_the_last():
    opened = open_source(lambda: iter([ROWS]), text="review")
    assert list(opened.batches(500)) == []


def test_folders_and_globs_are_read_in_the_order_of_names(tmp_path):
    ROWS[:200].write_parquet(tmp_path / "part-0.parquet")
    ROWS[200:].write_parquet(tmp_path / "part-1.parquet")
    (tmp_path / "README.md").write_text("not a table")
    for given in (tmp_path, str(tmp_path / "*.parquet")):
        assert read(open_source(given, "review"))["review"].equals(ROWS["review"])


@pytest.mark.parametrize(
    "given",
    [
        ROWS.lazy(),
        lambda: iter([ROWS[:100], ROWS[100:].to_dict(as_series=False)]),
        lambda: (pd.DataFrame(part.to_dict(as_series=False)) for part in ROWS.iter_slices(60)),
    ],
    ids=["query", "function", "function of pandas"],
)
def test_queries_and_functions_are_read(given):
    assert is_source(given)
    found = read(open_source(given, "review", "stars"))
    assert found.equals(ROWS.select("review", "stars"))


def test_what_an_estimator_takes_as_rows_is_no_source(tmp_path):
    for given in (["a.csv"], "so good", ROWS, ROWS["review"], "see what is in data.csv", None, str):
        assert not is_source(given)
    assert is_source("data.csv")
    path = tmp_path / "my reviews.csv"
    assert not is_source(str(path))
    path.touch()
    assert is_source(str(path)) and is_source(path)


def test_the_column_of_texts_is_told_by_its_name_or_alone(tmp_path):
    assert open_source(ROWS.rename({"review": "text"}).lazy()).texts == ("text",)
    assert open_source(ROWS.drop("shop").lazy()).texts == ("review",)
    assert open_source(ROWS.lazy(), target="shop").texts == ("review",)
    with pytest.raises(ValueError, match=r"'review', 'shop'\) it can't be told which.*text="):
        open_source(ROWS.lazy())
    with pytest.raises(ValueError, match="no column 'revew'; did you mean 'review'"):
        open_source(ROWS.lazy(), "revew")


def test_a_row_without_text_or_target_is_named(tmp_path):
    lacking = ROWS.with_columns(pl.when(pl.col("stars") != 3).then("stars").alias("stars"))
    with pytest.raises(ValueError, match="row 4: nothing in column 'stars'"):
        read(open_source(lacking.lazy(), "review", "stars"))
    numbers = ROWS.with_columns(review=pl.col("stars"))
    with pytest.raises(ValueError, match="'review' holds Int64, not texts"):
        read(open_source(numbers.lazy(), "review"))
    with pytest.raises(ValueError, match="has no rows"):
        read(open_source(ROWS[:0].lazy(), "review"))


def test_lines_that_can_not_be_read_are_named_by_their_number(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("text,label\n" + "so,1\n" * 900 + "only\n" + "so,1\n" * 50)
    with pytest.raises(ValueError, match="line 902: 1 fields where the header has 2"):
        read(open_source(path, target="label"))
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "so", "label": 1}\n' * 400 + "{\n")
    with pytest.raises(ValueError, match="line 401 is not JSON"):
        read(open_source(path, target="label"))
    path.write_text(json.dumps({"text": "so", "label": 1}) + "\n" + json.dumps({"text": "no"}))
    with pytest.raises(ValueError, match="row 2: nothing in column 'label'"):
        read(open_source(path, target="label"))


def test_damage_is_told(tmp_path):
    path = written("a.csv.gz", tmp_path)
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(ValueError, match="damaged gzip"):
        read(open_source(path, "review"))
    path = tmp_path / "a.parquet"
    path.write_bytes(b"PAR1 and no more")
    with pytest.raises(ValueError, match="not a readable Parquet file"):
        open_source(path, "review")
    (tmp_path / "wide.csv").write_text("text,label\nso,1\n", encoding="utf-16")
    with pytest.raises(ValueError, match="UTF-16"):
        open_source(tmp_path / "wide.csv", "text")
    with pytest.raises(FileNotFoundError, match="no file 'none.parquet'"):
        open_source("none.parquet")
    with pytest.raises(ValueError, match="has no file that ends in"):
        open_source(Path(tmp_path / "empty").absolute().mkdir() or tmp_path / "empty")


def test_a_field_may_hold_more_lines_than_a_block(tmp_path):
    path = tmp_path / "a.csv"
    long = "x\n" * 3000
    pl.DataFrame({"text": [long, "b"], "label": ["1", "2"]}).write_csv(path)
    assert read(open_source(path, target="label"))["text"].to_list() == [long, "b"]


def test_quotes_within_fields_are_letters_where_none_starts_with_one(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("text,label\n" + '5" tall,1\n' * 301)
    assert read(open_source(path, target="label"))["text"].to_list() == ['5" tall'] * 301


def test_an_entry_is_told_by_name_size_and_time(tmp_path):
    path = written("a.csv", tmp_path)
    key = open_source(path, "review").key
    assert key == open_source(str(path), "review").key
    path.write_bytes(path.read_bytes() + b"more,1,a\n")
    assert open_source(path, "review").key != key
    assert open_source(ROWS.lazy(), "review").key is None
