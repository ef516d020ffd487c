import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from threadpoolctl import threadpool_limits

from textseq.training.cores import available_cores
from textseq.training.threads import ThreadTeam, thread_count


def test_workers_run_one_thread_and_the_callers_count_comes_back():
    before = torch.get_num_threads()
    with ThreadTeam(2) as team:
        assert team.map(lambda _: torch.get_num_threads(), range(4)) == [1] * 4
        assert torch.get_num_threads() == 1
        with ThreadTeam(1):
            assert torch.get_num_threads() == 1
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == before


def test_other_threads_keep_their_counts_while_teams_come_and_go():
    before = torch.get_num_threads()

    def count():
        return torch.get_num_threads()

    with ThreadPoolExecutor(1) as first, ThreadPoolExecutor(1) as second:
        team = ThreadTeam(2)
        team.__enter__()
        assert first.submit(count).result() == before  # a thread that meets torch only now
        other = ThreadTeam(2)
        second.submit(other.__enter__).result()
        team.__exit__(None, None, None)
        assert (count(), second.submit(count).result()) == (before, 1)
        second.submit(other.__exit__, None, None, None).result()
        counts = [pool.submit(count).result() for pool in (first, second)]
    with ThreadPoolExecutor(1) as third:
        assert [count(), *counts, third.submit(count).result()] == [before] * 4


def test_a_team_computes_alone_whatever_count_the_caller_has_set():
    before, matrix = torch.get_num_threads(), torch.rand(256, 256)
    try:
        torch.set_num_threads(1)
        alone = torch.linalg.qr(matrix).Q
        torch.set_num_threads(2)
        with ThreadTeam(1):
            assert torch.equal(torch.linalg.qr(matrix).Q, alone)
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


def test_an_error_in_a_worker_reaches_the_caller():
    with pytest.raises(ZeroDivisionError), ThreadTeam(2) as team:
        team.map(lambda x: 1 / x, [1, 0])


def test_one_item_starts_no_thread_and_several_run_side_by_side():
    with ThreadTeam(2) as team:
        before = threading.active_count()
        assert team.map(lambda _: threading.current_thread(), [0]) == [threading.main_thread()]
        assert threading.active_count() == before
        meet = threading.Barrier(2, timeout=20)
        team.map(lambda _: meet.wait(), range(2))


def test_all_threads_are_those_that_torch_may_take_here_and_never_more_than_the_cores():
    before = torch.get_num_threads()
    assert thread_count(1) == 1
    assert thread_count(1000) == available_cores()
    with threadpool_limits(1):
        assert thread_count() == 1
        assert thread_count(1000) == available_cores()
    try:
        torch.set_num_threads(available_cores() + 1)
        assert thread_count() == available_cores()
    finally:
        torch.set_num_threads(before)
    program = "from textseq.training import threads; print(threads.thread_count())"
    said = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"OMP_NUM_THREADS": "1"}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert said.stdout == "1\n"
