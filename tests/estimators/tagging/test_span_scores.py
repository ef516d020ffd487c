import pytest
from seqeval.metrics import f1_score

from textseq.estimators.tagging.scores import SCHEMES, span_f1

# Ana; Bob Lee, then Lisbon beside Porto; as each scheme marks them.
SPANS = {
    "IOB1": [["I-P", "O"], ["I-P", "I-P", "O", "I-L", "B-L"]],
    "IOB2": [["B-P", "O"], ["B-P", "I-P", "O", "B-L", "B-L"]],
    "IOE1": [["I-P", "O"], ["I-P", "I-P", "O", "E-L", "I-L"]],
    "IOE2": [["E-P", "O"], ["I-P", "E-P", "O", "E-L", "E-L"]],
    "IOBES": [["S-P", "O"], ["B-P", "E-P", "O", "S-L", "S-L"]],
    "BILOU": [["U-P", "O"], ["B-P", "L-P", "O", "U-L", "U-L"]],
}


@pytest.mark.parametrize("scheme", SPANS)
def test_every_scheme_is_counted_alike(scheme):
    truth = SPANS[scheme]
    missed = [["O", "O"], truth[1]]
    for way in ("auto", scheme) if scheme in SCHEMES else ("auto",):
        assert span_f1(truth, truth, way) == 1.0
        # 3 of 4 spans found, and no other.
        assert span_f1(truth, missed, way) == pytest.approx(6 / 7)


def test_spans_are_counted_as_conlleval_does():
    truth = [["B-P", "O", "O", "B-L"], ["O", "O", "O", "O"]] * 5
    found = [["B-P", "O", "O", "I-L"], ["O", "I-P", "I-P", "O"]] * 5
    assert span_f1(truth, found) == pytest.approx(f1_score(truth, found)) == pytest.approx(0.8)
    # As the scheme has it, neither I-L nor I-P I-P is a span.
    assert span_f1(truth, found, "IOB2") == pytest.approx(2 / 3)


@pytest.mark.parametrize("tag", ["verb", "PER-B", "Ana"])
def test_tags_of_no_scheme_are_refused(tag):
    with pytest.raises(ValueError, match=f"'{tag}' has no such letter"):
        span_f1([["O", tag]], [["O", "O"]])
