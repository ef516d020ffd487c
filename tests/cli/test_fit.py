import json
import random
import re
import signal

import polars as pl
import pytest
from model_folder import write_model

from textseq import load_model, load_sample

from .conftest import on_terminal


def test_a_model_and_one_line_about_it(model, subj):
    path, line = model
    assert line.startswith(f"{path}: mean, 540 rows, validation accuracy 0.")
    assert "on 60 rows, best of 8 epochs" in line
    assert line.endswith("seed 0, 1 threads\n")
    estimator = load_model(path)
    assert estimator.classes_.tolist() == ["objective", "subjective"]
    frame = pl.read_csv(subj)
    assert estimator.score(frame["text"], frame["label"]) > 0.8


def test_pairs_validation_and_vectors(textseq, tmp_path):
    same = [("a good film", "good film", "yes"), ("rain again", "a good film", "no")] * 30
    pl.DataFrame(same, schema=["one", "two", "same"], orient="row").write_parquet(
        tmp_path / "pairs.parquet"
    )
    done = textseq(
        "fit pairs.parquet -t one -t two -l same --encoder bigru --epochs 2 -o m.textseq "
        "--vectors glove.6B.50d.top20k --validation pairs.parquet --threads 1"
    )
    assert done.returncode == 0, done.stderr
    assert b"60 rows, validation accuracy" in done.stdout
    estimator = load_model(tmp_path / "m.textseq")
    assert estimator.encoding_.n_fields == 2
    # Words that only the vectors know came along.
    assert "cinema" in estimator.vocabulary_


def test_several_networks_answer_together(textseq, tmp_path, subj):
    done = textseq(f"fit {subj} --encoder mean --epochs 2 --members 3 -o m.textseq --threads 1")
    assert re.match(
        r"m.textseq: 3 times mean, 540 rows, .* on 180 rows, best of 2 epochs: \d, \d, \d, ",
        done.stdout.decode(),
    )
    assert len(load_model(tmp_path / "m.textseq").networks) == 3
    shown = " ".join(textseq("inspect m.textseq").stdout.decode().split())
    assert re.search(r"3 times mean, .* epochs \d, \d, \d of 2 kept", shown)
    wrong = textseq(f"fit {subj} --members 0 -o n.textseq")
    assert wrong.returncode == 2
    assert "--members must be a whole number of at least 1" in wrong.stderr.decode()


def test_a_wide_path_stands_beside_on_request(textseq, tmp_path, subj):
    done = textseq(f"fit {subj} --encoder mean --epochs 2 --wide ngrams -o m.textseq --threads 1")
    assert done.returncode == 0, done.stderr
    estimator = load_model(tmp_path / "m.textseq")
    assert len(estimator.wide_.features) > 500
    frame = pl.read_csv(subj)
    assert estimator.score(frame["text"], frame["label"]) > 0.9


def test_unlabelled_texts_come_from_a_table_or_from_lines(textseq, tmp_path, subj):
    texts = pl.read_csv(subj)["text"]
    (tmp_path / "more.txt").write_text("\n".join(texts[:300]) + "\n")
    pl.DataFrame({"text": texts[:300]}).write_csv(tmp_path / "more.csv")
    said = []
    for more in ("more.txt", "more.csv"):
        rest = f"--encoder mean --epochs 2 -o {more}.textseq --threads 1"
        done = textseq(f"fit {subj} --unlabelled {more} {rest}")
        assert done.returncode == 0, done.stderr
        said.append(done.stdout.decode().splitlines()[1])
    assert said[0] == said[1]
    assert said[0].startswith("300 unlabelled texts: ") and " validation accuracy was 0." in said[0]
    checksums = {load_model(path).receipt_["weights_sha256"] for path in tmp_path.glob("*.textseq")}
    assert len(checksums) == 1


def test_a_few_rows_leave_none_to_validate_on(textseq, tmp_path):
    rows = [("good", "yes"), ("bad", "no")] * 30
    pl.DataFrame(rows, schema=["text", "label"], orient="row").write_csv(tmp_path / "few.csv")
    (tmp_path / "more.txt").write_text("good\nbad\n")
    done = textseq(
        "fit few.csv --unlabelled more.txt --decision-threshold 0.3 --encoder mean --epochs 2 "
        "-o few.textseq --threads 1"
    )
    assert done.returncode == 0, done.stderr
    _, unlabelled = done.stdout.decode().splitlines()
    assert unlabelled == "2 unlabelled texts: learned from, and no validation rows to judge by"


def test_numbers_are_learned_on_request(textseq, tmp_path):
    rows = [("good", 4.5), ("bad", 1.5)] * 30
    pl.DataFrame(rows, schema=["text", "label"], orient="row").write_csv(tmp_path / "stars.csv")
    done = textseq("fit stars.csv --regression --encoder mean --epochs 2 -o m.textseq --threads 1")
    assert done.returncode == 0, done.stderr
    done = textseq("evaluate m.textseq stars.csv")
    assert [line.split()[0] for line in done.stdout.decode().splitlines()] == [
        "rows", "r2", "mae", "rmse",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("absent.csv", "absent.csv: No such file"),
        ("t.csv --label stars", "no column 'stars'; its columns are 'text', 'label'"),
        ("t.csv -t text -t text", "column 'text' is named twice"),
        ("t.csv --encoder lstn", "lstn"),
        ("t.csv --vectors nowhere.txt", "there is no file nowhere.txt"),
        ("t.csv --wide deep", "deep"),
        ("t.csv --out no/folder/m.textseq", "there is no folder"),
        ("t.csv --out .", "is a folder; name a file"),
        ("t.csv --regression", "line 2: 'a' in column 'label' is not a finite number"),
    ],
)
def test_bad_input_is_one_line(fails, tmp_path, arguments, message):
    (tmp_path / "t.csv").write_text("text,label\n" + "x,a\ny,b\n" * 5)
    out = "" if "--out" in arguments else "--out m.textseq"
    assert message in fails(f"fit {arguments} {out}")
    assert not (tmp_path / "m.textseq").exists()


