import dataclasses
import json

import numpy as np
import pandas as pd
import pytest
from comparisons import make_comparison, with_costs

from textseq.comparison.scores.result import Comparison

KINDS = ("binary", "multiclass", "multilabel", "regression")


def with_scores(comparison, **scores):
    models = tuple(
        dataclasses.replace(model, scores=np.array(scores[model.name]))
        if model.name in scores
        else model
        for model in comparison.models
    )
    return dataclasses.replace(comparison, models=models)


@pytest.mark.parametrize("kind", KINDS)
def test_table_is_best_first(kind):
    comparison = make_comparison(kind)
    table = comparison.table
    areas = ["auc", "auc_interval"] if kind in ("binary", "multilabel") else []
    assert table.columns.tolist() == [
        "model",
        "kind",
        comparison.metric,
        "interval",
        *areas,
        *(["calibration_error"] if kind in ("binary", "multiclass") else []),
        "train_seconds",
        "predict_microseconds",
        "parameters",
        "seeds",
    ]
    assert table[comparison.metric].is_monotonic_decreasing
    assert set(table["model"]) == {model.name for model in comparison.models}
    assert table["model"][0] == comparison.best.name


def test_table_holds_means_over_seeds():
    comparison = with_scores(make_comparison(n_models=4), lstm=[0.70, 0.72, 0.74])
    row = comparison.table.set_index("model").loc["lstm"]
    assert row["accuracy"] == pytest.approx(0.72)
    # Standard error .02 / sqrt(3), times 4.3027, Student's t at two degrees of freedom.
    assert row["interval"] == pytest.approx(0.04968, abs=1e-5)
    assert row["seeds"] == 3
    assert row["parameters"] == 1_321_730


def test_table_holds_the_mean_auc_and_its_spread():
    comparison = make_comparison(n_models=4)
    models = [dataclasses.replace(m, aucs=np.array([0.8, 0.82, 0.84])) for m in comparison.models]
    models[0] = dataclasses.replace(models[0], aucs=np.array([np.nan]))
    table = dataclasses.replace(comparison, models=tuple(models)).table.set_index("model")
    assert table.loc["lstm", "auc"] == pytest.approx(0.82)
    assert table.loc["lstm", "auc_interval"] == pytest.approx(0.04968, abs=1e-5)
    assert np.isnan(table.loc["majority", "auc"])


def test_table_has_costs_where_a_row_has_one():
    table = with_costs(make_comparison()).table.set_index("model")
    before = ["predict_microseconds", "encode_microseconds", "disk_bytes", "dollars_per_1000"]
    assert table.columns.tolist()[-6:] == [*before, "parameters", "seeds"]
    assert table.loc["bigru", "disk_bytes"] == 91_400_000
    assert table.loc["rnn", "disk_bytes"] is pd.NA
    assert table.loc["my svm", "dollars_per_1000"] == 4.6e-4
    assert np.isnan(table.loc["bigru", "dollars_per_1000"])


def test_models_without_randomness_have_no_interval():
    table = make_comparison().table.set_index("model")
    assert np.isnan(table.loc["majority", "interval"])
    assert table.loc["majority", "parameters"] is pd.NA
    assert table.loc["majority", "seeds"] == 1


@pytest.mark.parametrize("kind", KINDS)
def test_json_reads_back_as_it_was(kind, tmp_path):
    comparison = make_comparison(kind, n_test=300)
    path = comparison.to_json(tmp_path / "comparison.json")
    back = Comparison.from_json(path)
    pd.testing.assert_frame_equal(back.table, comparison.table)
    pd.testing.assert_frame_equal(back.pairs, comparison.pairs)
    np.testing.assert_array_equal(back.targets, comparison.targets)
    for model, stored in zip(comparison.models, back.models, strict=True):
        np.testing.assert_array_equal(stored.predictions, model.predictions)
        assert stored.predictions.dtype == model.predictions.dtype
        assert stored.parameters == model.parameters
        np.testing.assert_array_equal(stored.aucs, model.aucs)
        for history, history_back in zip(model.histories, stored.histories, strict=True):
            pd.testing.assert_frame_equal(history_back, history)
    assert back.headline == comparison.headline
    assert back.receipt == comparison.receipt
    assert (back.texts, back.classes, back.warnings) == (
        comparison.texts,
        comparison.classes,
        comparison.warnings,
    )


def test_costs_read_back_and_files_of_before_have_none(tmp_path):
    path = with_costs(make_comparison()).to_json(tmp_path / "comparison.json")
    back = Comparison.from_json(path)
    assert {m.name: m.cached_share for m in back.models}["my svm"] == 0.6
    pd.testing.assert_frame_equal(back.table, with_costs(make_comparison()).table)
    stored = json.loads(path.read_text(encoding="utf-8"))
    for model in stored["models"]:
        for name in ("encode_microseconds", "disk_bytes", "dollars_per_1000", "cached_share"):
            del model[name]
    path.write_text(json.dumps(stored), encoding="utf-8")
    old = Comparison.from_json(path)
    assert old.table.columns.tolist() == make_comparison().table.columns.tolist()


