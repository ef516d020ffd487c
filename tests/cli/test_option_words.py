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
        ("or pass freq= if the step is another", "or pass --freq  if the step is another"),
    ],
)
def test_parameters_are_named_as_options(python, shell):
    with pytest.raises(ValueError) as caught, option_words():
        raise ValueError(python)
    assert str(caught.value).split() == shell.split()


def test_what_is_not_installed_is_no_internal_error():
    with pytest.raises(ValueError, match="needs statsforecast"), option_words():
        raise ImportError("AutoETS needs statsforecast")
