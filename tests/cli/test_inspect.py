import html
import os
import pty
import subprocess

import numpy as np
import pandas as pd
import polars as pl
import pytest
from command_server import SCRIPT

from textseq import (
    LanguageModel,
    Seq2Seq,
    SequenceTagger,
    SeriesClassifier,
    TextClassifier,
    TextRegressor,
    load_model,
)
from textseq.cli.inspect import inspect
from textseq.inspection.attribution import explain
from textseq.inspection.gradient_flow import gradient_flow
from textseq.inspection.saturation import saturation
from textseq.inspection.word_order import order_matters

SMALL = dict(hidden_size=5, embedding_dim=6, max_epochs=1, random_state=0, n_threads=1)
TEXT = "a moving , funny film about a $5 bill"


@pytest.fixture(scope="module")
def gru(subj):
    """Path of a small recurrent model, whose labels are numbers."""
    frame = pl.read_csv(subj)
    y = (frame["label"] == "subjective").cast(int).to_numpy()
    return TextClassifier(encoder="gru", **SMALL).fit(frame["text"], y).save(subj.parent / "gru")


@pytest.fixture(scope="module")
def numbered(subj):
    """60 texts of the corpus, with that model's labels in a column of another name."""
    path = subj.with_name("numbered.csv")
    frame = pl.read_csv(subj).head(60)
    frame.select(
        review="text", stars=pl.when(pl.col("label") == "subjective").then(1).otherwise(0)
    ).write_csv(path)
    return path


def headings(done):
    """The lines of the output that name an instrument, which stand between blank ones."""
    assert done.returncode == 0, done.stderr
    lines = done.stdout.decode().split("\n")
    return [line for above, line in zip(lines, lines[1:], strict=False) if line and not above]


def test_all_instruments_and_the_page(textseq, gru, numbered, tmp_path):
    done = textseq(
        f"inspect {gru} {numbered} --text review -l stars --explain '{TEXT}' --threads 1 -o p.html"
    )
    shown = done.stdout.decode()
    page = html.unescape((tmp_path / "p.html").read_text()).replace("\xa0", " ")
    names = [line for line in headings(done) if len(line) < 20 and line[0] != " "]
    assert names == [
        "== Its weights ==", "recurrent spectrum", "gradient flow", "saturation", "order matters",
        "hidden states", "explain", "step by step",
    ]  # fmt: skip
    assert shown.startswith("gru: gru, 1 layer of 5 units, ")
    assert "== On 60 texts of numbered.csv ==" in shown
    assert f"== Reading “{TEXT}” ==" in shown
    assert f"page: {tmp_path / 'p.html'}" in shown
    assert "left out" not in shown

    frame, model = pl.read_csv(numbered), load_model(gru)
    X, y = frame["review"], frame["stars"].to_numpy()
    for found in (
        gradient_flow(model, X, y), saturation(model, X), order_matters(model, X, y),
        explain(model, TEXT),
    ):  # fmt: skip
        assert str(found) in shown
        assert page.count(f">{found.verdict}<") == 1
    assert page.count('class="finding"') == page.count("<svg") == 7
    for name in names[1:]:
        assert f">{name.capitalize()}</p>" in page


def test_what_does_not_fit_a_mean_is_left_out_in_one_line(capsys, model, subj):
    inspect(str(model[0]), str(subj), explain=["x", "y"], threads=1)
    shown = capsys.readouterr().out
    assert "== On 600 texts of subj.csv ==" in shown and "== Its weights ==" not in shown
    assert shown.count("left out") == 1
    assert (
        "left out: recurrent spectrum, gradient flow, saturation, step by step: encoder='mean' "
        "does not carry a state from step to step"
    ) in shown
    assert "it uses order, by its n-grams; alone, the network goes" in shown
    assert shown.count("\nexplain\n") == 2


