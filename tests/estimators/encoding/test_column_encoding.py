"""Columns beside texts as the numbers that a head reads."""

import json

import numpy as np
import pandas as pd
import pytest

from textseq.estimators.encoding import column_encoding
from textseq.estimators.encoding.column_encoding import (
    MOST_LEVELS,
    QUANTILES,
    ColumnEncoding,
    LevelCode,
    NumberCode,
)
from textseq.estimators.encoding.columns import Columns


def read(**columns):
    return Columns.read(pd.DataFrame(columns), list(columns))


def test_a_number_is_its_place_between_knots_piece_by_piece():
    columns = read(x=[0.0, 2.0, 10.0])
    learned = ColumnEncoding.learn(columns)
    assert learned.codes == (NumberCode("x", "", (0.0, 2.0, 10.0), False),)
    found = learned.encode(read(x=[-5.0, 1.0, 2.0, 4.0, 1e300, np.inf]))
    assert found.tolist() == [[0, 0], [0.5, 0], [1, 0], [1, 0.25], [1, 1], [1, 1]]


def test_of_many_values_knots_are_quantiles_that_no_outlier_moves():
    values = np.arange(1001.0)
    values[-1] = 1e12
    (code,) = ColumnEncoding.learn(read(x=values)).codes
    assert np.allclose(code.knots, 1000 * np.array(QUANTILES))


def test_categories_are_marks_rare_ones_together():
    stores = ["a"] * 5 + ["b"] * 3 + ["c", "c", "d"]
    learned = ColumnEncoding.learn(read(s=stores))
    assert learned.codes == (LevelCode("s", "", ("a", "b"), True, False),)
    assert learned.encode(read(s=["b", "d", "new"])).tolist() == [[0, 1, 0], [0, 0, 1], [0, 0, 1]]


def test_the_number_of_levels_is_bounded():
    names = [f"{number:03}" for number in range(MOST_LEVELS + 7)] * 3 + ["common"] * 9
    (code,) = ColumnEncoding.learn(read(s=names)).codes
    assert len(code.levels) == MOST_LEVELS and code.levels[0] == "common" and code.other
    assert code.width == MOST_LEVELS + 1


def test_missing_values_have_a_mark_where_some_were_learned_from_and_else_the_average():
    learned = ColumnEncoding.learn(read(x=[0.0, 4.0, np.nan, 4.0], s=["a", "b", None, "a"]))
    assert [code.missing for code in learned.codes] == [True, True]
    x = learned.encode(read(x=[np.nan], s=[None]))[0, :2]
    assert x.tolist() == [2 / 3, 1.0]  # the mean of what is known, and the mark
    learned = ColumnEncoding.learn(read(x=[0.0, 4.0, 4.0], s=["a"] * 3))
    assert learned.encode(read(x=[np.nan], s=["new"])).tolist() == [[2 / 3, 1.0]]
    assert learned.deviations(read(x=[np.nan], s=["new"])).tolist() == [[0.0, 0.0]]


def test_what_is_learned_from_averages_to_zero():
    rng = np.random.default_rng(0)
    values = rng.lognormal(size=200)
    values[::7] = np.nan
    stores = rng.choice(["a", "b", "c", None], 200)
    days = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 9000, 200), "h")
    columns = read(x=values, s=stores, d=days, b=rng.random(200) > 0.5)
    learned = ColumnEncoding.learn(columns)
    found = learned.deviations(columns)
    assert found.dtype == np.float32 and found.shape == (200, len(learned.means))
    assert np.abs(found.mean(0)).max() < 1e-6
    assert len(learned.owners) == len(learned.means)
    assert learned.owners.tolist() == sorted(learned.owners.tolist())


def test_a_date_is_its_days_month_weekday_and_hour():
    days = pd.to_datetime(["2024-01-01 06:00", "2024-01-03 18:00", None] * 3, format="mixed")
    learned = ColumnEncoding.learn(read(d=days))
    parts = {code.part: code for code in learned.codes}
    assert list(parts) == ["", "month", "weekday", "hour"]
    assert parts[""].knots == (19723.25, 19725.75)
    assert parts["month"].levels == ("1",) and parts["weekday"].levels == ("0", "2")
    assert parts["hour"].knots == (6.0, 18.0)
    assert all(code.missing for code in parts.values())


def test_constant_and_empty_columns_say_nothing():
    empty = read(c=[1.0, 1.0], e=[None, None])
    learned = ColumnEncoding.learn(empty)
    assert not learned.deviations(empty).any()
    assert learned.encode(read(c=[5.0], e=[None])).shape == (1, len(learned.means))


def test_it_comes_back_from_json():
    columns = read(x=[0.1, 0.3, np.nan], s=["a"] * 3, d=pd.to_datetime(["2024-01-01"] * 3))
    learned = ColumnEncoding.learn(columns)
    stored = json.loads(json.dumps(learned.to_dict()))
    again = ColumnEncoding.from_dict(stored)
    assert again.kinds == learned.kinds and again.codes == learned.codes
    assert np.array_equal(again.encode(columns), learned.encode(columns))


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda d: d["codes"][0].update(knots=[1.0, 1.0]), "do not ascend"),
        (lambda d: d["codes"][1].update(levels=["a", "a"]), "there twice"),
        (lambda d: d["means"].pop(), "do not go together"),
        (lambda d: d["means"].__setitem__(0, float("nan")), "do not go together"),
        (lambda d: d["codes"][0].update(column="other"), "not those of their kinds"),
        (lambda d: d["kinds"].update(x="category"), "not those of their kinds"),
        (lambda d: d["kinds"].update(x="colour"), "colour"),
        (lambda d: d["codes"][0].update(kind="code"), "code"),
    ],
)
def test_a_file_that_was_never_learned_is_refused(spoil, said):
    stored = ColumnEncoding.learn(read(x=[0.1, 0.3, 0.5], s=["a", "b", "a"])).to_dict()
    spoil(stored)
    with pytest.raises((ValueError, KeyError), match=said):
        ColumnEncoding.from_dict(stored)


def test_codes_are_a_closed_list():
    assert set(column_encoding.CODES) == {"number", "levels"}
