"""The page's script forecasts windows as Python does."""

import numpy as np
import pandas as pd
import pytest
import torch

from textseq import Forecaster

RNG = np.random.default_rng(0)
N = 60


def frame(n_series=20, missing=False, **covariates):
    parts = []
    for number in range(n_series):
        t = np.arange(N - 3 * (number % 4))
        y = 10 * (number + 1) + 3 * np.sin(2 * np.pi * t / 6) + RNG.normal(size=len(t))
        if missing:
            y[[5, len(t) - 2]] = np.nan
        part = pd.DataFrame({"unique_id": f"s{number:02}", "ds": t, "y": y})
        part["other"] = y[::-1]
        for name in covariates.get("columns", ()):
            part[name] = RNG.normal(size=len(t))
        part["size"] = float(number)
        parts.append(part)
    return pd.concat(parts)


SMALL = {
    "h": 4, "hidden_size": 5, "input_size": 13, "season_length": 6, "max_epochs": 2,
    "random_state": 0, "n_threads": 1,
}  # fmt: skip
PARAMETERS = {
    "lstm, all paths": ({"encoder": "lstm"}, {}),
    "gru, last": ({"encoder": "gru", "window_scaling": "last", "skip": None}, {}),
    "bilstm, unscaled": ({"encoder": "bilstm", "window_scaling": None, "skip": "seasonal"}, {}),
    "mean, seasonal": ({"encoder": "mean", "window_scaling": "seasonal", "skip": "linear"}, {}),
    "tcn, quantiles": ({"encoder": "tcn", "loss": "quantile", "fold": 3}, {}),
    "decoder": ({"encoder": "rnn", "strategy": "seq2seq", "loss": "quantile"}, {}),
    "lstm decoder": ({"encoder": "lstm", "strategy": "seq2seq"}, {"future": ["known"]}),
    "recursive": ({"encoder": "gru", "strategy": "recursive"}, {}),
    "covariates": (
        {"encoder": "janet"},
        {"past": ["seen"], "future": ["known"], "static": ["size"]},
    ),
    "two targets": ({"encoder": "gru"}, {"target_col": ["y", "other"]}),
}
FORECAST = "return model.examples.map((e) => model.run(model.read(e.input)).forecast);"


def middle(found):
    """The middle quantile (targets, steps) of forecasts (steps, targets, quantiles)."""
    return np.array([[q[len(q) // 2] for q in step] for step in found]).T


@pytest.mark.parametrize("name", PARAMETERS)
def test_windows_are_forecast_as_in_python(page, name):
    own, columns = PARAMETERS[name]
    names = [*columns.get("past", ()), *columns.get("future", ())]
    df = frame(missing=name in ("lstm, all paths", "recursive"), columns=names)
    model = Forecaster(**{**SMALL, **own}).fit(df, **columns)
    for X in (df, None):
        form = page.open(model, X)
        expected = [one["prediction"] for one in form["examples"]]
        assert len(expected) == 20
        found = page.ask(FORECAST)
        for one, said in zip(found, expected, strict=True):
            np.testing.assert_allclose(middle(one), said, rtol=1e-5)
        known = X is not None or "future" in columns
        assert (form["examples"][0]["target"] is not None) is known
    if not columns:
        said = model.predict(level=None)[model.name].to_numpy().reshape(-1, 4)
        np.testing.assert_allclose([one[0] for one in expected], said, rtol=1e-6)


def test_a_number_of_the_window_can_be_changed(page):
    df = frame()
    model = Forecaster(**SMALL, encoder="gru").fit(df)
    page.open(model)
    last = df[df.unique_id == "s00"].copy()
    last.loc[last.index[-3], "y"] += 5
    (said,) = page.ask(
        """
        const input = structuredClone(model.examples[0].input);
        input.values[0][input.values[0].length - 3] += 5;
        return [model.run(model.read(input)).answer.map((a) => a.value)];
        """
    )
    expected = model.predict(df=last, level=None)[model.name]
    np.testing.assert_allclose(said, expected, rtol=1e-5)


def test_gradients_are_those_of_autograd(page):
    model = Forecaster(**SMALL, encoder="bigru").fit(frame())
    page.open(model)
    found = page.ask("return model.gradient(model.run(model.read(model.examples[0].input)), 0, 2);")
    network = model.network_.double()
    steps = page.ask(
        "return model.reader.steps(model.read(model.examples[0].input).rows)"
        ".vectors.map((x) => Array.from(x));"
    )
    x = torch.tensor(steps, dtype=torch.float64)[None].requires_grad_()
    lengths = torch.tensor([x.shape[1]])
    outputs = network.head(network.pooling(network.encoder(x, lengths), lengths))
    window = torch.tensor(
        page.ask("return model.reader.steps(model.read(model.examples[0].input).rows).targets;"),
        dtype=torch.float64,
    ).T[None].requires_grad_()  # fmt: skip
    own, logits = outputs.tensor_split([4], dim=1)
    base = network._base(window, torch.tensor([13]), logits, 4)
    (own[0, 2] + base[0, 2, 0]).backward()
    np.testing.assert_allclose(found["x"], x.grad[0].norm(dim=1), rtol=1e-4, atol=1e-8)