def test_numbers_and_n_grams(capsys, tmp_path):
    texts, stars = ["bad", "good", "good good"] * 10, np.tile([0.0, 1.0, 2.5], 10)
    number = TextRegressor(encoder="bilstm", **SMALL).fit(texts, stars).save(tmp_path / "number")
    table = tmp_path / "stars.csv"
    pd.DataFrame({"text": texts, "label": stars}).to_csv(table, index=False)
    inspect(str(number), str(table), threads=1)
    shown = capsys.readouterr().out
    assert shown.startswith("number: bilstm, 1 layer of 5 units each way, ")
    assert "labels" not in shown.split("==")[0]
    assert "\norder matters\nr2 " in shown

    narrowing = TextRegressor(encoder="gru", **SMALL | {"hidden_size": (9, 7, 5, 3)})
    narrowing.fit(texts, stars).save(tmp_path / "narrowing")
    inspect(str(tmp_path / "narrowing"), str(table), threads=1)
    assert "narrowing: gru, 4 layers of 9, 7, 5 and 3 units, " in capsys.readouterr().out

    model = TextClassifier(encoder="mean", ngram_range=(1, 2), **SMALL)
    bigrams = model.fit(texts, ["a", "b"] * 15).save(tmp_path / "bigrams")
    table.write_text("text,label\ngood,a\nbad,b\n")
    inspect(str(bigrams), str(table), threads=1)
    shown = capsys.readouterr().out
    assert "left out: order matters: the model reads n-grams" in shown
    assert "==" not in shown


def test_a_terminal_cuts_tables_and_wraps_words(gru):
    ours, theirs = pty.openpty()
    environment = os.environ | {"COLUMNS": "50", "TERM": "xterm"}
    done = subprocess.run(
        [SCRIPT, "inspect", gru, "--threads", "1", "--explain", TEXT],
        stdout=theirs,
        env=environment,
    )
    os.close(theirs)
    shown = b""
    try:
        while part := os.read(ours, 65_536):
            shown += part
    except OSError:  # what Linux says of a terminal whose other end is closed
        os.close(ours)
    assert done.returncode == 0
    lines = shown.decode().replace("\r", "").split("\n")
    assert b"\x1b[1m" in shown
    assert max(len(line) for line in lines if "\x1b" not in line) == 50
    assert any(line.endswith("…") for line in lines)


def test_bad_input_is_one_line(fails, gru, subj):
    message = fails(f"inspect {gru} {subj}")
    assert "does not know the label 'objective' in column 'label'; it knows '0', '1'" in message
    assert "--text and --label name columns of DATA" in fails(f"inspect {gru} --text review")


def test_what_can_be_refused_at_once_is(capsys, gru, model, subj, tmp_path):
    X, y = ["so good", "so bad"] * 20, [0, 1] * 20
    network = TextClassifier(encoder="gru", **SMALL)
    two = network.fit(X, np.column_stack([y, y])).save(tmp_path / "two")
    pair = network.fit(list(zip(X, X, strict=True)), y).save(tmp_path / "pair")
    waves = np.random.default_rng(0).normal(size=(20, 9))
    series = SeriesClassifier(encoder="gru", hidden_size=2, max_epochs=1, n_threads=1)
    series = series.fit(waves, [0, 1] * 10).save(tmp_path / "waves")
    for path, arguments, message in (
        (series, {}, "waves is a SeriesClassifier, which reads no texts; inspect it in Python"),
        (gru, dict(label="stars"), "a text to follow goes to --explain"),
        (gru, dict(out=tmp_path / "no" / "page.html"), "there is no folder"),
        ("absent", {}, "no model file at 'absent'"),
        (gru, dict(explain=["fine", " "]), "has no tokens"),
        (two, dict(data=str(subj)), "two gives each text several labels"),
        (pair, dict(explain=["x"]), "this model compares two texts a row"),
        (model[0], dict(data=str(subj), label="stars"), "no column 'stars'"),
    ):
        with pytest.raises(ValueError, match=message):
            inspect(str(path), **arguments)
    assert capsys.readouterr().out == ""