def test_json_read_back_draws_the_same_page(tmp_path):
    comparison = make_comparison(n_models=3)
    back = Comparison.from_json(comparison.to_json(tmp_path / "comparison.json"))
    pages = [c.to_html(tmp_path / f"{i}.html") for i, c in enumerate((comparison, back))]
    assert pages[0].read_bytes() == pages[1].read_bytes()


def test_json_is_strict_json(tmp_path):
    comparison = make_comparison(n_models=3)
    history = pd.DataFrame({"epoch": [1, 2], "loss": [0.5, np.nan], "validation_loss": np.nan})
    model = dataclasses.replace(
        comparison.models[2],
        histories=(history,),
        parameters={"rate": np.float32(0.5), "sizes": (1, np.int64(2)), "callback": print},
    )
    comparison = dataclasses.replace(comparison, models=(*comparison.models[:2], model))
    path = comparison.to_json(tmp_path / "comparison.json")

    def refuse(constant):
        raise AssertionError(f"{constant} is not JSON")

    stored = json.loads(path.read_text(encoding="utf-8"), parse_constant=refuse)
    parameters = stored["models"][2]["parameters"]
    assert parameters == {"rate": 0.5, "sizes": [1, 2], "callback": str(print)}
    back = Comparison.from_json(path).models[2].histories[0]
    pd.testing.assert_frame_equal(back, history)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is not a comparison's JSON"),
        ("[1, 2]", "is not a comparison's JSON"),
        ('{"format": 99}', "has format 99, this textseq reads 1"),
        ('{"format": 1, "models": [{}]}', "is not a whole comparison"),
        ('{"format": 1, "models": null}', "is not a whole comparison"),
    ],
)
def test_other_files_are_refused(content, message, tmp_path):
    path = tmp_path / "comparison.json"
    path.write_text(content)
    with pytest.raises(ValueError, match=message):
        Comparison.from_json(path)


def test_clear_winner():
    comparison = make_comparison("multiclass", n_models=5)
    first, second = comparison.headline
    best = comparison.best.name
    assert first.startswith(f"{best} is best: accuracy 0.")
    assert first.endswith("above every other model beyond noise.")
    assert second.startswith("The best cheap baseline, tf-idf + logistic regression, reaches 0.")
    assert "training in 0.90 s instead of 35 s" in second


def test_lead_within_noise_is_called_so():
    first, second = make_comparison("binary").headline
    assert "bigru, lstm, my svm and 1 more is within noise" in first
    assert "is as good as far as 1,000 test texts can tell" in second


def test_no_model_stands_out():
    comparison = make_comparison(n_test=20)
    assert comparison.headline[0].startswith("No model stands out:")


def test_a_winning_baseline_is_called_so():
    comparison = with_scores(make_comparison(n_models=3), **{"tf-idf + logistic regression": [0.9]})
    assert comparison.headline[1].startswith("Nothing beats that cheap baseline; the next best, m")


def test_one_seed_is_called_too_few():
    assert "three or more" in make_comparison(n_seeds=1).headline[-1]
    assert "three or more" not in make_comparison(n_seeds=1, n_models=2).headline[-1]


def test_one_model_alone():
    comparison = make_comparison(n_models=1)
    assert len(comparison.pairs) == 0
    assert comparison.headline == (
        "majority reaches accuracy 0.642; there is no other model to hold it against.",
    )
    assert "majority" in str(comparison)


def test_text_forms():
    comparison = make_comparison()
    assert str(comparison).splitlines()[0].startswith("bilstm scores highest")
    assert repr(comparison).startswith("<Comparison of majority, tf-idf")
    html = comparison._repr_html_()
    assert "<table>" in html
    assert "bilstm" in html
    assert "AUC" in html
    assert "AUC" not in make_comparison("regression")._repr_html_()


def test_notebook_form_is_escaped():
    comparison = make_comparison(n_models=2, warnings=["<script>alert(1)</script>"])
    assert "<script>" not in comparison._repr_html_()


def test_plot_is_a_figure():
    from matplotlib.figure import Figure

    assert isinstance(make_comparison().plot(), Figure)


def test_half_surrogates_are_written(tmp_path):
    comparison = make_comparison(n_models=2, n_test=3, texts=("\ud800 odd", "b", "c"))
    back = Comparison.from_json(comparison.to_json(tmp_path / "comparison.json"))
    assert back.texts == ("? odd", "b", "c")
