"""R itself, in processes of its own, with the package as the checkout has it."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest

from textseq.r import run_r

HAS_R = pytest.mark.usefixtures("r_package")


@HAS_R
def test_values_go_there_and_back_as_they_are(capfd):
    frame = pd.DataFrame(
        {
            "n": pd.array([1, None], "Int64"),
            "ok": pd.array([None, True], "boolean"),
            "x": [0.1, np.nan],
            "text": pd.Series(["z\u00fcg \u4f60", None], dtype=object),
            "f": pd.Categorical(["b", None], ["b", "a"], ordered=True),
            "day": np.array(["2024-02-29", "NaT"], "datetime64[s]"),
            "at": pd.DatetimeIndex(["2024-07-01 12:00:00.25", None], tz="Europe/Lisbon").as_unit(
                "us"
            ),
        }
    )
    code = """
    stopifnot(is.integer(x$n), is.ordered(x$f), inherits(x$day, "Date"), nchar(x$text[1]) == 5)
    list(x = x, many = m, one = one, texts = texts)
    """
    matrix = np.arange(6.0).reshape(2, 3)
    told = run_r(code, {"x": frame, "m": matrix, "one": 7, "texts": ["a", None]})
    back = told["x"].astype({"text": object})
    back["text"] = back["text"].where(back["text"].notna(), None)
    pd.testing.assert_frame_equal(back, frame, check_column_type=False, check_categorical=False)
    assert told["x"]["f"].cat.ordered and told["x"]["f"].cat.categories.tolist() == ["b", "a"]
    assert (told["many"].to_numpy() == matrix).all()
    assert told["one"].tolist() == [7] and told["texts"].isna().tolist() == [False, True]
    assert capfd.readouterr() == ("", "")


@HAS_R
def test_prints_warnings_and_the_last_value(capsys):
    with pytest.warns(UserWarning, match="R: beware") as caught:
        value = run_r("cat('caf\u00e9\\n'); for (i in 1:2) warning('beware'); sum(x) / n\n",
                      {"x": [1, 2, 3], "n": 4})  # fmt: skip
    assert value.item() == 1.5 and len(caught) == 1
    assert capsys.readouterr().out == "caf\u00e9\n"


@HAS_R
def test_the_package_is_attached_and_runs_this_python(monkeypatch, tmp_path):
    monkeypatch.setenv("RETICULATE_PYTHON", "/nowhere/python")
    script = tmp_path / "films.R"
    script.write_text(
        """
        films <- data.frame(text = rep(c("a good film", "a bad film"), 40),
                            label = rep(c("pos", "neg"), 40))
        fit <- text_classifier(label ~ text, films, encoder = "mean", max_epochs = 2,
                               n_threads = 1, verbose = FALSE)
        list(python = textseq_config()$python, history = fit$history)
        """
    )
    told = run_r(script)
    assert told["python"].item() == sys.executable
    assert told["history"]["epoch"].tolist() == [1, 2]


@HAS_R
@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("stop('no way')", "R: no way"),
        ("rlang::abort(c('what', i = 'cure'))", r"R: what\n.*cure"),
        ("x +", "R: .*unexpected end of input"),
        ("function(x) x", "R: a value of class function has no form"),
        ("cat('last words\\n'); quit(status = 3)", r"R ended with status 3 .*\nlast words"),
    ],
)
def test_errors_of_r_are_runtime_errors(code, message):
    with pytest.raises(RuntimeError, match=message):
        run_r(code)


def test_what_is_missing_is_named(monkeypatch):
    for name in ("R_LIBS", "R_LIBS_SITE", "R_LIBS_USER"):
        monkeypatch.setenv(name, "/nowhere")
    with pytest.raises(ImportError, match="R has no package textseq: install it"):
        run_r("1")
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ImportError, match="there is no Rscript on the search path"):
        run_r("1")


@HAS_R
def test_an_interrupt_ends_r_too(tmp_path):
    told = tmp_path / "pid"
    code = (
        "from textseq.r import run_r\n"
        f"run_r('cat(Sys.getpid(), file = \"{told}\"); repeat Sys.sleep(1)')"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 30
    while not (told.exists() and told.read_text()) and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    assert "KeyboardInterrupt" in process.communicate(timeout=30)[1]
    with pytest.raises(ProcessLookupError):
        os.kill(int(told.read_text()), 0)
