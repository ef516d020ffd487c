"""``--recipe`` of all commands that train."""

import pytest

from textseq import load_model, load_sample


@pytest.fixture
def files(tmp_path):
    films = "".join(f"a {'good' if row % 2 else 'bad'} film,{row % 2}\n" for row in range(30))
    (tmp_path / "films.csv").write_text(f"text,label\n{films}")
    (tmp_path / "tags.conll").write_text("Ana B-person\nsmiled O\n\n" * 20)
    (tmp_path / "plays.txt").write_text(load_sample("tinyshakespeare")[:2000])
    months = "".join(f"{1990 + row // 12}-{row % 12 + 1:02}-01,{row}\n" for row in range(60))
    (tmp_path / "months.csv").write_text(f"ds,y\n{months}")
    walks = "".join(f"{row // 5},{row % 5},{row},{row // 5 % 2}\n" for row in range(100))
    (tmp_path / "walks.csv").write_text(f"walk,second,x,label\n{walks}")


@pytest.mark.parametrize(
    "command",
    [
        "fit films.csv --encoder mean",
        "lm plays.txt --level char --hidden-size 8 --layers 1",
        "tag tags.conll",
        "translate films.csv --source text --target label",
    ],
)
def test_the_plain_recipe_fits(textseq, files, tmp_path, command):
    done = textseq(f"{command} --recipe plain --epochs 2 --threads 1 -o m.textseq")
    assert done.returncode == 0, done.stderr
    model = load_model(tmp_path / "m.textseq")
    assert model.recipe == "plain" and model.fitted_parameters_["optimizer"] == "adam"
    assert set(model.history_["learning_rate"]) == {1e-3} and len(model.history_) == 2


@pytest.mark.parametrize(
    "command",
    [
        "fit films.csv -o m.textseq",
        "compare films.csv",
        "compare-series walks.csv --id walk --time second --values x",
        "forecast months.csv --windows 1 --horizon 3",
        "lm plays.txt -o m.textseq",
        "tag tags.conll -o m.textseq",
        "translate films.csv --source text --target label -o m.textseq",
    ],
)
def test_another_recipe_is_refused_in_one_line(fails, files, command):
    assert "unknown recipe 'plane'; did you mean 'plain'" in fails(f"{command} --recipe plane")


def test_a_fit_that_learned_nothing_says_what_to_try(textseq, tmp_path):
    rows = "".join(f"a film,{row * 7 % 2}\n" for row in range(400))
    (tmp_path / "same.csv").write_text(f"text,label\n{rows}")
    done = textseq("fit same.csv --encoder mean --epochs 8 --threads 1 -o m.textseq")
    assert done.returncode == 0
    assert b"than luck explains: " in done.stderr and b"; try --recipe plain, " in done.stderr
