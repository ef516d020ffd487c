import copy
import os
import pickle
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pandas as pd
import polars as pl
import pytest
from embedding_server import KEY, WIDTH, vector_of, vectors_of
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline

from textseq import ApiEmbedder
from textseq.embedding.token_counter import TokenCounter

TEXTS = ["a good film", "a bad film", "", "ação", "a good film", "not so bad"]
DISTINCT = 4
PRICES = {"m": 10.0}


@pytest.fixture
def embedder(server, quick):
    return ApiEmbedder("m", base_url=server.url, prices=PRICES, retry_seconds=2.0)


def expected(texts=TEXTS, width=WIDTH):
    return np.stack([vector_of(t, width) if t else np.zeros(width, np.float32) for t in texts])


class TestAsTransformer:
    def test_vectors_are_those_of_the_service(self, embedder):
        vectors = embedder.fit_transform(TEXTS)
        assert vectors.dtype == np.float32 and embedder.dimensions_ == WIDTH
        np.testing.assert_array_equal(vectors, expected())

    @pytest.mark.parametrize(
        "texts",
        [np.array(TEXTS), pd.Series(TEXTS, index=range(9, 15)), pl.Series(TEXTS), tuple(TEXTS)],
        ids=lambda texts: type(texts).__module__,
    )
    def test_texts_in_any_column(self, embedder, texts):
        np.testing.assert_array_equal(embedder.transform(texts), expected())

    def test_clones_copies_and_pickles(self, embedder):
        embedder.set_params(dimensions=3, api_key=KEY)
        unfitted = clone(embedder)
        assert unfitted.get_params() == embedder.get_params()
        assert unfitted.api_key.reveal() == KEY == copy.deepcopy(embedder).api_key.reveal()
        vectors = embedder.transform(TEXTS)
        again = pickle.loads(pickle.dumps(embedder))
        np.testing.assert_array_equal(again.transform(TEXTS), vectors)
        assert again.receipt_["n_embedded"] == DISTINCT and again.receipt_["n_cached"] == DISTINCT

    def test_columns_have_names(self, embedder):
        with pytest.raises(NotFittedError, match="not known before the first transform"):
            embedder.get_feature_names_out()
        frame = embedder.set_output(transform="pandas").transform(pd.DataFrame({"text": TEXTS}))
        assert list(frame.columns) == list(embedder.get_feature_names_out())
        np.testing.assert_array_equal(frame.to_numpy(), expected())
        assert list(clone(embedder).get_feature_names_out()) == list(frame.columns)
        names = ApiEmbedder(dimensions=2).get_feature_names_out()
        assert list(names) == ["dimension0", "dimension1"]

    def test_in_a_pipeline_a_search_and_beside_other_columns(self, server, embedder):
        texts = [f"{word} film {n}" for n in range(20) for word in ("good", "bad")]
        labels = ["pos", "neg"] * 20
        pipeline = make_pipeline(embedder, LogisticRegression(C=100))
        assert cross_val_score(pipeline, texts, labels, cv=3).mean() > 0.8
        assert max(server.counts.values()) == 1 and len(server.counts) == 40
        search = GridSearchCV(pipeline, {"apiembedder__dimensions": [2, 8]}, cv=2)
        assert search.fit(texts, labels).best_params_ == {"apiembedder__dimensions": 8}
        assert max(server.counts.values()) == 3  # of 8, once asked for and once not, and of 2
        frame = pd.DataFrame({"text": texts, "n": 1.0})
        columns = ColumnTransformer([("text", embedder, "text")], remainder="passthrough")
        assert columns.fit_transform(frame).shape == (40, WIDTH + 1)
        assert columns.get_feature_names_out()[-2:].tolist() == ["text__dimension7", "remainder__n"]

    def test_what_is_not_texts(self, embedder):
        for texts, said in [
            ("a", "X is a single string; pass a list of texts"),
            ([], "X is empty"),
            (["a", None], "at row 1; drop those rows"),
            ([("a", "b")], "two texts a row, and each text has a vector of its own"),
        ]:
            with pytest.raises(ValueError, match=said):
                embedder.transform(texts)

    def test_empty_texts_alone(self, server, embedder):
        with pytest.raises(ValueError, match="all texts are empty, .* set dimensions"):
            embedder.transform(["", ""])
        assert not clone(embedder).set_params(dimensions=5).transform(["", ""]).any()
        embedder.transform(["a"])
        assert embedder.transform(["", ""]).shape == (2, WIDTH)
        assert server.texts == [["a"]]


