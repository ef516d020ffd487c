"""Series that are read some rows at a time make the panel that they make in memory."""

import gzip

import numpy as np
import pandas as pd
import polars as pl
import pytest

from textseq import ragged
from textseq.corpus import frames, table_batches
from textseq.corpus.panels import panel_of
from textseq.estimators.receipt import panel_fingerprint
from textseq.series.panel import read_panel
from textseq.text.vectors.cache import cache_folder

ROLES = {"past": "wind", "future": "holiday", "static": "size"}


@pytest.fixture(autouse=True)
def small_parts(monkeypatch):
    """Memory holds a few series, and files are read in many parts."""
    monkeypatch.setattr(ragged, "VALUES_TOGETHER", 60)
    monkeypatch.setattr(frames, "BATCH_ROWS", 77)
    monkeypatch.setattr(table_batches, "BATCH_ROWS", 77)
    monkeypatch.setattr(table_batches, "BLOCK_BYTES", 3_000)


def long_frame(n_series=17, freq="D", start="2024-01-01", zone=None):
    rng = np.random.default_rng(0)
    parts = []
    for number in range(n_series):
        n_rows = int(rng.integers(8, 50))
        times = pd.date_range(start, periods=n_rows, freq=freq, unit="us")
        if zone is not None and freq == "h":
            times = times.tz_localize("UTC").tz_convert(zone)
        elif zone is not None:
            times = times.tz_localize(zone, nonexistent="shift_forward")
        part = pd.DataFrame({"unique_id": f"s{number}", "ds": times})
        y = rng.normal(size=n_rows).round(3)
        y[rng.random(n_rows) < 0.1] = np.nan
        y[0] = 1.0
        parts.append(
            part.assign(y=y, wind=rng.normal(size=n_rows), holiday=times.day_of_week, size=number)
        )
    return pd.concat(parts, ignore_index=True)


def in_polars(frame):
    return pl.DataFrame({name: frame[name].to_list() for name in frame})


FRAME = long_frame()
ROWS = in_polars(FRAME)
SHUFFLED = ROWS.sample(fraction=1, shuffle=True, seed=1)


def write(frame, path):
    plain = path.name.removesuffix(".gz")
    if plain.endswith(".parquet"):
        frame.write_parquet(path, row_group_size=100)
        return
    if plain.endswith(".jsonl"):
        content = frame.write_ndjson().encode()
    else:
        content = frame.write_csv(separator="\t" if plain.endswith(".tsv") else ",").encode()
    path.write_bytes(gzip.compress(content) if path.name.endswith(".gz") else content)


