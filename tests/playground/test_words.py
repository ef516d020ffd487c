"""The page's words: every language says the same things, and the scripts ask for no others."""

import json
import re

import pytest

from textseq.playground import scripts

WORDS = scripts.FOLDER.parent / "words"
TABLES = {path.stem: json.loads(path.read_text("utf-8")) for path in WORDS.glob("*.json")}
SLOT = re.compile(r"\{(\w+)\}")
# word("key", ...), worded("p", "key", ...), setWord(node, "key", ...), title: ["key", ...]
ASKED = re.compile(r'(?:word\(|worded\("\w+", |setWord\([^",()]+, |title: \[)"([\w.-]+)"')
SECTION = re.compile(r'pageSection\(\s*"(\w+)"')


def pairs():
    """Pairs of tables of one kind: en and pt, lab_en and lab_pt."""
    names = sorted(TABLES)
    return [(a, b) for a in names for b in names if a < b and a[:-2] == b[:-2]]


@pytest.mark.parametrize(("first", "second"), pairs())
def test_languages_have_the_same_keys_and_slots(first, second):
    slots = [
        {key: sorted(SLOT.findall(sentence)) for key, sentence in TABLES[name].items()}
        for name in (first, second)
    ]
    assert slots[0] == slots[1]


def test_no_sentence_stands_untranslated():
    same = {key for key, sentence in TABLES["en"].items() if TABLES["pt"][key] == sentence}
    assert not {key for key in same if len(TABLES["en"][key].split()) > 2}


def test_what_the_scripts_ask_for_is_there_and_nothing_else_lies_about():
    known = {re.sub(r"\.(one|other)$", "", key) for name in TABLES for key in TABLES[name]}
    source = "".join(path.read_text("utf-8") for path in scripts.FOLDER.rglob("*.js"))
    assert set(ASKED.findall(source)) <= known
    # Some keys end in a name, `limit.${key}`; a section's have its name before ".title", ".lead".
    asked = {f"{name}.{part}" for name in SECTION.findall(source) for part in ("title", "lead")}
    unused = {key for key in known - asked if f'"{key}"' not in source}
    assert {key for key in unused if f"`{key.split('.')[0]}.${{" not in source} == set()
