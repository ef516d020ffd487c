"""R inside of Python inside of R, and the other way round: told, and not crashed."""

import os
import subprocess
import sys

import pytest

R_IN_PYTHON_IN_R = """
py <- reticulate::py_run_string("
from textseq import compare, load_sample
from textseq.r import r_dataset
from textseq.series.baselines import forecast_baseline
from textseq.series.panel import read_panel
import sys

def told(name):
    try:
        if name == 'r_dataset':
            return r_dataset('women')['height'].tolist()
        if name == 'forecast':
            panel = read_panel(load_sample('airpassengers'))
            return forecast_baseline('r_ets', panel, 1).mean.tolist()
        return compare(['a b', 'c d'] * 10, ['x', 'y'] * 10, [], baselines='r').receipt['seeds']
    except RuntimeError as error:
        assert 'rpy2' not in sys.modules
        return 'refused: ' + str(error)
")
new <- packageVersion("reticulate") >= "1.41"
for (name in c("r_dataset", "forecast", "compare")) {
  told <- py$told(name)
  refused <- grepl("^refused: .* with reticulate 1[.][0-9]+.* ends the process", told[[1]])
  stopifnot(if (new) !is.character(told) else refused)
}
cat("told\\n")
"""
PYTHON_IN_R_IN_PYTHON = """
from rpy2.rinterface_lib.embedded import RRuntimeError
from rpy2.robjects import r
from rpy2.robjects.packages import importr

package = importr("textseq")
new = r('packageVersion("reticulate") >= "1.41"')[0]
# What needs no Python works.
assert r('textseq:::formula_columns(y ~ x, data.frame(x = 1, y = 2))$outcome')[0] == "y"
assert r('textseq:::wire_decode(textseq:::wire_encode(c(1L, NA)))')[0] == 1
assert package.textseq_available()[0] == new
caught = r('''tryCatch({ textseq::textseq_config(); "none" },
                       textseq_two_pythons = function(cause) conditionMessage(cause))''')[0]
assert new or "R runs inside of Python (rpy2)" in caught and "textseq.r.run_r()" in caught, caught
if not new:
    try:
        package.text_classifier(r('c("a", "b")'), r('factor(c("x", "y"))'))
    except RRuntimeError:
        print("told")
else:
    print("told")
"""


def test_python_inside_of_r_calls_no_r(monkeypatch):
    monkeypatch.setenv("RETICULATE_PYTHON", sys.executable)
    out = subprocess.run(
        ["Rscript", "-e", R_IN_PYTHON_IN_R], capture_output=True, text=True, check=False
    )
    assert out.returncode == 0 and out.stdout.endswith("told\n"), out.stderr


@pytest.mark.usefixtures("r_package")
def test_r_inside_of_python_starts_no_python():
    out = subprocess.run(
        [sys.executable, "-c", PYTHON_IN_R_IN_PYTHON],
        env=os.environ | {"TEXTSEQ_PYTHON": sys.executable},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert out.returncode == 0 and out.stdout.endswith("told\n"), out.stderr