class TestWhatIsAsked:
    def test_each_text_once(self, server, embedder):
        for _ in range(2):
            embedder.transform(TEXTS)
        clone(embedder).transform(TEXTS[::-1])
        assert server.texts == [["a good film", "a bad film", "ação", "not so bad"]]
        embedder.transform([*TEXTS, "new"])
        assert server.texts[1:] == [["new"]]
        assert {(body["model"], body["encoding_format"]) for body in server.bodies} == {
            ("m", "base64")
        }

    def test_within_the_limits(self, server, embedder):
        texts = [f"text number {number}" for number in range(10)]
        embedder.set_params(max_request_texts=4, max_concurrency=1).transform(texts)
        assert [len(request) for request in server.texts] == [4, 4, 2]
        server.texts.clear()
        each = TokenCounter().count(texts[:1])[0]
        more = [f"text number {number}" for number in range(90, 99)]
        embedder.set_params(max_request_tokens=3 * each, max_request_texts=99).transform(more)
        assert [len(request) for request in server.texts] == [3, 3, 3]

    def test_counts_may_be_whole_floats_as_r_sends_them(self, server, embedder):
        limits = ("max_tokens", "max_request_tokens", "max_request_texts", "max_concurrency")
        embedder.set_params(truncate=True, **dict.fromkeys(limits, 2.0)).transform(["a", "x" * 9])
        assert sorted(sum(server.texts, [])) == ["a", "x" * 7]

    def test_dimensions(self, server, embedder):
        embedder.set_params(dimensions=3.0)
        np.testing.assert_array_equal(embedder.transform(TEXTS), expected(width=3))
        assert server.bodies[0]["dimensions"] == 3
        np.testing.assert_array_equal(
            clone(embedder).set_params(dimensions=None).transform(TEXTS), expected()
        )
        assert "dimensions" not in server.bodies[1]

    def test_the_key(self, server, embedder, monkeypatch):
        embedder.transform(["a"])
        monkeypatch.setenv("OPENAI_API_KEY", "sk-of-the-environment")
        embedder.transform(["b"])
        embedder.set_params(api_key="sk-of-the-caller").transform(["c"])
        assert server.keys == [
            "Bearer none", "Bearer sk-of-the-environment", "Bearer sk-of-the-caller",
        ]  # fmt: skip

    def test_the_address_of_the_environment(self, server, embedder, monkeypatch):
        monkeypatch.setenv("OPENAI_BASE_URL", f"{server.url}/")
        ApiEmbedder("m").transform(["a"])
        embedder.transform(["a"])
        assert len(server.texts) == 1

    def test_no_key_for_the_official_address(self):
        embedder = ApiEmbedder()
        for ask in (lambda: embedder.transform(["a"]), embedder.check_parameters):
            with pytest.raises(ValueError, match=r"no key for https://api.openai.com/v1: set the"):
                ask()
        assert embedder.estimate(["a"]).n_requests == 1
        ApiEmbedder(base_url="http://localhost/v1").check_parameters()


class TestTooLong:
    LONG = "word " * 100

    def test_refused_before_anything_is_asked(self, server, embedder):
        embedder.set_params(max_tokens=50)
        texts = ["short", self.LONG, self.LONG, self.LONG + "er"]
        with pytest.raises(ValueError, match="has 3 texts of more than max_tokens=50 tokens; that "
            "at row 3 has about 144; cut them with truncate=True"):  # fmt: skip
            embedder.transform(texts)
        with pytest.raises(ValueError, match="3 texts of more than"):
            embedder.estimate(texts)
        assert server.texts == []

    def test_cut(self, server, embedder):
        embedder.set_params(max_tokens=50, truncate=True)
        texts = ["short", self.LONG, self.LONG + "er"]
        vectors = embedder.transform(texts)
        start = self.LONG[:175]
        assert server.texts == [["short", start]]
        np.testing.assert_array_equal(vectors, vectors_of(["short", start, start]))
        assert embedder.receipt_["n_cut"] == 2
        embedder.set_params(truncate=False).transform([start])
        assert len(server.texts) == 1

    def test_the_limit_itself_is_not_too_long(self, server, embedder):
        embedder.set_params(max_tokens=2).transform(["x" * 7])
        with pytest.raises(ValueError, match="1 texts of more than max_tokens=2"):
            embedder.transform(["x" * 8])


