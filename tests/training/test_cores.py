import math
import os

import pytest

from textseq.training.cores import available_cores, quota


def written(folder, files):
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return quota(folder / "groups", folder / "limits")


QUOTA, PERIOD = "cpu.cfs_quota_us", "cpu.cfs_period_us"

FORMS = {
    "a container": (1.5, {"groups": "0::/\n", "limits/cpu.max": "150000 100000\n"}),
    "a service": (
        2,
        {
            "groups": "0::/jobs.slice/one.service\n",
            "limits/jobs.slice/one.service/cpu.max": "max 100000\n",
            "limits/jobs.slice/cpu.max": "200000 100000\n",
        },
    ),
    "beside version 1": (
        1,
        {"groups": "1:name=systemd:/\n0::/a\n", "limits/unified/a/cpu.max": "50000 50000\n"},
    ),
    "version 1": (
        0.5,
        {
            "groups": "3:cpuset:/\n2:cpu,cpuacct:/docker/12ab:c\n",
            f"limits/cpu,cpuacct/{QUOTA}": "50000\n",
            f"limits/cpu,cpuacct/{PERIOD}": "100000\n",
        },
    ),
    "version 1, within": (
        3,
        {
            "groups": "1:cpu:/batch/one\n",
            f"limits/cpu/{QUOTA}": "-1\n",
            f"limits/cpu/{PERIOD}": "100000\n",
            f"limits/cpu/batch/one/{QUOTA}": "300000\n",
            f"limits/cpu/batch/one/{PERIOD}": "100000\n",
        },
    ),
    "no limit": (math.inf, {"groups": "0::/\n", "limits/cpu.max": "max 100000\n"}),
    "another system": (math.inf, {}),
}


@pytest.mark.parametrize("form", FORMS)
def test_the_lowest_limit_of_the_groups_around_counts(form, tmp_path):
    expected, files = FORMS[form]
    assert written(tmp_path, files) == expected


def test_a_process_bound_to_one_core_has_one():
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    try:
        assert available_cores() == 1
    finally:
        os.sched_setaffinity(0, before)
