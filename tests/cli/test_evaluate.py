import json
import re

import polars as pl
import pytest
from sklearn.metrics import accuracy_score, f1_score, roc_auc_score

from textseq import LanguageModel, Seq2Seq, SequenceTagger, TextClassifier, load_model

SMALL = {"hidden_size": 4, "max_epochs": 1, "n_threads": 1, "random_state": 0}
TEXTS = ["good film", "bad film"] * 10


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


def test_labels_that_are_written_otherwise_are_named(textseq, model):
    done = textseq(f"evaluate {model[0]} -", stdin="text,label\nx,objective\ny,Subjective \n")
    assert b"by spaces, case or type only: 'Subjective ' for 'subjective'" in done.stderr


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


def figures_of(textseq, tmp_path, arguments):
    done = textseq(f"evaluate m.textseq {arguments} --json e.json")
    assert done.returncode == 0, done.stderr
    figures = json.loads((tmp_path / "e.json").read_text())
    for name in figures:
        assert f"{name} " in done.stdout.decode()
    return figures


def test_a_tagger_is_scored_by_tokens_and_spans(textseq, tmp_path):
    tokens, tags = [["Ana", "left", "Rome"]] * 20, [["I-PER", "O", "I-LOC"]] * 20
    model = SequenceTagger(**SMALL).fit(tokens, tags)
    model.save(tmp_path / "m.textseq")
    rows = zip(tokens[0], tags[0], strict=True)
    (tmp_path / "t.conll").write_text("".join(f"{token} {tag}\n" for token, tag in rows) + "\n")
    figures = figures_of(textseq, tmp_path, "t.conll")
    assert (figures["sentences"], figures["tokens"]) == (1, 3)
    assert figures["accuracy"] == pytest.approx(model.score(tokens[:1], tags[:1]))
    assert figures["span_f1"] == pytest.approx(model.span_f1(tokens[:1], tags[:1], "IOB1"))
    report = model.span_report(tokens[:1], tags[:1])
    assert figures["spans"] == report.to_dict("records")[:-2]
    micro, macro = report.iloc[-2], report.iloc[-1]
    assert figures["span_precision"] == micro["precision"]
    assert figures["span_recall"] == micro["recall"]
    assert figures["span_macro_f1"] == macro["f1"]
    shown = textseq("evaluate m.textseq t.conll").stdout.decode()
    for row in figures["spans"]:
        assert re.search(rf"(?m)^{row['type']} +{row['precision']:.3f} .* {row['support']}$", shown)


def test_tags_that_mark_no_spans_have_no_f1(textseq, tmp_path):
    SequenceTagger(**SMALL).fit([["a", "b"]] * 20, [["DET", "NOUN"]] * 20).save(
        tmp_path / "m.textseq"
    )
    (tmp_path / "t.conll").write_text("a DET\nb NOUN\n")
    assert set(figures_of(textseq, tmp_path, "t.conll")) == {"sentences", "tokens", "accuracy"}


def test_a_translator_is_scored_by_bleu_chrf_right_answers_and_wrong_characters(textseq, tmp_path):
    model = Seq2Seq(**SMALL).fit(TEXTS, TEXTS)
    model.save(tmp_path / "m.textseq")
    pl.DataFrame({"from": TEXTS, "to": TEXTS}).write_csv(tmp_path / "t.csv")
    figures = figures_of(textseq, tmp_path, "t.csv -t from -l to")
    assert figures["bleu"] == pytest.approx(model.bleu(TEXTS, TEXTS).score)
    assert figures["chrf"] == pytest.approx(model.chrf(TEXTS, TEXTS).score)
    assert "version" in figures["bleu_signature"] and "tok:13a" in figures["bleu_signature"]
    assert figures["exact_match"] == model.exact_match(TEXTS, TEXTS)
    assert figures["character_error_rate"] == model.character_error_rate(TEXTS, TEXTS)
    by_letters = figures_of(textseq, tmp_path, "t.csv -t from -l to --tokenize char")
    assert "tok:char" in by_letters["bleu_signature"]


@pytest.mark.parametrize("name", ["t.csv", "t.txt"])
def test_a_language_model_is_scored_by_perplexity(textseq, tmp_path, name):
    model = LanguageModel(**SMALL).fit(TEXTS)
    model.save(tmp_path / "m.textseq")
    pl.DataFrame({"text": TEXTS}).write_csv(tmp_path / "t.csv")
    (tmp_path / "t.txt").write_text("\n".join(TEXTS) + "\n")
    read = TEXTS if name == "t.csv" else ["\n".join(TEXTS)]
    figures = figures_of(textseq, tmp_path, name)
    assert figures["perplexity"] == pytest.approx(model.perplexity(read))
    assert figures["bits_per_character"] == pytest.approx(model.bits_per_character(read))
    running = figures_of(textseq, tmp_path, f"{name} --adapt --cache 50")
    assert running["perplexity"] == pytest.approx(model.perplexity(read, adapt=True, cache=50))


@pytest.mark.parametrize(
    ("option", "kind"),
    [
        ("--adapt", "LanguageModel"),
        ("--cache 9", "LanguageModel"),
        ("--scheme IOB2", "SequenceTagger"),
        ("--tokenize char", "Seq2Seq"),
    ],
)
def test_options_of_another_kind_of_model_are_refused(textseq, tmp_path, option, kind):
    TextClassifier(encoder="mean", **SMALL).fit(["so good", "so bad"] * 10, ["a", "b"] * 10).save(
        tmp_path / "m.textseq"
    )
    (tmp_path / "t.csv").write_text("text,label\nso good,a\nso bad,b\n")
    done = textseq(f"evaluate m.textseq t.csv {option}")
    told = f"{option.split()[0]} is of a {kind}, and m.textseq is a TextClassifier; leave it out"
    assert done.returncode == 2 and told in done.stderr.decode()


@pytest.mark.parametrize(
    ("command", "kind", "way"),
    [
        ("predict", SequenceTagger, "`textseq tag m.textseq TEXTS` tags with it"),
        ("predict", LanguageModel, "`textseq generate m.textseq` writes with it"),
        ("tag", LanguageModel, "`textseq generate m.textseq` writes with it"),
        ("generate", SequenceTagger, "`textseq tag m.textseq TEXTS` tags with it"),
        ("translate", LanguageModel, "`textseq generate m.textseq` writes with it"),
    ],
)
def test_a_command_that_has_no_use_for_a_model_names_those_that_have(
    fails, tmp_path, command, kind, way
):
    tokens = ([text.split() for text in TEXTS], [["O", "B-X"]] * 20)
    kind(**SMALL).fit(*(tokens if kind is SequenceTagger else (TEXTS,))).save(
        tmp_path / "m.textseq"
    )
    assert way in fails(f"{command} m.textseq", stdin="a film\n")
