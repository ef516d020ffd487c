import pytest
from model_folder import write_model

from textseq import SequenceTagger, load_model, read_conll

SENTENCES = [
    "Ana B-person\nsmiled O\nin O\nLisbon B-place\n",
    "Old\tB-person\nJohn\tI-person\nleft\tO\nLisbon\tB-place\n",
    "in O\nRome B-place\nAna B-person\nsmiled O\n",
]


@pytest.fixture(scope="module")
def train(tmp_path_factory):
    path = tmp_path_factory.mktemp("tags") / "train.conll"
    path.write_text("-DOCSTART- O\n\n" + "\n".join(SENTENCES * 12))
    return path


def test_tagged_tokens_in_tags_out(textseq, train, tmp_path):
    done = textseq(f"tag {train} -o m.textseq --epochs 12 --threads 1")
    assert done.returncode == 0, done.stderr
    said = done.stdout.decode()
    assert "bilstm, crf, 36 rows, 4 tags, no validation rows, best of 12 epochs" in said
    tagger = tmp_path / "m.textseq"
    model = load_model(tagger)
    assert isinstance(model, SequenceTagger)
    lines = ["Ana left Rome", "", "Old John smiled"]
    done = textseq(f"tag {tagger}", stdin="\n".join(lines) + "\n")
    printed = done.stdout.decode()
    assert "Rome\tB-place\n\n\nOld\tB-person\n" in printed  # an empty line, an empty sentence
    tags = model.predict([line.split() for line in lines])
    assert read_conll(printed.split("\n")) == (
        [lines[0].split(), lines[2].split()],
        [tags[0], tags[2]],
    )
    assert tags[2] == ["B-person", "I-person", "O"]
    (tmp_path / "new.txt").write_text("\n".join(lines))
    assert textseq(f"tag {tagger} new.txt").stdout == done.stdout
    # A file of one token a line is read as such, with or without tags.
    again = textseq(f"tag {tagger} {train}").stdout.decode()
    assert read_conll(again.split("\n")) == read_conll(train.read_text().split("\n"))


def test_several_networks_tag_together(textseq, train, tmp_path):
    done = textseq(f"tag {train} -o m.textseq --members 2 --epochs 2 --threads 1")
    assert done.returncode == 0, done.stderr
    said = done.stdout.decode()
    assert "2 times bilstm, crf, 36 rows" in said and "best of 2 epochs: " in said
    assert len(load_model(tmp_path / "m.textseq").networks) == 2


def test_spans_are_printed_with_their_places(textseq, fails, tmp_path):
    words, tags = [["Old", "John", "left", "Lisbon"]] * 20, [["B-P", "I-P", "O", "B-L"]] * 20
    model = SequenceTagger(hidden_size=8, max_epochs=20, n_threads=1, random_state=0)
    model.fit(words, tags).save(tmp_path / "m.textseq")
    done = textseq("tag m.textseq --spans", stdin="Old John left Lisbon\n\nLisbon left Old John\n")
    assert done.returncode == 0, done.stderr
    rows = [line.split("\t") for line in done.stdout.decode().splitlines()]
    assert rows[0] == ["sentence", "first", "last", "type", "probability", "tokens"]
    places = [[*row[:4], row[5]] for row in rows]
    assert places[1:3] == [["1", "1", "2", "P", "Old John"], ["1", "4", "4", "L", "Lisbon"]]
    expected = model.predict_spans([["Lisbon", "left", "Old", "John"]])[0]
    assert [(kind, int(first) - 1, int(last)) for _, first, last, kind, _ in places[3:]] == expected
    assert [row[4] for row in rows[3:]] == [f"{span.probability:.4f}" for span in expected]
    assert {row[0] for row in rows[3:]} == {"3"}
    assert "--spans is for tagging" in fails("tag m.textseq --spans -o b.textseq")
    SequenceTagger(hidden_size=8, max_epochs=1).fit([["a", "b"]] * 20, [["DET", "X"]] * 20).save(
        tmp_path / "pos.textseq"
    )
    assert "'DET' has no such letter" in fails("tag pos.textseq --spans", stdin="a b\n")


def test_what_can_not_be_read_is_one_line(fails, train, model, tmp_path):
    (tmp_path / "bad.conll").write_text("a O\nb\n")
    assert "bad.conll: line 2 holds 'b' and no tag" in fails("tag bad.conll -o b.textseq")
    assert "no model file at 'absent'" in fails("tag absent", stdin="a\n")
    assert "`textseq tag` has no use for: `textseq predict`" in fails(f"tag {model[0]}", stdin="a")
    assert "leave new.txt out" in fails(f"tag {train} new.txt -o b.textseq")


