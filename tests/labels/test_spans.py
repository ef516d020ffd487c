"""Spans that tags mark: which they are, which tags may follow, and which scheme rows have."""

import numpy as np
import pytest
from seqeval import scheme as seqeval_schemes
from seqeval.metrics.sequence_labeling import get_entities
from tagged_spans import LETTERS, as_iobes, drawn_tags, marked

from textseq import spans_of
from textseq.labels.spans import SCHEMES, allowed_moves, find_scheme, numbered


@pytest.mark.parametrize("scheme", SCHEMES)
def test_spans_are_those_of_seqeval(scheme):
    rng, n_spans = np.random.default_rng(0), 0
    for _ in range(200):
        rows = drawn_tags(scheme, rng)
        found = spans_of(rows)
        expected = [
            [(kind, start, end + 1) for kind, start, end in get_entities(row)]
            for row in as_iobes(rows)
        ]
        assert found == expected
        strict = seqeval_schemes.Entities(rows, getattr(seqeval_schemes, scheme)).entities
        expected = [[(one.tag, one.start, one.end) for one in row] for row in strict]
        assert spans_of(rows, scheme) == expected
        n_spans += sum(map(len, found))
    assert n_spans > 500


def test_a_span_names_its_steps():
    (row,) = spans_of([["O", "B-person", "I-person", "I-place"]])
    assert ["so", "Ana", "Lee", "Lisbon"][row[0].start : row[0].end] == ["Ana", "Lee"]
    assert [span.type for span in row] == ["person", "place"]
    assert spans_of([["B", "I", "B"], [], ["O"]]) == [[("_", 0, 2), ("_", 2, 3)], [], []]
    assert spans_of([]) == []
    with pytest.raises(ValueError, match="'verb' has no such letter"):
        spans_of([["verb"]])
    with pytest.raises(ValueError, match="unknown scheme 'IOB'"):
        spans_of([["O"]], "IOB")


@pytest.mark.parametrize("scheme", SCHEMES)
def test_moves_are_allowed_that_well_marked_rows_have(scheme):
    """Of spans drawn at random and marked as the scheme has it, each move is met, and no other."""
    rng = np.random.default_rng(0)
    tags = ["O", *(f"{letter}-{kind}" for letter in LETTERS[scheme] for kind in "PL")]
    met = np.zeros((len(tags) + 1, len(tags) + 1), dtype=bool)
    place = {tag: number for number, tag in enumerate(tags)}
    for _ in range(3_000):
        numbers = [place[tag] for tag in marked(scheme, rng)]
        for before, behind in zip([-1, *numbers], [*numbers, -1], strict=True):
            met[before, behind] = True
    met[-1, -1] = True  # a row may be empty
    assert (allowed_moves(tags, scheme) == met).all()


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_scheme_of_well_marked_rows_is_found(scheme):
    rng = np.random.default_rng(0)
    rows = [marked(scheme, rng) for _ in range(200)] + [[]]
    (numbers,), tags = numbered(rows)
    assert find_scheme(tags, numbers) == scheme
    wrong = {"IOB1": "B", "IOB2": "I", "IOE2": "I", "IOBES": "B", "BILOU": "B"}[scheme]
    (numbers,), tags = numbered([*rows, ["O", f"{wrong}-P", "O"]])
    assert find_scheme(tags, numbers) != scheme


@pytest.mark.parametrize(
    ("rows", "scheme"),
    [
        ([["verb", "noun"]], None),
        ([["B-x", "O"], ["O"]], "IOB2"),
        ([["I-x", "O"]], "IOB1"),
        ([["B", "I", "I", "B"]], "IOB2"),
        ([["O", "I-x", "B-x"], ["I-x", "B-y"]], None),
        ([["B-x", "E-x"], ["S-y"]], "IOBES"),
        ([["O", "NOUN-x"]], None),
        ([["O", "B_x"]], None),
    ],
    ids=str,
)
def test_tags_of_no_scheme_have_none(rows, scheme):
    (numbers,), tags = numbered(rows)
    assert find_scheme(tags, numbers) == scheme
    assert find_scheme([3, *tags[1:]], numbers) is None


def test_tags_that_a_scheme_lacks_are_named():
    with pytest.raises(ValueError, match="tag_scheme='IOB2' has no tag 'S-x'"):
        allowed_moves(["O", "S-x"], "IOB2")