def test_control_c_keeps_the_best_model_and_ends_with_130(tmp_path):
    load_sample("subj").to_csv(tmp_path / "subj.csv", index=False)
    command = "fit subj.csv --epochs 5000 --threads 1 -o m.textseq --encoder mean"
    with on_terminal(command, tmp_path) as (process, wait_for):
        wait_for(rb"epoch ([2-9]|\d\d+)/5000.*validation 0\.")
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=30)
    assert process.returncode == 130
    assert out.startswith(b"m.textseq: mean")
    assert load_model(tmp_path / "m.textseq").interrupted_


def test_a_transformer_is_fine_tuned(textseq, tmp_path):
    write_model(tmp_path / "bert", "bert")
    rows = [("so good a film", "pos"), ("it is bad", "neg")] * 12
    pl.DataFrame(rows, schema=["text", "label"], orient="row").write_csv(tmp_path / "few.csv")
    done = textseq("fit few.csv --pretrained bert --epochs 1 -o m.textseq --threads 1")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(b"m.textseq: transformer, 24 rows")
    assert load_model(tmp_path / "m.textseq").architecture_["encoder"] == "transformer"
    missing = textseq("fit none.csv --pretrained nowhere -o m.textseq")
    assert missing.returncode == 2 and b"there is no folder 'nowhere'" in missing.stderr
    other = textseq("fit few.csv --pretrained bert --encoder gru -o m.textseq")
    assert other.returncode == 2 and b"is a transformer; leave encoder out" in other.stderr


@pytest.fixture(scope="module")
def mails(tmp_path_factory):
    """A table whose label one word says in four of five cases."""
    rng = random.Random(0)
    path = tmp_path_factory.mktemp("mails") / "mails.csv"
    rows = []
    for _ in range(1_000):
        label = "spam" if rng.random() < 0.2 else "ham"
        said = label if rng.random() < 0.8 else rng.choice(["ham", "spam"])
        rows.append((f"{said} {rng.choice('abcdefgh')} {rng.choice('abcdefgh')}", label))
    pl.DataFrame(rows, schema=["text", "label"], orient="row").write_csv(path)
    return path


@pytest.mark.parametrize("given", ["0.2", "f1", "precision=0.8", "recall=0.95"])
def test_answers_go_by_a_threshold_on_request(textseq, tmp_path, mails, given):
    quick = f"{mails} --encoder mean --epochs 2 --threads 1 -o m.textseq"
    done = textseq(f"fit {quick} --decision-threshold {given}")
    assert done.returncode == 0, done.stderr
    model = load_model(tmp_path / "m.textseq")
    found = model.receipt_["decision"]
    said = (
        f"spam from a probability of {found['threshold']:.3f} on, validation precision "
        f"{found['precision']:.3f}, recall {found['recall']:.3f}"
    )
    assert said in done.stdout.decode()
    frame = pl.read_csv(mails)
    answers = model.predict(frame["text"])
    done = textseq(f"evaluate m.textseq {mails} --json figures.json")
    shown = done.stdout.decode()
    assert f"spam is answered from a probability of {found['threshold']:.3f} on" in shown
    figures = json.loads((tmp_path / "figures.json").read_text())
    assert figures["accuracy"] == pytest.approx((answers == frame["label"].to_numpy()).mean())
    assert figures["thresholds"] == [found["threshold"]]
    done = textseq(f"predict m.textseq {mails} --proba -o found.csv")
    assert pl.read_csv(tmp_path / "found.csv")["prediction"].to_list() == answers.tolist()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("F1", "--decision-threshold F1 is not known; use a number such as 0.3, f1,"),
        ("precision=high", "--decision-threshold precision=high is not known"),
        ("precision=90", "the precision of --decision-threshold must be at most 1, got 90"),
        ("2", "--decision-threshold must be a number above 0 and under 1, got 2"),
        ("0.3 --regression", "--decision-threshold is for classes, and --regression has none"),
    ],
)
def test_thresholds_that_can_not_be_are_refused(fails, mails, given, message):
    assert message in fails(f"fit {mails} -o m.textseq --decision-threshold {given}")


def test_a_table_is_read_in_parts_and_a_fit_kept_on_request(textseq, tmp_path, mails):
    own = {"TEXTSEQ_CACHE": str(tmp_path / "cache")}
    quick = "--encoder mean --epochs 2 --threads 1"
    assert textseq(f"fit {mails} {quick} -o whole.textseq").returncode == 0
    for _ in range(2):
        options = f"{quick} --stream --checkpoint run.ckpt"
        done = textseq(f"fit {mails} {options} -o parts.textseq", **own)
        assert done.returncode == 0, done.stderr
        assert b"tokens of " in done.stderr
    whole, parts = (load_model(tmp_path / f"{name}.textseq") for name in ("whole", "parts"))
    assert parts.receipt_["weights_sha256"] == whole.receipt_["weights_sha256"]
    assert (tmp_path / "run.ckpt").exists()
    done = textseq(f"fit {mails} {options} --epochs 3 -o more.textseq", **own)
    assert done.returncode != 0
    assert b"--epochs was 2 and is 3" in done.stderr


def test_what_needs_the_whole_table_is_refused_in_parts(fails, mails):
    for option in ("--empty drop", "--groups label", "--columns label", "--separator ;"):
        assert "does not go with --stream" in fails(f"fit {mails} -o m.textseq --stream {option}")
