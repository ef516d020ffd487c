import io

import polars as pl
import pytest

from textseq import TextRegressor, load_model
from textseq.tables import read_table


def csv_of(done):
    assert done.returncode == 0, done.stderr
    return pl.read_csv(io.BytesIO(done.stdout))


def test_lines_in_labels_out(textseq, model):
    texts = ["a wonderful , moving film", "", 'he says "no" , and leaves']
    done = textseq(f"predict {model[0]}", stdin="\n".join(texts) + "\n")
    frame = csv_of(done)
    assert frame.columns == ["text", "prediction"]
    assert frame["text"].to_list() == texts
    assert frame["prediction"].to_list() == load_model(model[0]).predict(texts).tolist()


def test_a_table_keeps_its_columns_and_gains_probabilities(textseq, model, subj, tmp_path):
    done = textseq(f"predict {model[0]} {subj} --proba --out p.csv")
    assert (done.returncode, done.stdout) == (0, b"")
    frame = pl.read_csv(tmp_path / "p.csv")
    assert frame.columns == [
        "id", "text", "label", "prediction", "probability_objective", "probability_subjective",
    ]  # fmt: skip
    expected = load_model(model[0]).predict_proba(frame["text"])
    assert frame[:, -2:].to_numpy() == pytest.approx(expected, abs=1e-6)
    likely = frame["probability_subjective"] > 0.5
    assert (frame["prediction"] == "subjective").equals(likely)


def test_what_is_not_sure_is_left_out_and_sets_stand_beside(textseq, model, subj):
    frame = csv_of(textseq(f"predict {model[0]} {subj} --abstain 0.9 --coverage 0.9"))
    known = load_model(model[0])
    likeliest = known.predict_proba(frame["text"]).max(1)
    assert 0 < frame["prediction"].null_count() < len(frame)
    assert (frame["prediction"].is_null().to_numpy() == (likeliest < 0.9)).all()
    sets = ["|".join(known.classes_[row]) for row in known.predict_set(frame["text"], 0.9)]
    assert frame["set"].fill_null("").to_list() == sets and "objective" in sets


def test_numbers_have_intervals_and_classes_none(textseq, fails, model, tmp_path):
    texts, stars = ["bad", "good"] * 120, [1.0, 5.0] * 120
    number = TextRegressor(encoder="mean", max_epochs=2, random_state=0).fit(texts, stars)
    number.save(tmp_path / "n.textseq")
    frame = csv_of(textseq("predict n.textseq --level 80,95", stdin="good\nbad\n"))
    assert frame.columns == ["text", "prediction", "lo-80", "hi-80", "lo-95", "hi-95"]
    assert (frame["lo-95"] <= frame["lo-80"]).all()
    no_number = "--level: this model predicts no numbers"
    assert no_number in fails(f"predict {model[0]} --level 80", stdin="x\n")
    for option in ("--proba", "--abstain 0.5", "--coverage 0.9"):
        assert "predicts no classes" in fails(f"predict n.textseq {option}", stdin="x\n")
    refused = fails(f"predict {model[0]} --coverage 0.999", stdin="x\n")
    assert "--coverage 0.999 needs 999 validation rows" in refused
    assert "--abstain must be a number" in fails(f"predict {model[0]} --abstain 8", stdin="x\n")


def test_a_table_may_come_through_a_pipe(textseq, model):
    done = textseq(f"predict {model[0]} - -t words", stdin='{"words": "x", "tags": [1]}\n')
    assert csv_of(done).columns == ["words", "tags", "prediction"]


@pytest.mark.parametrize(
    ("stdin", "arguments", "message"),
    [
        ("", "", "there is no text to read"),
        ("a,b\n1,2\n", "- -t text", "no column 'text'; its columns are 'a', 'b'"),
        ("text,prediction\nx,y\n", "- -t text", "has a column 'prediction' already"),
        ("a,b\n1,2\n", "- -t a -t a", "column 'a' is named twice"),
    ],
)
def test_bad_input_is_one_line(fails, model, stdin, arguments, message):
    assert message in fails(f"predict {model[0]} {arguments}", stdin=stdin)


