"""The cores that this process may use, of those that the machine has."""

from __future__ import annotations

import math
import os
from functools import cache
from pathlib import Path, PurePosixPath

# Where Linux says which control groups a process is in, and what they allow.
GROUPS = Path("/proc/self/cgroup")
LIMITS = Path("/sys/fs/cgroup")


def available_cores() -> int:
    """Return how many cores this process may use at a time.

    It may be bound to some of the machine's, and a container, a service or a batch system may
    limit its time on them.
    """
    bound = hasattr(os, "sched_getaffinity")
    cores = len(os.sched_getaffinity(0)) if bound else os.cpu_count() or 1
    return max(1, math.ceil(min(cores, quota())))


@cache
def quota(groups: Path = GROUPS, limits: Path = LIMITS) -> float:
    """Return the processor time a second that control groups allow, in cores; inf without a limit.

    The limit of a group holds for all groups within it, so the lowest on the way up counts.

    Parameters
    ----------
    groups, limits : Path
        The files' places.

    References
    ----------
    "Control Group v2" and "CFS Bandwidth Control", in the documentation of the Linux kernel.
    """
    lowest = math.inf
    for line in groups.read_text().splitlines() if groups.exists() else []:
        _, controllers, path = line.split(":", 2)
        group = PurePosixPath(path.lstrip("/"))
        for folder in (group, *group.parents):
            if not controllers:
                lowest = min(
                    lowest, *(_limit(top / folder) for top in (limits, limits / "unified"))
                )
            elif "cpu" in controllers.split(","):
                tops = (limits / "cpu", limits / controllers)
                lowest = min(lowest, *(_limit(top / folder) for top in tops))
    return lowest


def _limit(group: Path) -> float:
    """Read one group's own limit, in the second or the first version's form."""
    for names in (["cpu.max"], ["cpu.cfs_quota_us", "cpu.cfs_period_us"]):
        files = [group / name for name in names]
        if all(file.exists() for file in files):
            time, period = " ".join(file.read_text() for file in files).split()
            return math.inf if time in ("max", "-1") else int(time) / int(period)
    return math.inf
