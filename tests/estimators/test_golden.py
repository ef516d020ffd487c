"""Files of what the estimators were and gave, which putting them in order does not change."""

import inspect
import json
from pathlib import Path

import pytest
from golden.facts import GRIDS
from golden.fits import FITS, processor, weights_of

import textseq

FOLDER = Path(__file__).parent / "golden"
WEIGHTS = json.loads((FOLDER / "weights.json").read_text("utf-8"))
RECIPES = json.loads((FOLDER / "recipes.json").read_text("utf-8"))
SIGNATURES = json.loads((FOLDER / "signatures.json").read_text("utf-8"))


def signature_of(kind):
    """Return how an estimator is called: its positional parameter, and all defaults."""
    parameters = inspect.signature(kind).parameters
    positional = inspect.Parameter.POSITIONAL_OR_KEYWORD
    return {
        "positional": [name for name, one in parameters.items() if one.kind is positional],
        "defaults": {name: repr(parameters[name].default) for name in sorted(parameters)},
    }


@pytest.mark.parametrize("name", SIGNATURES)
def test_signatures_stay(name):
    kind = getattr(textseq, name)
    assert signature_of(kind) == SIGNATURES[name]
    assert sorted(kind().get_params()) == list(SIGNATURES[name]["defaults"])


@pytest.mark.parametrize("name", RECIPES)
def test_recipes_decide_what_they_decided(name):
    found = [GRIDS[name](**case["facts"]) for case in RECIPES[name]]
    assert json.loads(json.dumps(found)) == [case["decided"] for case in RECIPES[name]]


@pytest.mark.parametrize("name", FITS)
def test_fits_give_the_weights_they_gave(name):
    found, expected = weights_of(FITS[name]), WEIGHTS["fits"][name]
    if processor() == WEIGHTS["processor"]:
        assert found["sha256"] == expected["sha256"]
    for part in ("header", "own arrays"):
        assert found[part] == expected[part]
    assert found["arrays"].keys() == expected["arrays"].keys()
    # Two epochs of float32 on another processor: another draw would be off by the whole value.
    for array, (mean, size) in expected["arrays"].items():
        assert found["arrays"][array] == pytest.approx([mean, size], rel=0, abs=1e-3 * size), array