def in_files(frame, folder, ending, n_files=3):
    """Write a frame's rows to several files as they stand; return the folder."""
    size = -(-len(frame) // n_files)
    for number, part in enumerate(frame.iter_slices(size)):
        write(part, folder / f"part-{number}{ending}")
    return folder


def at_once(frame, **given):
    """Read a frame in memory, all series together."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ragged, "VALUES_TOGETHER", 10**9)
        return read_panel(frame, **given)


def same(found, expected):
    assert found.is_stored and not expected.is_stored
    assert panel_fingerprint(found) == panel_fingerprint(expected)
    assert found.ids.dtype == expected.ids.dtype and found.ids.tolist() == expected.ids.tolist()
    assert found.frequency == expected.frequency
    assert found.times.dtype == expected.times.dtype


@pytest.mark.parametrize("ending", [".parquet", ".csv", ".csv.gz", ".tsv", ".jsonl.gz"])
@pytest.mark.parametrize("rows", [ROWS, SHUFFLED], ids=["in order", "in any order"])
def test_folders_of_all_kinds_of_files_are_read(tmp_path, ending, rows):
    folder = in_files(rows, tmp_path, ending)
    expected = at_once(FRAME, **ROLES)
    same(panel_of(folder, **ROLES), expected)
    same(panel_of(f"{folder}/part-*{ending}", **ROLES), expected)
    assert not list(cache_folder().glob("series-*"))


def test_a_file_a_series_and_one_file_of_all(tmp_path):
    for number, (_, part) in enumerate(ROWS.group_by("unique_id")):
        write(part, tmp_path / f"{number}.parquet")
    same(panel_of(str(tmp_path), **ROLES), at_once(ROWS, **ROLES))
    write(SHUFFLED, tmp_path / "all.parquet")
    same(panel_of(tmp_path / "all.parquet", **ROLES), at_once(ROWS, **ROLES))


@pytest.mark.parametrize(
    "source",
    [
        SHUFFLED.lazy(),
        lambda: SHUFFLED.iter_slices(60),
        lambda: (part.to_dict(as_series=False) for part in SHUFFLED.iter_slices(60)),
        lambda: (FRAME[start::5] for start in range(5)),
    ],
    ids=["query", "polars", "dicts", "pandas"],
)
def test_queries_and_functions_are_read(source):
    found = panel_of(source, **ROLES)
    same(found, at_once(FRAME, **ROLES))
    is_pandas = callable(source) and isinstance(next(iter(source())), pd.DataFrame)
    assert found.names.frame == ("pandas" if is_pandas else "polars")


@pytest.mark.parametrize("made_by", ["pyarrow", "pyarrow.dataset", "datasets"])
def test_tables_and_datasets_of_arrow_are_read(made_by):
    module = pytest.importorskip(made_by)
    table = module.table(SHUFFLED.to_dict(as_series=False)) if made_by == "pyarrow" else None
    if made_by == "datasets":
        table = module.Dataset.from_dict(SHUFFLED.to_dict(as_series=False))
    elif made_by == "pyarrow.dataset":
        table = module.dataset(SHUFFLED.to_arrow())
    same(panel_of(table, **ROLES), at_once(FRAME, **ROLES))


def test_a_frame_is_read_in_memory():
    assert not panel_of(FRAME, **ROLES).is_stored


def test_gaps_are_filled_as_in_memory(tmp_path):
    rows = ROWS.filter(pl.col("ds").dt.day() % 5 != 3)
    for fill_gaps in ("interpolate", "zero"):
        found = panel_of(in_files(rows, tmp_path, ".parquet"), fill_gaps=fill_gaps, **ROLES)
        expected = at_once(rows, fill_gaps=fill_gaps, **ROLES)
        assert expected.n_rows > len(rows)
        same(found, expected)


TIMES = {
    "hours where clocks change": ("h", "2024-03-30", "Europe/Lisbon"),
    "midnights where clocks change": ("D", "2024-03-10", "America/Havana"),
    "months": ("MS", "1990-01-01", None),
    "business month ends": ("BME", "1990-01-31", None),
    "business days": ("B", "2024-01-01", None),
    "half hours": ("30min", "2024-01-01", None),
}


@pytest.mark.parametrize("kind", TIMES)
def test_steps_are_found_as_in_memory(kind):
    freq, start, zone = TIMES[kind]
    frame = long_frame(freq=freq, start=start, zone=zone)
    shuffled = frame.sample(frac=1, random_state=0)
    same(panel_of(lambda: (shuffled[at::7] for at in range(7))), at_once(frame))


def test_hours_that_clocks_leave_out_are_those_of_the_other_series():
    days = pd.date_range("2024-02-01 00:30", periods=70, unit="us")
    days = days.tz_localize("America/Havana", nonexistent="shift_forward")
    jump = days[days.strftime("%H:%M") == "01:00"]
    assert len(jump) == 1
    frame = pd.concat(
        pd.DataFrame({"unique_id": name, "ds": own, "y": 1.0})
        for name, own in (("a", days), ("b", jump), ("c", days))
    )
    found = panel_of(lambda: iter([frame]))
    assert str(found.times[70]) == "2024-03-10T00:30:00.000000"
    same(found, at_once(frame))


def test_the_step_is_that_of_most_rows_in_whatever_part_they_are():
    daily = long_frame(3).assign(unique_id=lambda rows: "z" + rows["unique_id"])
    hourly = long_frame(freq="h")
    frame = pd.concat([daily, hourly])
    expected = at_once(frame, fill_gaps="zero")
    assert str(expected.frequency) == "1 hour"
    same(panel_of(lambda: iter([daily, hourly]), fill_gaps="zero"), expected)


@pytest.mark.parametrize(
    "pattern", ["%Y%m%d", "%Y-%m-%d", "%Y-%-m-%-d", "%Y-%m-%dT%H:%MZ", "%Y%m%d%H"]
)
def test_times_as_text_and_numbers_are_the_same_times(tmp_path, pattern):
    rows = ROWS.with_columns(pl.col("ds").dt.strftime(pattern))
    same(panel_of(in_files(rows, tmp_path, ".parquet")), at_once(rows))
    if pattern.isalpha():
        return
    same(panel_of(in_files(rows, tmp_path, ".csv").joinpath("*.csv")), at_once(rows))


def test_numbers_that_all_are_dates_are_dates():
    numbers = ROWS.with_columns(pl.col("ds").dt.strftime("%Y%m%d").cast(pl.Int64))
    found = panel_of(lambda: numbers.iter_slices(50))
    assert found.times.dtype.kind == "M" and found.names.time_form.pattern == "%Y%m%d"
    same(found, at_once(numbers))
    # One that is none is enough, in whatever part it is.
    days = {"a": range(20240101, 20240132), "b": range(20240101, 20240132)}
    days["c"] = range(20240210, 20240232)
    whole = pl.concat(
        pl.DataFrame({"unique_id": name, "ds": own, "y": 1.0}) for name, own in days.items()
    )
    found = panel_of(lambda: whole.iter_slices(31))
    assert found.times.dtype.kind == "i"
    same(found, at_once(whole))


def test_text_that_leaves_midnights_out_is_as_wide_as_its_widest():
    text = [f"2024-01-0{day} {hour:02}:00" for day in (1, 2) for hour in range(24)]
    rows = pl.DataFrame({"ds": [one.removesuffix(" 00:00") for one in text], "y": range(48)})
    found = panel_of(lambda: rows.iter_slices(1))
    assert found.names.time_form == at_once(rows).names.time_form
    same(found, at_once(rows))


@pytest.mark.parametrize(("ids", "kind"), [(["9", "10"], int), (["9", "10", "x"], str)])
def test_ids_of_lines_are_numbers_where_all_are(tmp_path, ids, kind):
    rows = pl.DataFrame({"unique_id": ids * 30, "ds": sorted([*range(30)] * len(ids)), "y": 1.0})
    found = panel_of(in_files(rows.sort("unique_id"), tmp_path, ".csv"))
    assert found.ids.tolist() == sorted(map(kind, ids))


def test_without_ids_all_rows_are_one_series(tmp_path):
    rows = ROWS.filter(pl.col("unique_id") == "s0").drop("unique_id")
    same(panel_of(in_files(rows, tmp_path, ".parquet")), at_once(rows))


def test_a_query_tells_files_without_ids_apart(tmp_path):
    for name, part in ROWS.drop("size").group_by("unique_id"):
        write(part.drop("unique_id"), tmp_path / f"{name[0]}.parquet")
    query = pl.scan_parquet(tmp_path / "*.parquet", include_file_paths="unique_id")
    found = panel_of(query, past="wind")
    expected = at_once(ROWS, past="wind")
    assert [path.split("/")[-1] for path in found.ids] == [f"{one}.parquet" for one in expected.ids]
    np.testing.assert_array_equal(found.y, expected.y)
    with pytest.raises(ValueError, match="series 'series' has more than one row.*id_col="):
        panel_of(tmp_path, past="wind")


def test_static_covariates_may_be_a_frame_of_their_own(tmp_path):
    sizes = FRAME.groupby("unique_id", as_index=False)["size"].first()
    folder = in_files(SHUFFLED, tmp_path, ".parquet")
    same(panel_of(folder, static=sizes), at_once(FRAME, static=sizes))


def spoiled(**changes):
    """Change cells: {column: {row: value}}."""
    frame = FRAME.copy()
    for name, cells in changes.items():
        for row, value in cells.items():
            frame.loc[row, name] = value
    return frame


BAD = {
    "repeated": pd.concat([FRAME, FRAME[100:103]]),
    "a gap": FRAME.drop([40, 41, 200]),
    "far too many gaps": spoiled(ds={300: pd.Timestamp("9024-01-01")}),
    "beside the grid": spoiled(ds={0: pd.Timestamp("2023-12-31 01:00")}),
    "no past": spoiled(wind={70: np.nan, 300: np.nan}),
    "no future": spoiled(holiday={270: np.nan}),
    "no static": spoiled(size={120: np.nan}),
    "static changes": spoiled(size={130: 77}),
    "no value": FRAME.assign(y=FRAME["y"].where(~FRAME["unique_id"].isin(["s3", "s9"]))),
}


@pytest.mark.parametrize("kind", BAD)
def test_what_is_refused_in_memory_is_refused_in_the_same_words(kind):
    frame, fill = BAD[kind], "zero" if kind == "far too many gaps" else "error"
    with pytest.raises(ValueError, match=r"s\d") as in_memory:
        at_once(frame, fill_gaps=fill, **ROLES)
    shuffled = frame.sample(frac=1, random_state=0)
    with pytest.raises(ValueError, match=r"s\d") as in_parts:
        panel_of(lambda: (shuffled[at::7] for at in range(7)), fill_gaps=fill, **ROLES)
    assert str(in_parts.value) == str(in_memory.value)


@pytest.mark.parametrize(
    ("column", "cells", "told"),
    [
        ("y", [1.0, np.inf], r"'y' is infinite in 1 row\(s\), the first is row 2; leave"),
        ("y", ["one", "two"], "'y' does not hold numbers but, for example, 'one'"),
        ("unique_id", ["a", None], "no id in row 2; drop the row"),
        ("unique_id", [1, 2], "holds int as ids, and in rows before str; write all ids alike"),
        ("ds", [None, None], "holds no times|no time in row 1"),
        ("ds", ["2024-01-01", "2024-01-02"], "holds text such as %Y-%m-%d, and in rows before"),
        ("ds", [1, 2], "holds whole numbers of the type Int64, and in rows before times of the"),
        ("ds", [0.5, 1.5], "holds no times but, for example, 0.5"),
    ],
)
def test_rows_that_can_not_be_read_are_named_with_their_file(tmp_path, column, cells, told):
    rows = ROWS[:2].with_columns(pl.Series(column, cells))
    write(ROWS, tmp_path / "a.parquet")
    write(rows, tmp_path / "b.parquet")
    with pytest.raises(ValueError, match=rf"b\.parquet: column '?{told}|b\.parquet: .*{told}"):
        panel_of(tmp_path)


def test_a_cell_that_is_no_number_is_named_by_its_line(tmp_path):
    rows = ROWS.select("unique_id", "ds", pl.col("y").cast(pl.String))
    rows[290, "y"] = "high"
    line = 290 - 2 * -(-len(rows) // 3) + 2  # behind the rows of two files, and a header
    with pytest.raises(ValueError, match=f"part-2.csv, line {line}: 'high' in column 'y'"):
        panel_of(in_files(rows, tmp_path, ".csv"))


@pytest.mark.parametrize("ending", [".parquet", ".csv", ".tsv"])
def test_a_file_without_a_column_is_named(tmp_path, ending):
    write(ROWS, tmp_path / f"a{ending}")
    write(ROWS.rename({"y": "sales"}), tmp_path / f"b{ending}")
    with pytest.raises(ValueError, match=rf"b\{ending} has no column 'y'; its columns are"):
        panel_of(tmp_path)
    with pytest.raises(ValueError, match="has no column 'winds'; did you mean 'wind'"):
        panel_of(tmp_path, past="winds")


def test_what_has_no_rows_is_refused(tmp_path):
    write(ROWS[:0], tmp_path / "a.parquet")
    with pytest.raises(ValueError, match="has no rows"):
        panel_of(tmp_path)
    with pytest.raises(ValueError, match="has no rows"):
        panel_of(lambda: iter(()))
    with pytest.raises(FileNotFoundError, match="no file 'none.parquet'"):
        panel_of("none.parquet")


def test_a_role_that_is_none_is_refused_before_anything_is_read():
    def function():
        raise AssertionError("read")

    with pytest.raises(ValueError, match="column 'y' is named twice"):
        panel_of(function, past="y")
    with pytest.raises(ValueError, match="unknown fill_gaps 'mean'"):
        panel_of(function, fill_gaps="mean")
