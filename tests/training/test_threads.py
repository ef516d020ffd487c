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
