import os
import random
import signal
import threading
import time

import numpy as np
import pytest
from embedding_server import KEY, WIDTH, vectors_of
from hypothesis import given
from hypothesis import strategies as st

from textseq.embedding import requests
from textseq.embedding.api_key import ApiKey
from textseq.embedding.requests import EmbeddingRequests, split_batches

TEXTS = [f"text {number}" for number in range(12)]


class Kept:
    """What came of requests."""

    def __init__(self):
        self.vectors, self.batches = {}, []

    def __call__(self, batch):
        self.batches.append(batch)
        for rows, n_tokens, vectors in batch.found:
            assert len(rows) == len(n_tokens) == len(vectors)
            for row, vector in zip(rows.tolist(), vectors, strict=True):
                assert row not in self.vectors
                self.vectors[row] = vector

    @property
    def n_requests(self):
        return sum(batch.n_requests for batch in self.batches)

    def are_all(self, texts=TEXTS):
        return sorted(self.vectors) == list(range(len(texts))) and np.array_equal(
            [self.vectors[row] for row in range(len(texts))], vectors_of(texts)
        )


def run(server, texts=TEXTS, size=4, keep=None, **options):
    """Ask for texts, and return what was kept with the fault."""
    settings = {
        "encoding_format": "base64",
        "max_concurrency": 1,
        "timeout": 5.0,
        "retry_seconds": 5.0,
    }
    key = ApiKey(KEY)
    asking = EmbeddingRequests("m", None, server.url, key, **settings | options)
    kept = Kept() if keep is None else keep
    counted = np.full(len(texts), 3)
    return kept, asking.run(split_batches(texts, counted, 10**6, size), kept)


@given(st.lists(st.integers(0, 9), max_size=30), st.integers(1, 20), st.integers(1, 6))
def test_batches_have_all_texts_in_their_order_within_the_limits(sizes, most_tokens, most_texts):
    texts = [str(number) for number in range(len(sizes))]
    batches = list(split_batches(texts, np.array(sizes, dtype=int), most_tokens, most_texts))
    assert [text for batch in batches for text in batch.texts] == texts
    assert [row for batch in batches for row in batch.rows.tolist()] == list(range(len(texts)))
    for batch in batches:
        n_tokens = sum(sizes[row] for row in batch.rows)
        assert 1 <= len(batch.texts) <= most_texts
        assert n_tokens <= most_tokens or len(batch.texts) == 1
    # No batch could have taken the next text.
    for one, other in zip(batches, batches[1:], strict=False):
        with_next = sum(sizes[row] for row in one.rows) + sizes[other.rows[0]]
        assert len(one.texts) == most_texts or with_next > most_tokens


@pytest.mark.parametrize("encoding_format", ["base64", "float"])
def test_all_texts_are_asked_for_once(server, encoding_format):
    kept, fault = run(server, encoding_format=encoding_format)
    assert fault is None and kept.are_all()
    assert server.texts == [TEXTS[:4], TEXTS[4:8], TEXTS[8:]]
    assert {body["encoding_format"] for body in server.bodies} == {encoding_format}


def test_several_requests_are_on_their_way_at_once_but_no_more(server):
    server.seconds = 0.05
    texts = [f"text {number}" for number in range(24)]
    kept, fault = run(server, texts, size=1, max_concurrency=3)
    assert fault is None and kept.are_all(texts)
    assert server.most_running == 3
    assert max(server.counts.values()) == 1


# What passes: nothing is lost, and only what was not answered is asked for again.
PASSING = [
    "status 429",
    "status 429 retry-after=0",
    "status 500",
    "status 503",
    "status 408",
    "reset",
    "truncated",
    "no json",
    "fewer",
    "more",
    "same index",
    "no index",
    "uneven",
    "empty vector",
    "no numbers",
    "error as answer",
]