class TestEstimateAndReceipt:
    def test_before_and_after(self, server, embedder):
        n_tokens = TokenCounter().count(TEXTS)[[0, 1, 3, 5]].sum()
        estimate = embedder.estimate(TEXTS)
        assert estimate == embedder.estimate(TEXTS) and server.texts == []
        assert (estimate.n_texts, estimate.n_distinct, estimate.n_cached) == (6, DISTINCT, 0)
        assert (estimate.n_requests, estimate.n_tokens) == (1, n_tokens)
        assert estimate.price == pytest.approx(n_tokens * 1e-5)
        assert "estimated from the characters" in str(estimate) and "USD" in str(estimate)
        embedder.transform(TEXTS[:2])
        later = embedder.estimate(TEXTS)
        assert (later.n_cached, later.n_requests) == (2, 1)
        embedder.transform(TEXTS)
        done = embedder.estimate(TEXTS)
        assert (done.n_cached, done.n_requests, done.n_tokens, done.price) == (DISTINCT, 0, 0, 0)

    def test_batches_that_it_foresees_are_those_that_are_sent(self, server, embedder):
        texts = [f"text {'more ' * (number % 7)}{number}" for number in range(100)]
        embedder.set_params(max_request_tokens=40, max_request_texts=7)
        foreseen = embedder.estimate(texts).n_requests
        embedder.transform(texts)
        assert len(server.texts) == foreseen > 15

    def test_the_receipt_counts_as_the_service_does(self, server, embedder):
        server.faults = ["status 429 retry-after-ms=1", "fewer"]
        embedder.fit(TEXTS).transform(TEXTS)
        receipt = embedder.receipt_
        words = 3 + 3 + 1 + 3
        assert (receipt["n_requests"], receipt["n_retries"]) == (3, 2)
        # An answer of no use is paid for, too.
        assert receipt["n_tokens"] == 2 * words
        assert receipt["price"] == pytest.approx(2 * words * 1e-5)
        assert (receipt["n_texts"], receipt["n_embedded"], receipt["n_cached"]) == (6, DISTINCT, 0)
        assert receipt["seconds"] > 0 and receipt["cached_price"] == 0
        embedder.transform([*TEXTS, "new"])
        more = embedder.receipt_
        assert (more["n_texts"], more["n_embedded"], more["n_cached"]) == (13, DISTINCT + 1, 4)
        assert more["n_cached_tokens"] == pytest.approx(words)
        assert more["cached_price"] == pytest.approx(words * 1e-5)
        assert embedder.fit().receipt_["n_texts"] == 0

    def test_a_service_that_counts_nothing(self, server, embedder):
        server.usage = False
        embedder.transform(TEXTS)
        assert embedder.receipt_["n_tokens"] == TokenCounter().count(sorted(set(TEXTS))).sum()

    def test_a_price_that_nobody_knows(self, server, embedder):
        embedder.set_params(prices=None)
        assert embedder.estimate(TEXTS).price is None
        assert "price not known" in str(embedder.estimate(TEXTS))
        embedder.transform(TEXTS)
        assert embedder.receipt_["price"] is None is embedder.receipt_["cached_price"]

    def test_a_receipt_is_of_one_service(self, server, embedder):
        embedder.transform(["a"])
        embedder.set_params(model="n").transform(["b", "c"])
        assert (embedder.receipt_["model"], embedder.receipt_["n_texts"]) == ("n", 2)

    def test_what_was_paid_before_an_error_is_on_it(self, server, embedder):
        server.faults = [None, "status 400"]
        embedder.set_params(max_request_texts=1, max_concurrency=1)
        with pytest.raises(ValueError):
            embedder.transform(["one", "two", "three"])
        receipt = embedder.receipt_
        assert (receipt["n_requests"], receipt["n_embedded"], receipt["n_tokens"]) == (2, 1, 1)


