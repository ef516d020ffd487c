import ast
import csv
import gzip
import io
import random
import re
import subprocess
import sys

import polars as pl
import pytest

from textseq.tables import read_lines, read_series_table, read_table

GOOD = 'id,text,label\n1,"a, b",pos\n2,"say ""hi""",neg\n3,"two\nlines",pos\n4,"",neg\n'
ROWS = [("a, b", "pos"), ('say "hi"', "neg"), ("two\nlines", "pos"), ("", "neg")]


def write(folder, name, content):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def pairs_of(path, **options):
    return read_table(path, **options).select("text", "label").rows()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("plain.csv", GOOD),
        ("packed.csv.gz", gzip.compress(GOOD.encode())),
        ("packed-without-saying.csv", gzip.compress(GOOD.encode())),
        ("blank.csv", "\n\n" + GOOD.replace("\n2", "\n\n2") + "\n\n"),
        ("no-last-newline.csv", GOOD.removesuffix("\n")),
        ("semicolons.csv", GOOD.replace(",", ";").replace("a; b", "a, b")),
        ("tabs.tsv", GOOD.replace(",", "\t").replace("a\t b", "a, b")),
        ("wide.csv", GOOD.encode("utf-16")),
    ],
)
def test_the_same_table_in_many_dresses(tmp_path, name, content):
    assert pairs_of(write(tmp_path, name, content)) == ROWS


def test_a_byte_order_mark_is_no_part_of_the_first_name(tmp_path):
    for name, content in [
        ("m.csv", "text,label\na,b\n"),
        ("m.jsonl", '{"text": "a", "label": "b"}'),
    ]:
        assert pairs_of(write(tmp_path, name, "\ufeff" + content)) == [("a", "b")]


def test_windows_line_ends_stay_inside_quotes_only(tmp_path):
    path = write(tmp_path, "crlf.csv", GOOD.replace("\n", "\r\n"))
    assert pairs_of(path) == [*ROWS[:2], ("two\r\nlines", "pos"), ROWS[3]]


def test_words_that_look_missing_are_texts(tmp_path):
    path = write(tmp_path, "names.csv", "text,label\nNA,null\nNone,nan\n")
    assert pairs_of(path) == [("NA", "null"), ("None", "nan")]


def test_quotes_are_letters_where_no_field_starts_with_one(tmp_path):
    path = write(tmp_path, "inches.csv", 'text,label\n5" disk,a\n3" disk,b\n')
    assert pairs_of(path) == [('5" disk', "a"), ('3" disk', "b")]


def test_a_tsv_whose_quotes_do_not_pair_has_none(tmp_path):
    path = write(tmp_path, "plain.tsv", 'text\tlabel\n"so he said\ta\n"ok" then\tb\n')
    assert pairs_of(path) == [('"so he said', "a"), ('"ok" then', "b")]


@pytest.mark.parametrize("name", ["rows.jsonl", "rows.ndjson.gz", "rows.parquet"])
def test_other_formats_keep_texts_and_make_labels_strings(tmp_path, name):
    frame = pl.DataFrame({"text": ["é\n", ""], "label": [1, 0], "note": [None, "x"]})
    buffer = io.BytesIO()
    (frame.write_parquet if name.endswith("parquet") else frame.write_ndjson)(buffer)
    content = buffer.getvalue()
    path = write(tmp_path, name, gzip.compress(content) if name.endswith("gz") else content)
    read = read_table(path)
    assert read.rows() == [("é\n", "1", None), ("", "0", "x")]
    assert read_table(path, numeric_label=True)["label"].to_list() == [1.0, 0.0]


