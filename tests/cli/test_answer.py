import pytest
from typer.testing import CliRunner

from textseq import make_stories
from textseq.cli.app import app

STORY = "Mary went to the garden. John went to the office."


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("answer")
    stories = make_stories(200, random_state=0)
    stories[["question", "passage", "answer"]].to_csv(folder / "stories.csv", index=False)
    (folder / "story.txt").write_text(STORY + "\n")
    model = folder / "m.textseq"
    given = ["answer", str(folder / "stories.csv"), "-o", str(model), "--epochs", "8"]
    said = run(*given, "--threads", "1")
    assert "m.textseq: bigru, 3 passes, 180 rows, validation exact match" in said
    return folder


def run(*given, code=0, text=None):
    result = CliRunner().invoke(app, list(given), input=text)
    if code:
        assert result.exit_code != 0
        return str(result.exception)
    assert result.exit_code == 0, result.output
    return result.output


def test_questions_are_answered_by_the_passage(files):
    model, asked = str(files / "m.textseq"), ["Where is Mary?", "Where is John?"]
    by_file = run("answer", model, *asked, "--file", str(files / "story.txt"))
    assert by_file == run("answer", model, *asked, text=STORY)
    assert len(by_file.splitlines()) == 2 and all(one in STORY for one in by_file.splitlines())
    lines = run("answer", model, *asked, "--n-best", "3", text=STORY).splitlines()
    assert len(lines) == 6
    number, probability, first, last, said = lines[0].split("\t")
    assert number == "1" and 0 < float(probability) <= 1
    assert STORY[int(first) - 1 : int(last)] == said == by_file.splitlines()[0]


def test_what_is_missing_is_told(files):
    model = str(files / "m.textseq")
    assert "there is no question" in run("answer", model, code=1, text=STORY)
    assert "the passage is empty" in run("answer", model, "Where?", code=1, text="\n")
    given = ["answer", str(files / "stories.csv"), "-o", str(files / "n.textseq")]
    assert "--n-best is of answers" in run(*given, "--n-best", "2", code=1)
    assert "ask it 'Where?' afterwards" in run(*given, "Where?", code=1)
    assert "no model file" in run("answer", "none.textseq", "Where?", code=1, text=STORY)
