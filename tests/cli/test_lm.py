"""``textseq lm``: a text, its lines or a table to a model file."""

import gzip

import polars as pl
import pytest

from textseq import load_model, load_sample

TEXT = load_sample("tinyshakespeare")[:3000]
SMALL = "--hidden-size 8 --layers 1 --epochs 2 --threads 1 -o m.textseq"


def test_a_whole_file_is_one_text(textseq, tmp_path):
    (tmp_path / "plays.txt").write_text(TEXT)
    done = textseq(f"lm plays.txt --level char {SMALL}")
    assert done.returncode == 0, done.stderr
    line = done.stdout.decode()
    assert line.startswith("m.textseq: lstm, 27")
    assert "distinct, validation loss 3." in line and "nats a token (perplexity " in line
    assert line.endswith("seed 0, 1 threads\n") and "best of 2 epochs" in line
    model = load_model(tmp_path / "m.textseq")
    assert model.level == "char" and model.fitted_parameters_["hidden_size"] == 8
    assert model.receipt_["rows"] == 1
    assert "\n" in model.vocabulary_


def test_lines_tables_and_files_compressed_are_texts(textseq, tmp_path):
    lines = [line for line in TEXT.split("\n") if line]
    (tmp_path / "lines.txt.gz").write_bytes(gzip.compress("\n".join(lines).encode()))
    pl.DataFrame({"line": lines}).write_csv(tmp_path / "lines.csv")
    pl.DataFrame({"line": lines[:9]}).write_csv(tmp_path / "few.csv")
    models = []
    for given in ("lines.txt.gz --lines", "lines.csv -t line"):
        done = textseq(f"lm {given} {SMALL}")
        assert done.returncode == 0, done.stderr
        models.append(load_model(tmp_path / "m.textseq"))
    assert models[0].receipt_["weights_sha256"] == models[1].receipt_["weights_sha256"]
    done = textseq(f"lm lines.csv -t line --validation few.csv {SMALL} --encoder gru")
    assert load_model(tmp_path / "m.textseq").receipt_["validation_rows"] == 9
    assert done.stdout.startswith(b"m.textseq: gru, ")


def test_files_in_parts_give_the_same_model(textseq, fails, tmp_path):
    (tmp_path / "plays.txt").write_text(TEXT)
    own = {"TEXTSEQ_CACHE": str(tmp_path / "cache")}
    for lines in ("", "--lines"):
        found = []
        for stream in ("", "--stream --checkpoint run.ckpt"):
            done = textseq(f"lm plays.txt {lines} {stream} {SMALL}", **own)
            assert done.returncode == 0, done.stderr
            found.append(load_model(tmp_path / "m.textseq").receipt_["weights_sha256"])
        assert found[0] == found[1]
        (tmp_path / "run.ckpt").unlink()
    assert "DATA is -" in fails("lm - --stream -o m.textseq")
    assert "does not go with --stream" in fails("lm plays.txt --stream --empty drop -o m.textseq")
    assert "exclude each other" in fails("lm plays.txt --stream --lines -t a -o m.textseq")


def test_standard_input_and_a_model_to_go_on_from(textseq, tmp_path):
    done = textseq(f"lm - {SMALL}", stdin=TEXT)
    assert done.returncode == 0, done.stderr
    (tmp_path / "m.textseq").rename(tmp_path / "first.textseq")
    done = textseq(f"lm - --pretrained first.textseq {SMALL}", stdin="zounds " * 200)
    assert done.returncode == 0, done.stderr
    assert "zounds" in load_model(tmp_path / "m.textseq").vocabulary_


def test_mogrifier_steps_and_averaged_weights(textseq, fails, tmp_path):
    done = textseq(f"lm - --mogrifier 3 --averaging exponential {SMALL}", stdin=TEXT)
    assert done.returncode == 0, done.stderr
    model = load_model(tmp_path / "m.textseq")
    assert (model.mogrifier, model.averaging) == (3, "exponential")
    (tmp_path / "t.txt").write_text(TEXT)
    assert "did you mean 'exponential'" in fails("lm t.txt --averaging exponent -o n.textseq")


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("--level word", "--level word, but the pretrained model has --level char"),
        ("--encoder lstm", "encoder='lstm', but the pretrained model has encoder='gru'"),
        ("--hidden-size 9", "--hidden-size 9, but the pretrained model has --hidden-size 8"),
        ("--layers 2", "--layers 2, but the pretrained model has --layers 1"),
    ],
)
def test_options_that_contradict_a_model_to_go_on_from(textseq, fails, tmp_path, option, message):
    """Those that are an option's default too, where they were said."""
    done = textseq(f"lm - --level char --encoder gru {SMALL}", stdin=TEXT)
    assert done.returncode == 0, done.stderr
    (tmp_path / "t.txt").write_text(TEXT)
    more = "t.txt --pretrained m.textseq --epochs 1 -o n.textseq"
    assert message in fails(f"lm {more} {option}")
    done = textseq(f"lm {more} --level char --hidden-size 8")
    assert done.returncode == 0 and done.stdout.startswith(b"n.textseq: gru, "), done.stderr


def test_word_vectors_to_start_from(textseq, tmp_path):
    (tmp_path / "words.txt").write_text("the 1 2 3\nof 4 5 6\n")
    done = textseq(f"lm - --vectors words.txt {SMALL}", stdin=TEXT)
    assert done.returncode == 0, done.stderr
    assert load_model(tmp_path / "m.textseq").fitted_parameters_["embedding_dim"] == 3
    done = textseq(f"lm - --vectors words.txt --level char {SMALL}", stdin=TEXT)
    assert done.returncode == 2 and b"vectors" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("absent.txt", "absent.txt: No such file"),
        ("t.txt --level chars", "did you mean 'char'"),
        ("t.txt --encoder mean", "can't say what comes next"),
        ("t.csv --lines", "--lines goes with a .txt file"),
        ("t.csv -t words", "no column 'words'"),
        ("t.txt --lines -t text", "exclude each other"),
        ("t.txt --pretrained no.textseq", "no model file at 'no.textseq'"),
    ],
)
def test_bad_input_is_one_line(fails, tmp_path, arguments, message):
    (tmp_path / "t.txt").write_text(TEXT)
    pl.DataFrame({"text": ["a b"]}).write_csv(tmp_path / "t.csv")
    assert message in fails(f"lm {arguments} --out m.textseq")
    assert not (tmp_path / "m.textseq").exists()
