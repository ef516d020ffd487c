import torch

from textseq.training.threads import ThreadTeam


def test_workers_run_one_thread_and_the_callers_count_comes_back():
    before = torch.get_num_threads()
    with ThreadTeam(2) as team:
        assert team.map(lambda _: torch.get_num_threads(), range(4)) == [1] * 4
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == before


def test_an_error_in_a_worker_reaches_the_caller():
    import pytest

    with pytest.raises(ZeroDivisionError), ThreadTeam(2) as team:
        team.map(lambda x: 1 / x, [1, 0])


def test_one_item_starts_no_thread_and_several_run_side_by_side():
    import threading

    with ThreadTeam(2) as team:
        before = threading.active_count()
        assert team.map(lambda _: threading.current_thread(), [0]) == [threading.main_thread()]
        assert threading.active_count() == before
        meet = threading.Barrier(2, timeout=20)
        team.map(lambda _: meet.wait(), range(2))
