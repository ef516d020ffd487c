import json

import polars as pl
import pytest
from sklearn.metrics import accuracy_score, f1_score, roc_auc_score

from textseq import TextClassifier, load_model


def test_figures_are_scikit_learns(textseq, model, subj, tmp_path):
    done = textseq(f"evaluate {model[0]} {subj} --json figures.json")
    assert done.returncode == 0, done.stderr
    frame = pl.read_csv(subj)
    predicted = load_model(model[0]).predict(frame["text"])
    figures = json.loads((tmp_path / "figures.json").read_text())
    assert figures["accuracy"] == pytest.approx(accuracy_score(frame["label"], predicted))
    assert figures["macro_f1"] == pytest.approx(
        f1_score(frame["label"], predicted, average="macro")
    )
    second = load_model(model[0]).predict_proba(frame["text"])[:, 1]
    assert figures["auc"] == pytest.approx(roc_auc_score(frame["label"], second))
    assert sum(map(sum, figures["confusion"])) == figures["rows"] == 600
    shown = done.stdout.decode()
    assert f"accuracy {figures['accuracy']:.4f}   AUC {figures['auc']:.4f}   macro" in shown
    assert [line.split()[0] for line in shown.splitlines() if line][1:] == [
        "label", "objective", "subjective", "true", "objective", "subjective",
    ]  # fmt: skip


def test_labels_the_model_never_saw_count_as_wrong(textseq, model, tmp_path):
    rows = "text,label\nx,objective\ny,[odd]\n"
    done = textseq(f"evaluate {model[0]} - --json figures.json", stdin=rows)
    assert done.returncode == 0
    assert done.stderr.decode().startswith(
        "textseq: warning: the model does not know the label '[odd]'"
    )
    assert "[odd]" in done.stdout.decode()
    # All rows that the AUC knows are of one class.
    assert "AUC -  " in done.stdout.decode()
    assert json.loads((tmp_path / "figures.json").read_text())["auc"] is None


def test_numbers_and_many_labels(textseq, tmp_path):
    texts = [f"word{k} word{k}" for k in range(14)] * 10
    labels = list(range(14)) * 10
    TextClassifier(encoder="mean", max_epochs=1, random_state=0, n_threads=1).fit(
        texts, labels
    ).save(tmp_path / "m.textseq")
    pl.DataFrame({"text": texts, "label": labels}).write_csv(tmp_path / "t.tsv", separator="\t")
    done = textseq("evaluate m.textseq t.tsv")
    assert done.returncode == 0, done.stderr
    assert "commonest confusions" in done.stdout.decode()
    assert b"AUC" not in done.stdout
    assert b"warning" not in done.stderr