@pytest.mark.parametrize("fault", PASSING)
def test_a_fault_that_passes(server, quick, fault):
    server.faults = [None, fault]
    kept, given_up = run(server)
    assert given_up is None and kept.are_all()
    assert server.texts == [TEXTS[:4], TEXTS[4:8], TEXTS[4:8], TEXTS[8:]]
    assert kept.n_requests == 4


@pytest.mark.parametrize("fault", ["nan", "nan as floats", "beyond float32"])
def test_what_is_no_number_is_asked_for_again_alone(server, quick, fault):
    server.faults = [fault]
    kept, given_up = run(server, TEXTS[:4])
    assert given_up is None and kept.are_all(TEXTS[:4])
    assert server.texts == [TEXTS[:4], TEXTS[3:4]]


def test_vectors_out_of_order(server):
    server.faults = ["shuffled"]
    kept, _ = run(server, TEXTS[:4])
    assert kept.are_all(TEXTS[:4]) and len(server.texts) == 1


def test_a_slow_answer_is_not_waited_for(server, quick):
    server.faults = ["slow"]
    kept, fault = run(server, TEXTS[:4], timeout=1.0)
    assert fault is None and kept.are_all(TEXTS[:4])
    assert len(server.texts) == 2
    server.faults = ["slow"] * 9
    _, fault = run(server, TEXTS[:4], timeout=0.05, retry_seconds=0.1)
    assert "did not answer in time" in fault.said and fault.remedy == "raise timeout"


def waits(server):
    return np.diff(server.times)


@pytest.mark.parametrize("header", ["retry-after=0.3", "retry-after-ms=300"])
def test_as_long_as_the_service_asks(server, quick, header):
    server.faults = [f"status 429 {header}"]
    kept, fault = run(server, TEXTS[:4])
    assert fault is None and kept.are_all(TEXTS[:4])
    assert 0.3 <= waits(server)[0] < 10


def test_no_other_request_is_sent_while_the_service_asks_to_wait(server, quick):
    server.faults = ["status 429 retry-after=0.4", None, None]
    server.seconds = 0.02
    kept, fault = run(server, size=1, max_concurrency=2)
    assert fault is None and kept.are_all()
    # The second was on its way already, and on a busy machine the one behind it.
    late = np.array(server.times[2:]) - server.times[0]
    assert np.sort(late)[1] >= 0.4 and len(late) >= 8


def test_the_wait_doubles_where_the_service_does_not_tell(server, monkeypatch):
    monkeypatch.setattr(requests, "_FIRST_DELAY", 0.05)
    server.faults = ["status 429"] * 4
    kept, fault = run(server, TEXTS[:4])
    assert fault is None
    bounds = 0.05 * 2.0 ** np.arange(4)
    assert (waits(server) >= 0.75 * bounds).all()
    assert (waits(server) < bounds + 5).all()


def test_given_up_after_its_time(server, quick):
    server.faults = [None, *["status 500"] * 999]
    started = time.monotonic()
    kept, fault = run(server, retry_seconds=0.5)
    assert 0.2 < time.monotonic() - started < 30
    assert fault.kind == "transient"
    assert (
        "answered with error code: 500 - as ordered" in fault.said
        and "retry_seconds=0.5" in fault.said
    )
    # What was got is kept, and what comes after it is not asked for.
    assert sorted(kept.vectors) == [0, 1, 2, 3]
    assert server.texts[1:] == [TEXTS[4:8]] * (len(server.texts) - 1)


def test_a_wait_beyond_the_time_is_given_up_at_once(server):
    server.faults = ["status 429 retry-after=3600"]
    started = time.monotonic()
    _, fault = run(server)
    assert time.monotonic() - started < 60
    assert "asks to wait 3,600 s (retry_seconds=5)" in fault.said
    assert len(server.texts) == 1


