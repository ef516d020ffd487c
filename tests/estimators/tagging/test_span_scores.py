import numpy as np
import pytest
from seqeval import scheme as seqeval_schemes
from seqeval.metrics import classification_report, f1_score
from tagged_spans import as_iobes, changed_tags, drawn_tags

from textseq.estimators.tagging.scores import MACRO, MICRO, span_f1, span_report
from textseq.labels.spans import SCHEMES, spans_of

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


@pytest.mark.parametrize("scheme", SCHEMES)
def test_scores_are_those_of_seqeval_in_both_modes(scheme):
    """200 drawn cases of each of five schemes."""
    rng, n_scored = np.random.default_rng(1), 0
    known = getattr(seqeval_schemes, scheme)
    for _ in range(200):
        truth = drawn_tags(scheme, rng)
        found = changed_tags(truth, rng)
        strict = {"mode": "strict", "scheme": known}
        for way, options, theirs in (
            ("auto", {}, (as_iobes(truth), as_iobes(found))),
            (scheme, strict, (truth, found)),
        ):
            if not any(spans_of(truth, way)):
                with pytest.raises(ValueError, match="no span is marked"):
                    span_f1(truth, found, way)
                continue
            n_scored += 1
            report = classification_report(*theirs, output_dict=True, zero_division=0, **options)
            expected = f1_score(*theirs, zero_division=0, **options)
            assert span_f1(truth, found, way) == pytest.approx(expected, abs=1e-12)
            table = span_report(truth, found, way)
            named = {name: row for name, row in report.items() if name != "weighted avg"}
            assert set(table["type"]) == set(named)
            for row in table.to_dict("records"):
                own = named[row["type"]]
                assert row["f1"] == pytest.approx(own["f1-score"], abs=1e-12)
                for name in ("precision", "recall", "support"):
                    assert row[name] == pytest.approx(own[name], abs=1e-12)
    assert n_scored > 200


def test_a_report_has_types_in_order_and_sums():
    truth = [["B-b", "O", "B-a", "I-a"], ["B-b", "O", "O", "O"]]
    table = span_report(truth, [["B-b", "O", "B-a", "O"], ["B-c", "O", "O", "O"]])
    assert table["type"].tolist() == ["a", "b", "c", MICRO, MACRO]
    assert table["support"].tolist() == [1, 2, 0, 3, 3]
    assert table["precision"].tolist() == pytest.approx([0, 1, 0, 1 / 3, 1 / 3])
    assert table["recall"].tolist() == pytest.approx([0, 1 / 2, 0, 1 / 3, 1 / 6])
