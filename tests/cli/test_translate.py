import io
import warnings

import polars as pl
import pytest

from textseq import Seq2Seq, load_model, load_sample


@pytest.fixture(scope="module")
def pairs(tmp_path_factory):
    path = tmp_path_factory.mktemp("pairs") / "pairs.csv"
    load_sample("eng_fra").iloc[1000:1600][["eng", "fra"]].to_csv(path, index=False)
    return path


@pytest.fixture
def fitted(textseq, pairs, tmp_path):
    done = textseq(
        f"translate {pairs} --source eng --target fra -o m.textseq --epochs 1 --attention dot "
        "--encoder gru --threads 1"
    )
    assert done.returncode == 0, done.stderr
    return done, tmp_path / "m.textseq"


def test_pairs_in_parts_give_the_same_model(textseq, fails, pairs, fitted, tmp_path):
    expected = load_model(fitted[1]).receipt_["weights_sha256"]
    how = f"translate {pairs} --stream --source eng --target fra -o s.textseq --epochs 1"
    done = textseq(
        f"{how} --attention dot --encoder gru --threads 1", TEXTSEQ_CACHE=str(tmp_path / "cache")
    )
    assert done.returncode == 0, done.stderr
    assert load_model(tmp_path / "s.textseq").receipt_["weights_sha256"] == expected
    assert "does not go with --stream" in fails(f"{how} --separator ;")
    assert "--stream is of a fit" in fails("translate m.textseq Go. --stream")


def test_pairs_in_a_model_out_and_texts_translated(textseq, fitted):
    done, path = fitted
    line = done.stdout.decode()
    assert line.startswith("m.textseq: gru, attention dot, ") and "validation perplexity" in line
    model = load_model(path)
    assert model.architecture_["attention"] == "dot" and model.encoder == "gru"

    texts = ["Go.", "", "I won!"]
    # One epoch knows neither all words nor the end.
    warnings.simplefilter("ignore")
    expected = "".join(f"{said}\n" for said in model.predict(texts))
    assert textseq("translate m.textseq Go. '' 'I won!'").stdout.decode() == expected
    piped = textseq("translate m.textseq", stdin="\n".join(texts) + "\n")
    assert piped.stdout.decode() == expected
    wide = textseq("translate m.textseq --beams 3 Go.").stdout.decode()
    assert wide == f"{model.predict(['Go.'], 3)[0]}\n"

    table = textseq("predict m.textseq - --text eng", stdin="eng,n\nGo.,1\nI won!,2\n")
    frame = pl.read_csv(io.BytesIO(table.stdout))
    assert frame.columns == ["eng", "n", "prediction"]
    assert frame["prediction"].fill_null("").to_list() == model.predict(["Go.", "I won!"])


def test_several_translations_drawn_ones_and_unknown_words(textseq, fitted):
    _, path = fitted
    model = load_model(path)
    warnings.simplefilter("ignore")
    done = textseq("translate m.textseq --n-best 2 --max-new-tokens 4 Go. Zzz!")
    rows = [line.split("\t") for line in done.stdout.decode().splitlines()]
    expected = model.predict(["Go.", "Zzz!"], n_best=2, max_new_tokens=4)
    assert [(int(n), float(p), said) for n, p, said in rows] == [
        (number, round(one.log_probability, 4), one.answer)
        for number, several in enumerate(expected, 1)
        for one in several
    ]
    assert (
        "words that training had not: 1, in 1 of 2 sources, such as 'zzz'" in done.stderr.decode()
    )
    assert "--unknown copy copies them" in done.stderr.decode()
    marked = textseq("translate m.textseq --unknown mark --max-new-tokens 4 Zzz!")
    assert marked.stdout.decode() == (
        model.predict(["Zzz!"], unknown="mark", max_new_tokens=4)[0] + "\n"
    )
    drawn = textseq("translate m.textseq --temperature 2 --top-k 9 --seed 3 --length 5 Go.")
    options = dict(temperature=2, top_k=9, random_state=3, max_new_tokens=5)
    assert drawn.stdout.decode() == model.predict(["Go."], **options)[0] + "\n"


def test_letters_are_kept(textseq, pairs, tmp_path):
    done = textseq(
        f"translate {pairs} --source eng --target fra -o case.textseq --epochs 1 --encoder mean "
        "--attention none --keep-case --unknown mark --threads 1"
    )
    assert done.returncode == 0, done.stderr
    model = load_model(tmp_path / "case.textseq")
    assert not model.target_tokenizer_.lowercase and model.unknown == "mark"


def test_what_the_user_can_mend_is_one_line(fails, fitted, pairs, model):
    for command, message in [
        (f"translate {model[0]} hello", "has no use for: `textseq predict`"),
        (f"translate {pairs} -o n.textseq --source eng --target spa", "no column 'spa'"),
        (f"translate {pairs} hello -o n.textseq", "translate 'hello' with it afterwards"),
        (f"translate {pairs} -o n.textseq --source eng --target fra --attention luong",
         "unknown attention 'luong'"),
        ("translate m.textseq", "there is no text to translate"),
        ("translate m.textseq Go. --keep-case", "--keep-case is of a fit; give it with --out"),
        (f"translate {pairs} -o n.textseq --source eng --target fra --n-best 2",
         "--n-best is of translations; leave --out away"),
        ("translate m.textseq Go. --beams 2 --temperature 1", "--beams 2 searches, and"),
        ("translate m.textseq Go. --unknown coppy", "did you mean 'copy'"),
        ("predict m.textseq --proba", "predicts no classes"),
    ]:  # fmt: skip
        assert message in fails(command, stdin="" if "predict" not in command else "x\n")


def test_texts_are_cut_at_spaces_for_a_model_of_lists(textseq, tmp_path):
    rows = [["Ana", "won"], ["Bob", "won"]] * 8
    model = Seq2Seq(hidden_size=8, max_epochs=2, n_threads=1, random_state=0).fit(rows, rows)
    model.save(tmp_path / "m.textseq")
    expected = "".join(f"{' '.join(said)}\n" for said in model.predict(rows[:2]))
    assert textseq("translate m.textseq 'Ana won' 'Bob won'").stdout.decode() == expected
