from comparisons import make_comparison, with_costs

from textseq.comparison.scores.costs import COSTS, costs_of


def test_costs_that_no_row_tells_are_left_out():
    comparison = with_costs(make_comparison())
    assert costs_of(make_comparison().models) == []
    assert costs_of(comparison.models) == list(COSTS)
    without_service = [model for model in comparison.models if model.name != "my svm"]
    assert [cost.name for cost in costs_of(without_service)] == [
        "encode_microseconds",
        "disk_bytes",
    ]


def test_what_a_row_does_not_tell_is_a_dash():
    rows = {model.name: model for model in with_costs(make_comparison()).models}
    texts = {name: [cost.text(model) for cost in COSTS] for name, model in rows.items()}
    assert texts["my svm"] == ["8,100", "6.2 kB", "$0.00046"]
    assert texts["bigru"] == ["540", "91 MB", "–"]
    assert texts["rnn"] == ["–", "–", "–"]
