"""Files of labelled series: what the format allows is read, the rest is refused by its line."""

import gzip

import numpy as np
import pytest

from textseq.samples import sample_path
from textseq.series.ts_files import read_ts


@pytest.fixture
def write(tmp_path):
    def write(*lines, name="some.ts"):
        path = tmp_path / name
        path.write_text("\n".join(lines))
        return path

    return write


def as_lists(X):
    return [series.tolist() for series in X]


def test_univariate_with_labels(write):
    path = write(
        "# said of the data", "@problemName X", "", "@univariate true", "@classLabel true up down",
        "@data", "# a remark", "1,2.5,-3e-1:up", "", "4,5,6 : down", "",
    )  # fmt: skip
    X, y = read_ts(path)
    assert as_lists(X) == [[[1.0, 2.5, -0.3]], [[4.0, 5.0, 6.0]]]
    assert y.tolist() == ["up", "down"]


def test_channels_of_unequal_lengths_with_missing_values(write):
    path = write("@classLabel true 1 2", "@data", "1,?,3:NaN,5,6:1", "7:8:2")
    X, y = read_ts(path)
    np.testing.assert_array_equal(X[0], [[1, np.nan, 3], [np.nan, 5, 6]])
    np.testing.assert_array_equal(X[1], [[7], [8]])
    assert y.tolist() == ["1", "2"]


def test_targets_are_numbers_and_names_may_be_in_small_letters(write):
    path = write("@univariate true", "@targetlabel true", "@data", "1,2:0.5", "3,4:-1e3")
    _, y = read_ts(path)
    assert y.dtype == np.float64
    assert y.tolist() == [0.5, -1000.0]


def test_without_targets(write):
    X, y = read_ts(write("@classLabel false", "@data", "1,2:3,4"))
    assert as_lists(X) == [[[1.0, 2.0], [3.0, 4.0]]]
    assert y is None


def test_gzip(tmp_path):
    path = tmp_path / "some.ts.gz"
    path.write_bytes(gzip.compress(b"@classLabel true a b\n@data\n1,2:a\n"))
    X, y = read_ts(path)
    assert as_lists(X) == [[[1.0, 2.0]]]
    assert y.tolist() == ["a"]


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["@classLabel true a b", "@data", "1,2:a", "1,x:b"], "line 4: .*'x'"),
        (["@classLabel true a b", "@data", "1,2:c"], "line 3: the label 'c' is not among"),
        (["@targetLabel true", "@data", "1,2:c"], "line 3: the target 'c' is no number"),
        (["@univariate true", "@classLabel true a", "@data", "1,2:3,4:a"], "2 channels, but"),
        (["@data", "1:2", "# none", "1:2:3"], "line 4: 3 channels, but"),
        (["@data", "1,2:3"], "line 2: channels of 1 and 2 values"),
        (["@dimensions six", "@data", "1"], "line 1: @dimensions must be a whole number"),
        (["@timeStamps true", "@data", "(0,1)"], "line 1: time stamps"),
        (["1,2,3:a"], "line 1: '1,2,3:a' stands before @data"),
        (["@univariate true"], "has no @data line"),
        (["@data", "# nothing"], "has no series"),
    ],
)
def test_what_is_wrong_is_named_by_its_line(write, lines, message):
    with pytest.raises(ValueError, match=message):
        read_ts(write(*lines))


MARKED = "# m\u00e9dias\n@classLabel true \u00e9 b\n@data\n1,2:\u00e9\n"


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(
    ("written", "named"),
    [("utf-8-sig", "utf-8"), ("latin-1", "latin-1"), ("cp1252", "cp1252"), ("utf-16", "utf-8")],
)
def test_files_in_other_encodings_and_with_a_byte_order_mark(tmp_path, written, named, packed):
    path = tmp_path / ("some.ts.gz" if packed else "some.ts")
    data = MARKED.replace("\n", "\r\n").encode(written)
    path.write_bytes(gzip.compress(data) if packed else data)
    X, y = read_ts(path, named)
    assert as_lists(X) == [[[1, 2]]] and y.tolist() == ["é"]


def test_bytes_in_another_encoding_are_told_with_the_file_and_the_remedy(tmp_path):
    path = tmp_path / "latin.ts"
    path.write_bytes(MARKED.encode("latin-1"))
    with pytest.raises(ValueError, match=r"latin\.ts, line 1: byte 0xe9 .*encoding latin-1"):
        read_ts(path)


def test_the_shipped_sample():
    X, y = read_ts(sample_path("japanese_vowels").with_name("JapaneseVowels_TRAIN.ts.gz"))
    assert len(X) == len(y) == 270 and set(y) == set("123456789")
    assert {series.shape[0] for series in X} == {12}
    assert min(series.shape[1] for series in X) == 7
    assert X[0][0, :3].tolist() == [1.860936, 1.891651, 1.939205]
