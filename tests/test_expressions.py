import json
import multiprocessing
import os
import re
import subprocess
import sys
import urllib.request
from pathlib import Path

import joblib
import polars as pl
import pytest

from textseq import Tokenizer
from textseq.expressions import evaluate

TEXTS = ["good film, café", "bad it’s 🙂 電影"] * 20
SERVER = """
import json
from textseq import TextClassifier

texts, labels = ["good film, café", "bad it’s 🙂 電影"] * 20, ["p", "n"] * 20
model = TextClassifier(
    "char", encoder="mean", hidden_size=4, max_epochs=1, n_threads=1, random_state=0
).fit(texts, labels)
model.predict(texts)


def answer(environ, start_response):
    text = environ["wsgi.input"].read().decode()
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps(model.predict([text]).tolist()).encode()]
"""


@pytest.mark.parametrize("data", [TEXTS, [], [""]])
def test_an_expression_gives_what_polars_gives(data):
    series = pl.Series("t", data, dtype=pl.String)
    pattern = r"\p{L}+"
    found = evaluate(series, pl.first().str.extract_all(pattern))
    assert found.equals(series.str.extract_all(pattern))
    assert found.name == "t"


def test_every_model_learns_and_answers_in_a_forked_process(tmp_path):
    script = Path(__file__).with_name("forked.py")
    ran = subprocess.run(
        [sys.executable, script, tmp_path], capture_output=True, text=True, timeout=500
    )
    assert ran.stdout.splitlines()[-1:] == ["failed: []"], ran.stderr[-4000:] + ran.stdout


def test_a_preloaded_gunicorn_answers_a_text_with_an_accent(tmp_path):
    (tmp_path / "served.py").write_text(SERVER, encoding="utf-8")
    server = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "--preload", "-b", "127.0.0.1:0", "served:answer"],
        cwd=tmp_path,
        env={**os.environ, "HOME": str(tmp_path)},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        said = []
        for line in server.stderr:
            said.append(line)
            if address := re.search(r"Listening at: (http://\S+)", line):
                break
        else:
            pytest.fail("".join(said))
        # Straight to it, whatever proxy the machine has.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        request = urllib.request.Request(address[1], data="it’s a good café 🙂".encode())
        with opener.open(request, timeout=100) as response:
            assert json.load(response) in (["p"], ["n"])
    finally:
        server.terminate()
        server.stderr.close()
        server.wait(60)


def test_pools_of_forked_workers_cut_texts():
    tokenizer = Tokenizer("char")
    here = tokenizer.tokenize(TEXTS).to_lists()
    with multiprocessing.get_context("fork").Pool(1) as pool:
        assert pool.apply_async(_lists, (tokenizer, TEXTS)).get(100) == here
    with joblib.parallel_config("multiprocessing", n_jobs=2):
        assert joblib.Parallel()(joblib.delayed(_lists)(tokenizer, TEXTS) for _ in "ab") == [
            here,
            here,
        ]


def _lists(tokenizer, texts):
    return tokenizer.tokenize(texts).to_lists()