@pytest.fixture(scope="module")
def stepwise(tmp_path_factory):
    """A folder with a tagger, a translator and a language model, and what they were fitted to."""
    folder = tmp_path_factory.mktemp("stepwise")
    texts = ["a b c d", "b c a", "c a", "a b"] * 10
    rows = [text.split() for text in texts]
    tags = [["A" if word == "a" else "O" for word in row] for row in rows]
    SequenceTagger(**SMALL).fit(rows, tags).save(folder / "tagger")
    Seq2Seq(**SMALL).fit(texts, texts).save(folder / "translator")
    LanguageModel(num_layers=1, **SMALL).fit(texts).save(folder / "language")
    tokens = [
        "".join(map("{}\t{}\n".format, row, own)) for row, own in zip(rows, tags, strict=True)
    ]
    (folder / "tagged.conll").write_text("\n".join(tokens))
    pd.DataFrame({"eng": texts, "fra": texts}).to_csv(folder / "pairs.csv", index=False)
    (folder / "running.txt").write_text("\n".join(texts))
    return folder


@pytest.mark.parametrize(
    ("model", "data", "options", "shown"),
    [
        ("tagger", "tagged.conll", {}, ["== On 40 sentences of tagged.conll ==", "token accuracy",
         "Reads rows of tokens; the tags of these are A and O."]),
        ("translator", "pairs.csv", dict(text=["eng"], label="fra"),
         ["== On 40 sources of pairs.csv ==", "lstm decoder with additive attention",
          "attention brings the median source"]),
        ("language", "running.txt", {}, ["== On 1 text of running.txt ==", "perplexity from",
         "Reads all word tokens of a text and says what comes next."]),
    ],
)  # fmt: skip
def test_models_that_answer_step_by_step(stepwise, capsys, tmp_path, model, data, options, shown):
    page = tmp_path / "page.html"
    inspect(
        str(stepwise / model),
        str(stepwise / data),
        explain=["a b c"],
        out=page,
        threads=1,
        **options,
    )
    told = capsys.readouterr().out
    for words in (*shown, "== Reading “a b c” ==", f"page: {page}"):
        assert words in told
    kind = {"tagger": "SequenceTagger", "translator": "Seq2Seq", "language": "LanguageModel"}[model]
    left_out = f"left out: step by step: it recomputes the one answer to a whole text, and a {kind}"
    assert left_out in told
    html_page = page.read_text()
    assert html_page.count('class="finding"') == html_page.count("<svg") == 6


def test_what_such_models_can_not_take_is_said(stepwise, tmp_path):
    frames = [np.random.default_rng(row).normal(size=(1, 5)) for row in range(12)]
    numbers = SequenceTagger(**SMALL).fit(frames, [["x", "y", "x", "y", "x"]] * 12)
    numbers = numbers.save(tmp_path / "numbers")
    for model, arguments, message in (
        (numbers, {}, "numbers is a SequenceTagger of numbers, which reads no texts; inspect it"),
        (stepwise / "tagger", dict(data=str(stepwise / "tagged.conll"), label="fra"),
         "a tagger's DATA is a file of tagged tokens"),
        (stepwise / "language", dict(data=str(stepwise / "running.txt"), label="fra"),
         "a language model reads on"),
        (stepwise / "translator", dict(data="none.csv"), "none.csv"),
        (stepwise / "translator", dict(explain=[" "]), "the source has no steps"),
    ):  # fmt: skip
        with pytest.raises((ValueError, OSError), match=message):
            inspect(str(model), **arguments)


def test_one_text_is_one_in_words(textseq, tmp_path):
    for texts, name in ((["so it goes " * 30], "text"), (["so it goes"] * 30, "texts")):
        model = LanguageModel(num_layers=1, **SMALL).fit(texts)
        model.save(tmp_path / "language")
        told = textseq(f"inspect {tmp_path / 'language'}").stdout.decode()
        assert f"Fitted on {model.receipt_['rows']} {name}: " in told
