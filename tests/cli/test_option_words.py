import pytest

from textseq.cli.option_words import option_words


@pytest.mark.parametrize(
    ("python", "shell"),
    [
        ("h=24 and n_windows=5 leave 3", "--horizon 24 and --windows 5 leave 3"),
        ("use a smaller h, or level=None", "use a smaller --horizon, or --level none"),
        ("with val_size=0; a larger val_size", "with --val-size 0; a larger --val-size"),
        (
            "have them filled (fill_gaps='interpolate' or 'zero')",
            "have them filled (--fill interpolate or --fill zero)",
        ),
        ("unknown fill_gaps 'mean'", "unknown --fill 'mean'"),
        ("or pass freq= if the step is another", "or pass --freq if the step is another"),
        ("kind='wrd' is no tokenizer", "--tokenizer wrd is no tokenizer"),
        ("a level of the tree; the past is past", "a level of the tree; the past is past"),
    ],
)
def test_parameters_are_named_as_options(python, shell):
    assert option_words(python) == shell


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("compare {data} --seeds 0", "--seeds must be a whole number"),
        ("compare {data} --threads 0", "--threads must be a whole number"),
        ("compare {data} --epochs 0", "--epochs must be a whole number"),
        ("compare {data} --max-length 0", "--max-length must be a whole number"),
        ("fit {data} -o m.textseq --tokenizer foo", "--tokenizer foo is no tokenizer"),
        ("forecast s.csv --horizon 0", "--horizon must be a whole number"),
        ("forecast s.csv --windows 0", "--windows must be a whole number"),
        ("forecast s.csv --season 0", "--season must be a whole number"),
    ],
)
def test_commands_name_their_options(fails, subj, tmp_path, command, message):
    rows = "".join(f"2020-{month:02}-01,{month}\n" for month in range(1, 13))
    (tmp_path / "s.csv").write_text(f"ds,y\n{rows}")
    assert message in fails(command.format(data=subj))


def test_warnings_name_options():
    shown = option_words("season_length=40 is left out, or set input_size=40")
    assert shown == "--season 40 is left out, or set input_size=40"