def test_latin_1_is_refused_by_line_and_read_on_request(tmp_path):
    path = write(tmp_path, "old.csv", "text,label\nplain,a\ncafé,b\n".encode("latin-1"))
    with pytest.raises(ValueError, match=r"line 3: byte 0xe9 is not UTF-8.*--encoding latin-1"):
        read_table(path)
    assert pairs_of(path, encoding="latin-1")[1] == ("café", "b")
    with pytest.raises(ValueError, match="unknown encoding 'latin-x'"):
        read_table(path, encoding="latin-x")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is empty"),
        ("\r\n\n", "is empty"),
        ("text,label\n", "has no rows"),
        (
            "texte,label\na,b\n",
            "no column 'text'; did you mean 'texte'\\? Its columns are 'texte', 'label'",
        ),
        ("text,text,label\na,b,c\n", "names column 'text' twice"),
        ("text,label\na,b\nc,d,e\n", r"line 3: 3 fields where the header has 2; put a field"),
        ("id,text,label\n1,a,b\na,b\n", r"line 3: 2 fields where the header has 3"),
        ("text,label\n\n\n'a,b',c\n", "line 4: 3 fields"),
        ('text,label\n"a",b\nc" d,e\n', "line 3: a quote that does not pair"),
        ('text,label\n"a" x,b\n', "line 2: a quote that does not pair"),
        ('text,label\n"a\nb",c\n"d,e\n', "line 4: a quote that does not pair"),
        ("text,label\n,a\n", "line 2: no text in column 'text'"),
        ('text,label\n"x\ny",a\nb,\n', "line 4: no label in column 'label'"),
        ("text,label\na\rb,c\n", "line 2: a carriage return without"),
        ("text,label\na\0b,c\n", "line 2: a NUL character"),
    ],
)
def test_a_bad_csv_is_refused_by_line(tmp_path, content, message):
    with pytest.raises(ValueError, match=message):
        read_table(write(tmp_path, "bad.csv", content))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"text": "a", "label": 1}\n\n{"text": "b"\n', "line 3 is not JSON"),
        ('["a", 1]\n', "line 1 is not a JSON object"),
        ('{"text": "a", "label": 1}\n{"text": 5, "label": 1}\n', "line 2: 'text' is 5, not a str"),
        ('{"text": "a", "label": 1}\n{"label": 1}\n', "line 2: no text in column 'text'"),
        ('{"text": "a", "label": null}\n', "line 1: no label"),
        ('{"text": "\\ud800", "label": 1}\n', "line 1: 'text' holds half a surrogate pair"),
        ("[" * 100_000, "line 1 is not JSON"),
    ],
)
def test_bad_json_lines_are_refused_by_line(tmp_path, content, message):
    with pytest.raises(ValueError, match=message):
        read_table(write(tmp_path, "bad.jsonl", content))


def test_bad_files_are_refused_by_name(tmp_path):
    with pytest.raises(ValueError, match="not a readable Parquet file"):
        read_table(write(tmp_path, "bad.parquet", "text,label\na,b\n"))
    with pytest.raises(ValueError, match="damaged gzip"):
        read_table(write(tmp_path, "bad.csv.gz", gzip.compress(GOOD.encode())[:-9]))
    with pytest.raises(ValueError, match=r"unknown kind of table '\.xlsx'.*\.parquet"):
        read_table(tmp_path / "bad.xlsx")
    with pytest.raises(FileNotFoundError):
        read_table(tmp_path / "absent.csv")


def test_parquet_names_the_row_and_the_type(tmp_path):
    path = tmp_path / "t.parquet"
    pl.DataFrame({"text": ["a", None], "n": [1, 2], "x": [1.0, float("nan")]}).write_parquet(path)
    with pytest.raises(ValueError, match="row 2: no text"):
        read_table(path, label=None)
    with pytest.raises(ValueError, match="column 'n' holds Int64, not texts"):
        read_table(path, text=["n"], label=None)
    with pytest.raises(ValueError, match="row 2: nan in column 'x' is not a finite number"):
        read_table(path, text=[], label="x", numeric_label=True)
    with pytest.raises(ValueError, match="row 2: no label"):
        read_table(path, text=[], label="x")


def test_a_number_that_is_none_is_refused(tmp_path):
    path = write(tmp_path, "stars.csv", "text,label\na,4.5\nb,five\n")
    with pytest.raises(ValueError, match="line 3: 'five' in column 'label' is not a finite number"):
        read_table(path, numeric_label=True)


def test_pairs_of_texts(tmp_path):
    path = write(tmp_path, "pairs.csv", "q1,q2,same\na,b,1\nc,,0\n")
    with pytest.raises(ValueError, match="line 3: no text in column 'q2'"):
        read_table(path, text=("q1", "q2"), label="same")


def test_lines_are_texts(tmp_path):
    path = write(tmp_path, "t.txt", "a\r\n\nb, \u2028c\nlast")
    assert read_lines(path) == ["a", "", "b, \u2028c", "last"]
    assert read_lines(write(tmp_path, "none.txt", "")) == []


