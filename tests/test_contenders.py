"""The benchmark of contenders: what is kept of a fit, going on, stopping, and the paired tests."""

import math
from itertools import count
from types import SimpleNamespace

import numpy as np
import pytest

from textseq.comparison.statistics import compare_pairs


@pytest.fixture(scope="module")
def contest(request):
    """Import the contest's modules, which lie outside the package."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(request.config.rootpath / "benchmarks")
        import contender_results
        import contender_tables
        import contenders

        yield SimpleNamespace(**vars(contender_results) | vars(contender_tables) | vars(contenders))


class Commonest:
    """Answer with the commonest label; the clock says that a fit takes a second a row."""

    def __init__(self, clock):
        self.clock = clock

    def fit(self, X, y):
        self.answer = max(set(y), key=y.count)
        self.clock.now += len(X)
        return self

    def predict(self, X):
        self.clock.now += 1
        return np.array([self.answer] * len(X))


class Clock:
    """Count seconds that pass only where the test says so, and no other work."""

    now = 0.0

    def read(self):
        return np.array([self.now, 0.0])


@pytest.fixture
def clock(monkeypatch):
    made = Clock()
    monkeypatch.setattr("time.monotonic", lambda: made.now)
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    return made


@pytest.fixture
def tasks(contest):
    def task(n_rows):
        texts = np.array([f"text {row}" for row in range(n_rows)], dtype=object)
        labels = np.array(["yes", "yes", "no"] * (n_rows // 3))
        counts = np.full(n_rows, 3)
        return contest.Task(texts, labels, counts, texts[:9], labels[:9], counts[:9])

    return {"subj": task(30), "sst2": task(300)}


def fits(contest, *sets, contenders=("mean",), seeds=(0, 1)):
    return [
        contest.Fit(name, "all", contender, seed)
        for name in sets
        for contender in contenders
        for seed in seeds
    ]


def result(contest, right, contender="mean", seed=0, **changes):
    values = {
        "set": "subj", "size": "1000", "contender": contender, "seed": seed, "train_rows": 1000,
        "test_rows": len(right), "test_sha256": "same", "correct": contest.pack(right),
        "fit_seconds": 2.0, "predict_seconds": 0.5, "train_tokens": 1000, "test_tokens": 100,
        "epochs": 10, "threads": 2, "load": 0.1, "others": 0.0,
    }  # fmt: skip
    return contest.Result(**values | changes)


@pytest.mark.parametrize("n_test", [1, 7, 8, 9, 2000])
def test_a_line_says_which_texts_were_right(contest, tmp_path, n_test):
    right = np.random.default_rng(n_test).random(n_test) < 0.7
    path = tmp_path / "results"
    contest.append_result(path, result(contest, right))
    (read,) = contest.read_results(path)
    assert read == result(contest, right)
    assert np.array_equal(read.right, right)
    assert read.accuracy == right.mean()


def test_answers_to_another_number_of_texts_are_refused(contest):
    with pytest.raises(ValueError, match="2 bytes can't be the answers to 17 test texts"):
        contest.unpack(contest.pack([True] * 16), 17)


def test_a_line_that_was_not_finished_is_taken_off(contest, tmp_path):
    path = tmp_path / "results"
    contest.append_result(path, result(contest, [True]))
    whole = path.read_bytes()
    path.write_bytes(whole + whole[:50])
    assert contest.read_results(path) == [result(contest, [True])]
    contest.append_result(path, result(contest, [False], seed=1))
    assert [read.seed for read in contest.read_results(path)] == [0, 1]


@pytest.mark.parametrize(
    ("second", "message"),
    [(b'{"set": "subj"}\n', "line 2 of .* is no result"), (b"", "line 2 of .* again")],
)
def test_a_line_that_is_wrong_is_named(contest, tmp_path, second, message):
    path = tmp_path / "results"
    contest.append_result(path, result(contest, [True]))
    path.write_bytes(path.read_bytes() + (second or path.read_bytes()))
    with pytest.raises(ValueError, match=message):
        contest.read_results(path)


def test_a_run_goes_on_where_it_was(contest, tasks, clock, tmp_path):
    path, begun = tmp_path / "results", []

    def make(contender, name, seed):
        begun.append((name, seed))
        if len(begun) == 3:
            raise KeyboardInterrupt
        return Commonest(clock)

    asked = fits(contest, "sst2", "subj")
    with pytest.raises(KeyboardInterrupt):
        contest.work_off(asked, tasks.__getitem__, make, clock, path)
    first = path.read_bytes()
    contest.work_off(asked, tasks.__getitem__, make, clock, path)
    # The short ones first; that which was stopped is begun again, those finished are not.
    assert begun == [("subj", 0), ("subj", 1), ("sst2", 0), ("sst2", 0), ("sst2", 1)]
    assert path.read_bytes().startswith(first)
    read = contest.read_results(path)
    assert [one.fit_seconds for one in read] == [30, 30, 300, 300]
    assert {one.accuracy for one in read} == {2 / 3}
    # Nor is a set read of which all is finished.
    contest.work_off(asked, None, None, clock, path)


def test_no_fit_is_begun_that_would_end_too_late(contest, tasks, clock, tmp_path):
    # 30 seconds a fit of subj and one to test it, as the first of them tells, then 300 of sst2.
    deadline = 2 * 31 + 301
    left, failed = contest.work_off(
        fits(contest, "sst2", "subj"), tasks.__getitem__, lambda *_: Commonest(clock), clock,
        tmp_path / "results", deadline,
    )  # fmt: skip
    assert {fit.seed: seconds for fit, seconds in left.items()} == {1: pytest.approx(301)}
    assert clock.now == deadline
    assert not failed


def test_a_contender_that_fails_does_not_keep_the_others_from_it(
    contest, tasks, clock, tmp_path, capsys
):
    asked = fits(contest, "subj", contenders=("mean", "gru"), seeds=(0,))
    makers = {"mean": lambda: None, "gru": lambda: Commonest(clock)}
    left, failed = contest.work_off(
        asked, tasks.__getitem__, lambda name, *_: makers[name](), clock, tmp_path / "results"
    )
    assert (left, failed) == ({}, asked[:1])
    assert "AttributeError" in capsys.readouterr().err
    assert [one.contender for one in contest.read_results(tmp_path / "results")] == ["gru"]


def test_all_contenders_of_a_seed_learn_from_the_same_rows(contest, tasks):
    task = tasks["sst2"]
    rows = [task.rows("60", seed) for seed in (0, 0, 1)]
    assert np.array_equal(rows[0], rows[1])
    assert not np.array_equal(rows[0], rows[2])
    assert [np.count_nonzero(task.y[drawn] == "no") for drawn in rows] == [20, 20, 20]


def test_pairs_are_tested_as_compare_tests_them(contest):
    rng = np.random.default_rng(0)
    right = {name: rng.random((3, 200)) < share for name, share in
             {"mean": 0.6, "gru": 0.75, "minilm": 0.77}.items()}  # fmt: skip
    given = {
        name: [result(contest, one, name, seed) for seed, one in enumerate(found)]
        for name, found in right.items()
    }
    pairs = contest.paired_tests(given)
    expected = compare_pairs(list(right), [found.mean(0) for found in right.values()])
    for row in expected.itertuples():
        found = pairs[row.first, row.second]
        assert found == (row.difference, row.low, row.high, row.p_adjusted)
        back = pairs[row.second, row.first]
        assert back == (-row.difference, -row.high, -row.low, row.p_adjusted)
    assert pairs["gru", "mean"].differs
    assert not pairs["gru", "minilm"].differs


def test_a_pair_is_tested_on_the_seeds_that_both_have(contest):
    right = np.random.default_rng(0).random((3, 100)) < 0.5
    seeds = {"mean": (0, 1), "gru": (1, 2), "minilm": (5,)}
    given = {
        name: [result(contest, right[seed % 3], name, seed) for seed in own]
        for name, own in seeds.items()
    }
    pairs = contest.paired_tests(given)
    assert set(pairs) == {("mean", "gru"), ("gru", "mean")}
    assert pairs["mean", "gru"].difference == 0


def test_tests_on_other_texts_are_not_compared(contest):
    given = {
        "mean": [result(contest, [True, False])],
        "gru": [result(contest, [True, True], "gru", test_sha256="other")],
    }
    with pytest.raises(ValueError, match="subj, 1000 rows, were not all tested on the same texts"):
        contest.paired_tests(given)


def test_tables_mark_the_best_and_what_was_measured_beside_other_work(contest):
    half = np.arange(100) < 50
    results = [
        result(contest, half, "tf-idf", others=0.5),
        result(contest, np.arange(100) < 60, "minilm-lr"),
        *(result(contest, half | (np.arange(100) < 90), "mean", seed) for seed in (0, 1)),
        result(contest, half, "gru", others=1.5),
        result(contest, half | (np.arange(100) < 89), "minilm", fit_seconds=4.0, others=math.nan),
    ]
    lines = contest.markdown(results).splitlines()
    assert lines[0] == "**1,000 labelled rows**"
    for line in (
        "| *train / test rows* | 1,000 / 100 |",
        "| tf-idf + LR | 0.500 |",
        "| mean, GloVe | **0.900 ± 0.000** |",
        "| fine-tuned MiniLM | **0.890** |",
        "| tf-idf + LR | (2) |",
        "| mean, GloVe | 2 |",
        "| gru, GloVe | - |",
        "| fine-tuned MiniLM | (4) |",
        "| *fine-tuning, tokens/s* | 2,500 |",
        "| mean, GloVe | 200 |",
        "| points less frozen MiniLM + LR | subj |",
        "| mean, GloVe | +30.0* (+21.0 to +39.0) |",
        "| mean, GloVe | +40.0* | - | +40.0* | +30.0* | +1.0 |",
    ):
        assert line in lines


def test_frozen_vectors_are_computed_once_and_counted_each_time(contest, monkeypatch):
    import contender_models

    calls = count()

    class Embedder:
        def transform(self, X):
            next(calls)
            return np.zeros((len(X), 2))

    class Meter(Clock):
        def read(self):
            self.now += 10
            return super().read()

        def add(self, cost):
            self.added = cost.tolist()

    vectors = contender_models.FrozenVectors(Meter())
    vectors.embedder_ = Embedder()
    first, again = vectors.transform(["a", "b"]), vectors.transform(["a", "b"])
    assert np.array_equal(first, again)
    assert vectors.meter.added == [10, 0]
    vectors.transform(["a"])
    assert next(calls) == 2