class TestFaults:
    def test_what_was_got_is_kept(self, server, embedder):
        server.faults = [None, *["status 503"] * 999]
        texts = [f"text {number}" for number in range(10)]
        embedder.set_params(max_request_texts=4, max_concurrency=1, retry_seconds=0.2)
        with pytest.raises(ConnectionError) as caught:
            embedder.transform(texts)
        assert str(caught.value) == (
            f"the embedding service at {server.url} answered with error code: 503 - as ordered "
            "(retry_seconds=0.2); 4 of 10 texts are in the cache and are not asked for again; try "
            "again later"
        )
        server.faults.clear()
        server.texts.clear()
        np.testing.assert_array_equal(embedder.transform(texts), vectors_of(texts))
        assert server.texts == [texts[4:8], texts[8:]]

    def test_what_is_refused_is_a_value_error(self, server, embedder):
        server.faults = ["status 401"]
        with pytest.raises(ValueError, match="error code: 401 .* set the environment variable"):
            embedder.transform(TEXTS)
        np.testing.assert_array_equal(embedder.transform(TEXTS), expected())

    def test_a_service_that_heeds_no_dimensions(self, server, embedder):
        server.faults = ["wide"]
        with pytest.raises(ValueError, match=f"vectors of {WIDTH + 1} numbers, not of 5, as "
            "dimensions=5 asks for; .* leave dimensions out"):  # fmt: skip
            embedder.set_params(dimensions=5).transform(TEXTS)
        assert embedder.estimate(TEXTS).n_cached == 0

    def test_another_model_under_the_same_name(self, server, embedder):
        embedder.transform(["a"])
        server.faults = ["wide"]
        with pytest.raises(ValueError, match=r"not of 8, as those in the cache: .* delete '.*'"):
            embedder.transform(["b"])
        np.testing.assert_array_equal(embedder.transform(["a", "b"]), vectors_of(["a", "b"]))

    @pytest.mark.parametrize("fault", ["wide", "nan", "fewer", "reset", "status 500"])
    def test_batches_of_which_one_fails(self, server, embedder, fault):
        texts = [f"text {number}" for number in range(40)]
        server.faults = [None, None, fault]
        embedder.set_params(max_request_texts=4)
        if fault == "wide":
            # The first answer to come in says how many numbers the others must have.
            embedder.set_params(max_concurrency=1)
            with pytest.raises(ValueError):
                embedder.transform(texts)
        np.testing.assert_array_equal(embedder.transform(texts), vectors_of(texts))
        again = {text for text, count in server.counts.items() if count > 1}
        assert len(again) <= 4 and max(server.counts.values()) <= 2

    def test_a_cache_that_is_deleted_meanwhile(self, server, embedder, tmp_path):
        embedder.transform(TEXTS)
        for path in (tmp_path / "cache" / "embeddings").iterdir():
            path.unlink()
        np.testing.assert_array_equal(embedder.transform(TEXTS), expected())
        assert len(server.texts) == 2


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"model": ""}, "model must be the name"),
        ({"model": 3}, "model must be the name"),
        ({"dimensions": 0}, "dimensions must be a whole number of at least 1"),
        ({"base_url": "localhost:8080/v1"}, "base_url must be an address such as"),
        ({"base_url": "file:///v1"}, "base_url must be an address such as"),
        ({"encoding_format": "float16"}, "unknown encoding_format 'float16'; did you mean 'float'"),
        ({"max_tokens": 0}, "max_tokens must be"),
        ({"truncate": "no"}, "truncate must be True or False"),
        ({"max_request_tokens": 0}, "max_request_tokens must be"),
        ({"max_request_texts": 0.5}, "max_request_texts must be"),
        ({"max_concurrency": 0}, "max_concurrency must be"),
        ({"timeout": 0}, "timeout must be"),
        ({"retry_seconds": -1}, "retry_seconds must be"),
        ({"base_url": 8080}, "base_url must be an address such as"),
        ({"prices": [0.1]}, "prices must be a dict of US dollars by model, got"),
        ({"prices": {"m": "cheap"}}, "the price of 'm' must be"),
    ],
    ids=str,
)
def test_values_that_are_refused(server, parameters, said):
    embedder = ApiEmbedder(**{"model": "m", "base_url": server.url} | parameters)
    uses = (embedder.fit, embedder.check_parameters)
    texts = (lambda: embedder.transform(["a"]), lambda: embedder.estimate(["a"]))
    for use in uses + texts:
        with pytest.raises(ValueError, match=said):
            use()
    assert server.texts == []


@pytest.mark.parametrize(
    "address",
    ["http://user:hidden@localhost/v1", "http://localhost/v1?key=hidden", "http://a/v1#hidden"],
)
def test_an_address_that_may_hold_a_key_is_not_shown(address):
    with pytest.raises(ValueError, match="base_url holds a user name") as caught:
        ApiEmbedder(base_url=address).fit()
    assert "hidden" not in str(caught.value)


