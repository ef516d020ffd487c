"""Columns beside texts: ``--columns`` of fit and compare, and what a model knows of its own."""

import datetime as dt
import json

import numpy as np
import polars as pl
import pytest

from textseq import load_model
from textseq.cli.columns import typed


def reviews(n=240, seed=0):
    """A table whose label the store tells, and the price."""
    rng = np.random.default_rng(seed)
    store = rng.choice(["north", "south"], n)
    price = rng.integers(1, 100, n)
    label = np.where((store == "north") == (price > 50), "yes", "no")
    day = [str(dt.date(2024, 1, 1) + dt.timedelta(days=int(d))) for d in rng.integers(0, 90, n)]
    return pl.DataFrame({
        "review": rng.choice(["a film", "so long", "music and people"], n), "store": store,
        "price": price, "day": day, "new": rng.choice(["true", "false"], n), "label": label,
    })  # fmt: skip


def test_cells_are_what_all_of_them_look_like():
    for cells, dtype, values in (
        (["1.5", "NA", "", "2"], pl.Float64, [1.5, None, None, 2.0]),
        (["TRUE", "false", None], pl.Boolean, [True, False, None]),
        (["2024-02-29", ""], pl.Datetime("us"), [dt.datetime(2024, 2, 29), None]),
        (["2024-02-29T13:05:07Z"], pl.Datetime("us"), [dt.datetime(2024, 2, 29, 13, 5, 7)]),
        (["2024-02-29 13:05"], pl.Datetime("us"), [dt.datetime(2024, 2, 29, 13, 5)]),
        (["007", "12"], pl.String, ["007", "12"]),
        (["1", "NA", "many"], pl.String, ["1", "NA", "many"]),
    ):
        found = typed(pl.Series("x", cells, dtype=pl.String))
        assert found.dtype == dtype and found.to_list() == values
    assert typed(pl.Series("x", ["7", ""]), "category").to_list() == ["7", None]
    with pytest.raises(ValueError, match="column 'x' holds 'dear', which is no number"):
        typed(pl.Series("x", ["7", "dear"]), "number")
    assert typed(pl.Series([1, 2])).dtype == pl.Int64


def test_a_model_with_columns_from_fit_to_evaluation(textseq, tmp_path):
    reviews().write_csv(tmp_path / "train.csv")
    test = reviews(60, seed=1).with_columns(pl.col("price").cast(pl.String))
    test[0, "price"] = ""
    test[1, "store"] = "never"
    test.select("new", "price", "label", "day", "store", "review").write_csv(tmp_path / "test.csv")
    done = textseq(
        "fit train.csv --text review --columns price,store,day,new --encoder mean --wide none "
        "--epochs 3 -o m.textseq --threads 1"
    )
    assert done.returncode == 0, done.stderr
    model = load_model(tmp_path / "m.textseq")
    kinds = {"price": "number", "store": "category", "day": "date", "new": "boolean"}
    assert model.encoding_.beside.kinds == kinds
    # It knows its columns: no option names them again.
    done = textseq("predict m.textseq test.csv --proba -o found.csv")
    assert done.returncode == 0, done.stderr
    found = pl.read_csv(tmp_path / "found.csv")
    frame = test.with_columns(typed(test[name], kind) for name, kind in kinds.items())
    assert np.allclose(found["probability_yes"], model.predict_proba(frame)[:, 1], atol=1e-6)
    done = textseq("evaluate m.textseq test.csv --json figures.json")
    assert done.returncode == 0, done.stderr
    figures = json.loads((tmp_path / "figures.json").read_text())
    assert np.isclose(figures["accuracy"], model.score(frame, frame["label"]))
    # Texts may stand under another name.
    test.rename({"review": "body"}).write_csv(tmp_path / "other.csv")
    done = textseq("predict m.textseq other.csv --text body --proba -o other_found.csv")
    assert done.returncode == 0, done.stderr
    other = pl.read_csv(tmp_path / "other_found.csv")
    assert other["probability_yes"].to_list() == found["probability_yes"].to_list()
    done = textseq("inspect m.textseq test.csv")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("--columns prise", "no column 'prise' to read beside the texts; did you mean 'price'"),
        ("--columns price,label", "column 'label' is named twice"),
        ("--columns review", "column 'review' is named twice"),
    ],
)
def test_columns_that_are_not_there_or_named_twice_are_refused(textseq, tmp_path, options, said):
    reviews(30).write_csv(tmp_path / "train.csv")
    done = textseq(f"fit train.csv --text review {options} -o m.textseq")
    assert done.returncode == 2 and said in done.stderr.decode()


def test_compare_gives_all_rows_the_columns(textseq, tmp_path):
    reviews().write_csv(tmp_path / "train.csv")
    reviews(80, seed=1).write_csv(tmp_path / "test.csv")
    done = textseq(
        "compare train.csv --test test.csv --text review --columns price,store --encoders mean "
        "--seeds 1 --epochs 2 --threads 1 --json table.json"
    )
    assert done.returncode == 0, done.stderr
    assert b"has price and store beside the texts" in done.stdout
    stored = json.loads((tmp_path / "table.json").read_text())
    assert stored["receipt"]["columns"] == ["price", "store"]