@pytest.mark.parametrize("separator", [",", "\t"])
def test_a_mutated_file_is_read_exactly_or_refused(tmp_path, separator, mutations=400):
    """Damage a valid file at random: what is read equals the csv module's strict reading."""
    chance = random.Random(separator)
    alphabet = ['"', '""', separator, "\n", "\r\n", "\r", "a", " ", "é", "\ufeff", "\0", ""]
    start = GOOD.replace(",", separator)
    path = tmp_path / ("t.csv" if separator == "," else "t.tsv")
    read = 0
    for _ in range(mutations):
        content = start
        for _ in range(chance.choice([1, 1, 2, 4])):
            place = chance.randrange(len(content))
            cut = chance.choice([0, 1, 1, 8])
            content = content[:place] + chance.choice(alphabet) + content[place + cut :]
        path.write_bytes(content.encode())
        try:
            frame = read_table(path, text=[], label=None)
        except ValueError as error:
            assert re.match(re.escape(str(path)), str(error)), error
            continue
        read += 1
        expected = expected_rows(content, separator)
        assert [[cell or "" for cell in row] for row in frame.rows()] == expected[1:], content
        assert frame.columns == expected[0]
    assert read > mutations / 5


def expected_rows(content, separator):
    content = content.removeprefix("\ufeff")
    if "\n" not in content:
        content = content.replace("\r", "\n")
    content += "" if content.endswith("\n") else "\n"
    bare = separator == "\t" and not pairs_up(content)
    if bare or not re.search(rf'(^|\n|{separator})"', content):
        lines = content.replace("\r\n", "\n").split("\n")
        return [line.split(separator) for line in lines if line not in ("", "\r")]
    reader = csv.reader(io.StringIO(content, newline=""), delimiter=separator, strict=True)
    return [row for row in reader if row]


def pairs_up(content):
    field = r'("([^"]|"")*"|[^"\t\r\n][^"\t\n]*|)'
    return re.fullmatch(rf"({field}(\t|\r?\n|$))*", content) is not None


SERIES = "id,day,load\n007,1,2.5\n007,2,NA\na,3,\na,4,-1e3\n"