def test_without_the_extra(monkeypatch, server, embedder):
    embedder.transform(["a"])
    monkeypatch.setitem(sys.modules, "openai", None)
    assert embedder.transform(["a"]).shape == (1, WIDTH)
    with pytest.raises(ImportError, match=r'official client: pip install "textseq\[openai\]"'):
        embedder.transform(["b"])
    with pytest.raises(ImportError, match="official client"):
        ApiEmbedder(base_url="http://localhost/v1", api_key="k").check_parameters()


def test_the_client_is_read_by_what_asks_alone():
    code = (
        "import sys, textseq; embedder = textseq.ApiEmbedder(base_url='http://localhost/v1'); "
        "import textseq.comparison.scores.compare; assert 'tiktoken' not in sys.modules; "
        "embedder.fit(['a']).estimate(['a']); embedder.check_parameters(); "
        "assert not {'openai', 'httpx2'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


EMBEDDING = """
import sys
import time
from pathlib import Path
import numpy as np
from textseq import ApiEmbedder
embedder = ApiEmbedder("m", base_url=sys.argv[1], max_request_texts=3, timeout=20.0)
first, last = int(sys.argv[2]), int(sys.argv[3])
texts = [f"text {number}" for number in range(first, last)]
print("ready", flush=True)
while not Path("go").exists():
    time.sleep(0.002)
np.save(sys.argv[4], embedder.transform(texts))
print(embedder.receipt_["n_embedded"], flush=True)
"""


def start(server, first, last, out):
    command = [sys.executable, "-c", EMBEDDING, server.url, str(first), str(last), str(out)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "ready\n"
    return process


def numbered(first, last):
    return [f"text {number}" for number in range(first, last)]


class TestSeveralProcesses:
    def test_what_two_need_is_paid_for_once(self, server, tmp_path):
        server.seconds = 0.02
        spans = [(0, 40), (0, 40), (20, 60)]
        started = [
            start(server, *span, tmp_path / f"{number}.npy") for number, span in enumerate(spans)
        ]
        (tmp_path / "go").touch()
        paid = [int(process.communicate(timeout=60)[0]) for process in started]
        assert sum(paid) == 60 and dict(server.counts) == dict.fromkeys(numbered(0, 60), 1)
        for number, span in enumerate(spans):
            vectors = np.load(tmp_path / f"{number}.npy")
            np.testing.assert_array_equal(vectors, vectors_of(numbered(*span)))

    def test_so_is_what_two_threads_need(self, server, embedder):
        server.seconds = 0.02
        texts, found = numbered(0, 30), []
        threads = [
            threading.Thread(target=lambda: found.append(clone(embedder).transform(texts)))
            for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(found) == 4 and dict(server.counts) == dict.fromkeys(texts, 1)
        for vectors in found:
            np.testing.assert_array_equal(vectors, vectors_of(texts))

    @pytest.mark.parametrize("n_requests", [1, 4, 9, 15])
    def test_after_a_kill_only_what_was_not_kept_is_asked_for(self, server, tmp_path, n_requests):
        server.seconds = 0.03
        process = start(server, 0, 60, tmp_path / "never.npy")
        (tmp_path / "go").touch()
        deadline = time.monotonic() + 30
        while len(server.texts) < n_requests and time.monotonic() < deadline:
            time.sleep(0.001)
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        time.sleep(1.0)  # until the server has noted what was on its way
        first = server.counts
        embedder = ApiEmbedder("m", base_url=server.url, max_request_texts=3)
        kept = embedder.estimate(numbered(0, 60)).n_cached
        # Three texts each in four requests may have been on their way.
        assert sum(first.values()) - 12 <= kept <= sum(first.values())
        server.texts.clear()
        vectors = embedder.transform(numbered(0, 60))
        np.testing.assert_array_equal(vectors, vectors_of(numbered(0, 60)))
        assert sum(server.counts.values()) == 60 - kept == embedder.receipt_["n_embedded"]
        assert max(server.counts.values()) == 1

    def test_one_that_waits_hears_an_interrupt(self, server, tmp_path):
        server.seconds = 0.5
        first = start(server, 0, 30, tmp_path / "first.npy")
        second = start(server, 0, 30, tmp_path / "second.npy")
        (tmp_path / "go").touch()
        while not server.texts:
            time.sleep(0.01)
        # Either may be the one that waits; both end.
        for process in (first, second):
            process.send_signal(signal.SIGINT)
        for process in (first, second):
            assert process.wait(60) != 0
            process.stdout.close()
        assert len(server.texts) < 10
