import json
from pathlib import Path

import pytest
from old_files.said import answers
from rounding import rounding

FOLDER = Path(__file__).parent / "old_files"
EXPECTED = json.loads((FOLDER / "answers.json").read_text("utf-8"))


def numbers(item):
    """Return all floats of nested lists and dicts, and the rest with 0 in their places."""
    found = []

    def walk(part):
        if isinstance(part, dict):
            return {name: walk(value) for name, value in part.items()}
        if isinstance(part, list):
            return [walk(value) for value in part]
        if isinstance(part, float):
            found.append(part)
            return 0
        return part

    return walk(item), found


# The little translator was taught no end, and few words.
@pytest.mark.filterwarnings("ignore:words that training had not")
@pytest.mark.filterwarnings("ignore:4 answers end where they would have gone on")
@pytest.mark.parametrize("name", EXPECTED)
def test_files_of_the_first_version_say_what_they_said(name):
    rest, floats = numbers(json.loads(json.dumps(answers(FOLDER / f"{name}.textseq"))))
    expected_rest, expected = numbers(EXPECTED[name])
    assert rest == expected_rest
    # Logits of a few steps, from another processor perhaps.
    assert floats == pytest.approx(expected, rel=0, abs=rounding(expected, [1], units=32))


def test_every_kind_of_model_has_a_file():
    assert {path.stem for path in FOLDER.glob("*.textseq")} == set(EXPECTED)
    assert len(EXPECTED) == 13
