import numpy as np
import pytest

from textseq.series.time_text import text_of_times, times_of_text

WRITTEN = {
    "2024": "2024-01-01",
    "202405": "2024-05-01",
    "2024-05": "2024-05-01",
    "20240531": "2024-05-31",
    "2024/5/3": "2024-05-03",
    "2024.05.03": "2024-05-03",
    "2024-Q3": "2024-07-01",
    "2024-05-31T07": "2024-05-31T07:00",
    "20240531T0708": "2024-05-31T07:08",
    "2024-05-31 7:08": "2024-05-31T07:08",
    "2024-05-31T07:08:09,250": "2024-05-31T07:08:09.250",
    "2024-05-31T07:08:09.123456Z": "2024-05-31T07:08:09.123456",
    "2024-05-31 07:08:09 UTC": "2024-05-31T07:08:09",
    "2024-05-31T07:08+0530": "2024-05-31T07:08",
    "2024053107": "2024-05-31T07:00",
    "1066-10-14": "1066-10-14",
}


@pytest.mark.parametrize("text", WRITTEN)
def test_what_is_read_is_written_alike(text):
    found = times_of_text(np.array([text]))
    assert found.values[0] == np.datetime64(WRITTEN[text], "us")
    assert text_of_times(*found).tolist() == [text]


def test_several_ways_in_a_column_are_written_in_the_longest():
    found = times_of_text(np.array(["2024-01-31", "2024-01-31 01:00:00"]))
    assert text_of_times(*found).tolist() == ["2024-01-31 00:00:00", "2024-01-31 01:00:00"]
    found = times_of_text(np.array(["2024-1-5", "2024-10-15"]))
    assert text_of_times(*found).tolist() == ["2024-1-5", "2024-10-15"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (["01/02/2024"], "'01/02/2024', which does not start with the year"),
        (["7"], "'7', which does not start with the year"),
        (["2024, spring"], "'2024, spring', which is no time that is known"),
        (["2024-01-01", "2023-02-29"], "'2023-02-29', a day or clock time there is not"),
        (["2024-01-01 24:00"], "'2024-01-01 24:00', a day or clock time"),
        (["2024-01-01T00:00:00.1234567"], "finer than a microsecond"),
        (["2024-03-31T00:00+00:00", "2024-03-31T02:00+01:00"],
         r"mixed time zones: '2024-03-31T02:00\+01:00' is not \+00:00 from UTC"),
        (["2024-03-31T00:00", "2024-03-31T02:00Z"], "mixed time zones"),
    ],
)  # fmt: skip
def test_what_is_no_time_is_named(text, message):
    with pytest.raises(ValueError, match=message):
        times_of_text(np.array(text))
