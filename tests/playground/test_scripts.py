"""The scripts of pages: modules that share one scope."""

import re
from collections import Counter

import pytest

from textseq.playground.scripts import joined

# function f, class C, const a, let [b, c]; at the left edge, so within no other.
DECLARED = re.compile(
    r"^(?:async )?(?:function\*?|class|const|let) (?:(\w+)|\[([\w, ]+)\]|\{([\w, ]+)\})", re.M
)


def declared(script):
    names = [",".join(found).strip(",") for found in DECLARED.findall(script)]
    return [name.strip() for found in names for name in found.split(",")]


@pytest.mark.parametrize("entry", ["page.js", "lab/main.js"])
def test_no_two_modules_of_a_page_declare_the_same_name(entry):
    names = declared(joined(entry))
    assert len(names) > 100
    assert [name for name, count in Counter(names).items() if count > 1] == []


def test_a_function_declared_twice_would_be_noticed():
    script = "function a() {}\nconst [b, c] = [1, 2];\nasync function a() {}\n"
    assert declared(script) == ["a", "b", "c", "a"]