def test_a_damaged_model_is_refused(fails, model, tmp_path):
    content = bytearray(model[0].read_bytes())
    content[-10] ^= 1
    (tmp_path / "bad.textseq").write_bytes(content)
    assert "checksum" in fails("predict bad.textseq", stdin="x\n")
    assert "no model file at 'absent'" in fails("predict absent", stdin="x\n")


def test_a_row_without_a_text_stays_and_has_no_answer(textseq, model, tmp_path):
    rows = "id,text\n1,a wonderful film\n2,\n3,he says no\n"
    done = textseq(f"predict {model[0]} - -t text --proba", stdin=rows)
    warning = "1 of 3 rows without a text, the first in line 3: kept without an answer"
    assert warning in done.stderr.decode()
    frame = csv_of(done)
    assert frame["id"].to_list() == [1, 2, 3]
    expected = load_model(model[0]).predict(["a wonderful film", "he says no"]).tolist()
    assert frame["prediction"].to_list() == [expected[0], None, expected[1]]
    assert frame["probability_objective"].is_null().to_list() == [False, True, False]


@pytest.mark.parametrize(("empty", "ids"), [("drop", [1, 3]), ("keep", [1, 2, 3])])
def test_a_row_without_a_text_is_left_out_or_read_as_empty(textseq, model, empty, ids):
    rows = "id,text\n1,a wonderful film\n2,\n3,he says no\n"
    frame = csv_of(textseq(f"predict {model[0]} - -t text --empty {empty}", stdin=rows))
    assert frame["id"].to_list() == ids
    assert frame["prediction"].null_count() == 0
    if empty == "keep":
        assert frame["prediction"][1] == load_model(model[0]).predict([""])[0]


def test_rows_that_all_lack_a_text_have_no_answer(textseq, model):
    frame = csv_of(textseq(f"predict {model[0]} - -t text", stdin="id,text\n1,\n2,\n"))
    assert frame["prediction"].to_list() == [None, None]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("--empty skip", "--empty skip: choose from error, drop, keep, missing"),
        ("--empty error -t text", "line 2: no text in column 'text'"),
        ("-o out.xlsx", "unknown kind of table '.xlsx'"),
        ("-o out.parquet.gz", "Parquet is compressed already"),
        ("-o no/out.csv", "there is no folder"),
    ],
)
def test_options_are_refused_before_any_work(fails, model, arguments, message):
    stdin = "id,text\n1,\n"
    assert message in fails(f"predict {model[0]} - {arguments}", stdin=stdin)


@pytest.mark.parametrize("name", ["p.tsv", "p.jsonl.gz", "p.parquet", "p.csv.gz"])
def test_the_format_follows_the_ending(textseq, model, tmp_path, name):
    done = textseq(f"predict {model[0]} - -o {name}", stdin="a film\nno film\n")
    assert (done.returncode, done.stdout) == (0, b""), done.stderr
    assert read_table(tmp_path / name, label="prediction")["text"].to_list() == [
        "a film",
        "no film",
    ]


def test_a_table_in_utf_16_is_written_like_another(textseq, model, tmp_path):
    rows = "text\nso good\nnão\n"
    (tmp_path / "wide.csv").write_text(rows, encoding="utf-16")
    (tmp_path / "usual.csv").write_text(rows, encoding="utf-8")
    for name in ("wide", "usual"):
        done = textseq(f"predict {model[0]} {name}.csv -o {name}-out.csv")
        assert done.returncode == 0, done.stderr
    wide, usual = (tmp_path / f"{name}-out.csv" for name in ("wide", "usual"))
    assert wide.read_bytes() == usual.read_bytes()
