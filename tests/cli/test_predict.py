import io

import polars as pl
import pytest

from textseq import load_model


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