def test_series_are_numbers_beside_their_keys(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text(SERIES)
    frame = read_series_table(path, ["id", "day"], ["load"])
    # 007 is a name, and a day a whole number.
    assert frame.rows() == [("007", 1, 2.5), ("007", 2, None), ("a", 3, None), ("a", 4, -1000.0)]


def test_dates_and_names_stay_as_they_stand(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("id,day,load\n1,2024-01-01,1\n2x,2024-01-02,2\n")
    frame = read_series_table(path, ["id", "day"], ["load"])
    assert frame["id"].to_list() == ["1", "2x"]
    assert frame["day"].to_list() == ["2024-01-01", "2024-01-02"]


def test_an_optional_key_may_be_absent(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("day,load\n1,2\n")
    assert read_series_table(path, ["id", "day"], ["load"], ["id"]).columns == ["day", "load"]
    with pytest.raises(ValueError, match="has no column 'id'"):
        read_series_table(path, ["id", "day"], ["load"])


@pytest.mark.parametrize("suffix", [".parquet", ".jsonl"])
def test_series_of_typed_files(tmp_path, suffix):
    frame = pl.DataFrame({"day": [1, 2, 3], "load": [1.5, None, 2.0], "other": ["a", "b", "c"]})
    path = tmp_path / f"t{suffix}"
    (frame.write_parquet if suffix == ".parquet" else frame.write_ndjson)(path)
    read = read_series_table(path, ["day"], ["load"])
    assert read.rows() == [(1, 1.5), (2, None), (3, 2.0)]


@pytest.mark.parametrize("cell", ["high", "inf", "1,5", "0x10"])
def test_what_is_no_number_is_refused_by_line(tmp_path, cell):
    path = tmp_path / "t.tsv"
    path.write_text(f"day\tload\n1\t2\n2\t{cell}\n")
    with pytest.raises(ValueError, match="line 3: .* in column 'load' is not a finite number"):
        read_series_table(path, ["day"], ["load"])


@pytest.mark.parametrize(("ids", "read"), [("007 8", ["007", "8"]), ("7 8", [7, 8])])
def test_a_leading_zero_makes_a_name(tmp_path, ids, read):
    path = tmp_path / "t.csv"
    path.write_text("id,load\n" + "".join(f"{name},1\n" for name in ids.split()))
    assert read_series_table(path, ["id"], ["load"])["id"].to_list() == read


PEAK = """
import resource, sys
from textseq.tables import read_table

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024

read_table(sys.argv[1])
before = peak()
frame = read_table(sys.argv[2])
print((peak() - before, frame.height))
"""


def test_a_large_table_takes_few_times_its_size_in_memory(tmp_path):
    line = '"a review, of some length, with a comma; and more ' + "x" * 400 + '",pos\n'
    n_rows = 80_000_000 // len(line)
    small, large = tmp_path / "small.csv", tmp_path / "large.csv"
    for path, count in ((small, 10), (large, n_rows)):
        path.write_text("text,label\n" + line * count)
    run = subprocess.run(
        [sys.executable, "-c", PEAK, small, large], capture_output=True, text=True, check=True
    )
    taken, read = ast.literal_eval(run.stdout)
    assert read == n_rows
    assert taken < 3 * large.stat().st_size


def empty_cells(tmp_path):
    """A table of four rows: the second lacks its text, the third its label."""
    return write(tmp_path, "t.csv", 'text,label\ngood,p\n,n\n"",\nbad,n\n')


@pytest.mark.parametrize(
    ("empty", "label", "rows", "said"),
    [
        ("drop", "label", [("good", "p"), ("bad", "n")], "2 of 4 rows without a text or label"),
        ("drop", None, [("good", "p"), ("", None), ("bad", "n")], "1 of 4 rows without a text,"),
        ("keep", None, [("good", "p"), ("", "n"), ("", None), ("bad", "n")], "read as empty"),
        ("missing", None, [("good", "p"), (None, "n"), ("", None), ("bad", "n")], "line 3: kept"),
    ],
)
def test_rows_without_a_text_become_what_is_asked_for(tmp_path, empty, label, rows, said):
    with pytest.warns(UserWarning, match=said):
        frame = read_table(empty_cells(tmp_path), label=label, empty=empty)
    assert frame.rows() == rows


def test_lines_are_named_after_rows_were_left_out(tmp_path):
    path = write(tmp_path, "t.csv", "text,label\n,1\ngood,2\nbad,x\n")
    with pytest.warns(UserWarning), pytest.raises(ValueError, match="line 4: 'x' in column"):
        read_table(path, empty="drop", numeric_label=True)


def test_a_table_of_empty_cells_only_is_refused(tmp_path):
    path = write(tmp_path, "t.csv", "text,label\n,1\n,2\n")
    with pytest.raises(ValueError, match="every row lacks a text or label"):
        read_table(path, empty="drop")


def test_columns_without_a_name_are_numbered(tmp_path):
    path = write(tmp_path, "t.csv", "text,label,,\ngood,p,,7\n")
    assert read_table(path).to_dicts() == [
        {"text": "good", "label": "p", "column_3": None, "column_4": "7"}
    ]
    one = write(tmp_path, "one.csv", ",text,label\n0,good,p\n")
    assert read_table(one).columns == ["", "text", "label"]


@pytest.mark.parametrize(("mark", "named"), [("|", "|"), ("^", "^"), ("\t", "tab"), ("\t", r"\t")])
def test_a_separator_may_be_named(tmp_path, mark, named):
    path = write(tmp_path, "t.csv", f"text{mark}label\ngood, really{mark}p\n")
    assert read_table(path, separator=named).rows() == [("good, really", "p")]


def test_a_separator_is_one_character_of_a_table_that_has_some(tmp_path):
    with pytest.raises(ValueError, match="the separator ';;' is not one ASCII character"):
        read_table(write(tmp_path, "t.csv", "text,label\n"), separator=";;")
    path = write(tmp_path, "t.jsonl", '{"text": "a", "label": "b"}\n')
    with pytest.raises(ValueError, match="has no separators: it is JSON lines"):
        read_table(path, separator=";")


def test_a_text_file_may_hold_a_table(tmp_path):
    path = write(tmp_path, "t.txt", "text\tlabel\ngood\tp\n")
    assert read_table(path).rows() == [("good", "p")]


def test_parquet_by_another_name_is_told(tmp_path):
    pl.DataFrame({"text": ["a"], "label": ["b"]}).write_parquet(tmp_path / "t.csv")
    with pytest.raises(ValueError, match=r"t\.csv is a Parquet file by what it holds"):
        read_table(tmp_path / "t.csv")