def test_a_transformer_is_fine_tuned(textseq, tmp_path):
    write_model(tmp_path / "bert", "bert")
    (tmp_path / "few.conll").write_text("so O\ngood B\n\nit O\nis O\nbad B\n\n" * 12)
    done = textseq("tag few.conll --pretrained bert --epochs 1 -o m.textseq --threads 1")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(b"m.textseq: transformer, crf, ")
    tagged = textseq("tag m.textseq few.conll")
    assert tagged.returncode == 0 and tagged.stdout.count(b"\t") == 60


@pytest.fixture(scope="module")
def tagger(train):
    model = SequenceTagger(max_epochs=12, n_threads=1, random_state=0).fit(*read_conll(train))
    return model.save(train.with_name("m.textseq"))


TOKENS = [["Ana", "left", "Rome"], ["Old", "John", "smiled"]]


@pytest.mark.parametrize("name", ["new.txt", "-"])
@pytest.mark.parametrize(
    ("line", "more"),
    [
        ("{token} B-person", ""),
        ("{token}\tO", ""),
        ("{token} NNP B-NP O", ""),
        ("{token}\tNNP\tsomething", ""),
        ("{token}", ""),
        ("{number}\t{token}\t_\tNOUN\t_\t_\t_\t_\t_\t_", ""),
        ("{number} {token} unheard", "--columns 1"),
        ("x {token}", "--format conll --columns -1,0"),
        ("{token} unheard", "--format conll"),
    ],
)
def test_what_lines_hold_tells_how_they_are_read(textseq, tagger, tmp_path, name, line, more):
    rows = [
        [line.format(token=token, number=number) for number, token in enumerate(row, 1)]
        for row in TOKENS
    ]
    text = "\n\n".join("\n".join(row) for row in rows) + "\n"
    if name != "-":
        (tmp_path / name).write_text(text)
    done = textseq(f"tag {tagger} {name} {more}", stdin=text)
    assert done.returncode == 0 and not done.stderr, done.stderr
    printed = done.stdout.decode().split("\n")
    assert read_conll(printed) == (TOKENS, load_model(tagger).predict(TOKENS))


@pytest.mark.parametrize("more", ["", "--format text"])
def test_sentences_are_read_as_such(textseq, tagger, tmp_path, more):
    texts = "So do I\nHe and I\n" if not more else "Ana B-person\nRome O\n"
    done = textseq(f"tag {tagger} {more}", stdin=texts)
    rows = [line.split() for line in texts.split("\n") if line]
    assert read_conll(done.stdout.decode().split("\n"))[0] == rows and not done.stderr


def test_lines_of_one_word_each_are_asked_about(textseq, tagger):
    done = textseq(f"tag {tagger}", stdin="Ana\nleft\nRome\n")
    assert done.stdout.decode().count("\n\n") == 3
    assert b"each line is one word" in done.stderr and b"--format conll" in done.stderr
    assert not textseq(f"tag {tagger}", stdin="Ana\n").stderr


def test_columns_are_chosen_in_a_fit_too(textseq, fails, tagger, tmp_path):
    lines = ["1\tAna\tB-person\tx", "2\tsmiled\tO\ty", "", "1\tLisbon\tB-place\tx", ""] * 12
    (tmp_path / "train.tsv").write_text("\n".join(lines))
    done = textseq("tag train.tsv -o m.textseq --columns 1,2 --epochs 1 --threads 1")
    assert done.returncode == 0, done.stderr
    model = load_model(tmp_path / "m.textseq")
    assert list(model.classes_) == ["B-person", "B-place", "O"] and "Lisbon" in model.vocabulary_
    assert "has 4 columns, so none of place 7" in fails("tag train.tsv -o m.textseq --columns 7,2")
    assert "--columns a: give the place" in fails("tag train.tsv -o m.textseq --columns a")
    assert "--columns 1,2,3: give the place" in fails("tag train.tsv -o x --columns 1,2,3")
    assert "--format csv: choose from auto" in fails("tag train.tsv -o m.textseq --format csv")
    assert "no tags to learn from" in fails("tag train.tsv -o m.textseq --format text")
    assert "leave --columns out" in fails(f"tag {tagger} --format text --columns 1", stdin="a")
    assert "so none of place 9" in fails(f"tag {tagger} train.tsv --columns 9")