def test_an_answer_of_no_use_is_paid_for_a_few_times_only(server, quick):
    server.faults = ["fewer"] * 99
    kept, fault = run(server)
    assert fault.kind == "malformed" and "3 vectors for 4 texts" in fault.said
    assert len(server.texts) == 3 and not kept.vectors
    assert sum(batch.paid_tokens for batch in kept.batches) == 3 * 8


def test_vectors_beside_one_that_is_never_a_number_are_kept(server, quick):
    server.faults = ["nan"] * 99
    kept, fault = run(server, TEXTS[:4])
    assert fault.said == "answered with NaN in 1 vectors"
    assert sorted(kept.vectors) == [0, 1, 2]
    assert server.texts == [TEXTS[:4], TEXTS[3:4], TEXTS[3:4]]


@pytest.mark.parametrize(
    ("fault", "remedy"),
    [
        ("status 400", "lower max_tokens"),
        ("status 401", "OPENAI_API_KEY"),
        ("status 403", "may ask for this model"),
        ("status 404", "model and base_url"),
        ("status 413", "lower max_tokens"),
        ("status 429 code=insufficient_quota", "add credit"),
        ("status 418", "change what is asked for"),
        ("status 500 x-should-retry=false", "change what is asked for"),
    ],
)
def test_what_would_come_back_is_not_asked_again(server, fault, remedy):
    server.faults = [None, fault]
    kept, given_up = run(server)
    assert given_up.kind == "final" and remedy in given_up.remedy
    assert len(server.texts) == 2 and sorted(kept.vectors) == [0, 1, 2, 3]


def test_what_was_on_its_way_is_kept_when_another_is_given_up(server):
    server.faults = ["status 400", "slow", "slow"]
    server.seconds = 0.5  # all three are there before the first is refused
    kept, fault = run(server, max_concurrency=3)
    assert fault.kind == "final"
    asked = {tuple(texts) for texts in server.texts}
    assert asked == {tuple(TEXTS[:4]), tuple(TEXTS[4:8]), tuple(TEXTS[8:])}
    assert len(kept.vectors) == 8


def interrupt_after(server, n_requests):
    """Interrupt this process once a server has been asked so many times."""

    def watch():
        while len(server.texts) < n_requests:
            time.sleep(0.005)
        os.kill(os.getpid(), signal.SIGINT)

    watcher = threading.Thread(target=watch)
    watcher.start()
    return watcher


def test_an_interrupt_keeps_what_was_on_its_way(server):
    server.seconds = 0.2
    kept = Kept()
    watcher = interrupt_after(server, 4)
    with pytest.raises(KeyboardInterrupt):
        run(
            server, [f"text {number}" for number in range(99)], size=1, max_concurrency=3, keep=kept
        )
    watcher.join()
    answered = sorted(text for request in server.texts for text in request)
    assert sorted(f"text {row}" for row in kept.vectors) == answered
    assert 0 < len(answered) < 40


def test_an_interrupt_ends_the_wait_for_another_try(server):
    server.faults = ["status 500 retry-after=60"] * 2
    watcher = interrupt_after(server, 1)
    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        run(server, max_concurrency=2, retry_seconds=100.0)
    watcher.join()
    assert time.monotonic() - started < 40
    assert 1 <= len(server.texts) <= 2


def test_no_server_is_there(quick):
    class Nowhere:
        url = "http://127.0.0.1:9/v1"

    _, fault = run(Nowhere, TEXTS[:2], retry_seconds=0.1)
    assert fault.kind == "transient" and "could not be reached (" in fault.said
    assert "refused" in fault.said


def test_the_process_random_state_stays(server, quick):
    before = random.getstate()
    server.faults = ["status 429"] * 2
    run(server, TEXTS[:4])
    assert random.getstate() == before


def test_no_thread_stays(server):
    before = threading.active_count()
    run(server, max_concurrency=4)
    deadline = time.monotonic() + 60
    # The server's own end when they see that the connection has.
    while threading.active_count() > before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert threading.active_count() <= before
    assert vectors_of(["a"]).shape == (1, WIDTH)
