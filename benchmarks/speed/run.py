"""textseq and its peers at the same work, in turn: one table of how often it is faster.

    python benchmarks/speed/run.py --data DIR --peers .venv-peers/bin/python

Each contestant is a process of its own that does one repeat when its turn comes; the
machine's roof (sgemm, copies in memory) is one of the contestants. Every contest replaces its
own figures in speed.json; speed.md and a section of README.md are made of that file.
To add a peer, write its function into the file of a kind of work, as contests.py tells.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import table
from contests import Contest, Entrant, Figures

HERE = Path(__file__).parent
README = HERE.parent / "README.md"
ROWS = [
    "tokenising", "vectors", "training", "company", "accuracy_time",
    "prediction", "generation", "memory", "growth", "importing", "bags",
]  # fmt: skip
PACKAGES = [
    "textseq", "torch", "numpy", "polars", "skorch", "keras", "tensorflow-cpu", "tensorflow",
    "floret", "gensim", "tokenizers", "scikit-learn",
]  # fmt: skip
MACHINE = Entrant("textseq", label="machine")
BUSY = "import os\nparent = os.getppid()\nwhile os.getppid() == parent: sum(range(10**5))"


class Process:
    """A contestant's process."""

    def __init__(self, python: str, script: str, entrant: Entrant, folder: Path) -> None:
        self.name, self.entrant = f"{script} {entrant.name}", entrant
        self.log = folder / "log.txt"
        command = [python, str(HERE / f"{script}.py"), entrant.who, str(folder)]
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                [*command, json.dumps(entrant.case)],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True,
                env=os.environ | {
                    "KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "3",
                    "TEXTSEQ_CACHE": str(folder / f"cache {entrant.name}"),
                },
            )  # fmt: skip

    def answer(self) -> str:
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"{self.name} failed:\n{self.log.read_text()[-3000:]}")
        return line

    def repeat(self) -> dict[str, Any]:
        with busy_processes(self.entrant.busy):
            self.process.stdin.write("\n")
            self.process.stdin.flush()
            return json.loads(self.answer())

    def end(self) -> None:
        self.process.stdin.close()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:  # in the midst of a repeat: the run was interrupted
            self.process.kill()
            self.process.wait()


@contextmanager
def busy_processes(number: int) -> Iterator[None]:
    running = [subprocess.Popen([sys.executable, "-c", BUSY]) for _ in range(number)]
    try:
        yield
    finally:
        for process in running:
            process.kill()
            process.wait()


def measure(contest: Contest, script: str, peers: str, folder: Path) -> dict[str, Figures]:
    """Let the entrants and the machine take turns, round after round."""
    found: dict[str, Figures] = {}

    def start(entrant: Entrant, script: str = script) -> Process:
        own = entrant.who.startswith("textseq")
        process = Process(sys.executable if own else peers, script, entrant, folder)
        running.callback(process.end)
        return process

    def take(process: Process) -> None:
        found.setdefault(process.entrant.name, []).append(process.repeat())

    with ExitStack() as running:
        machine = start(MACHINE, "machine")
        turns = [] if contest.fresh else [start(entrant) for entrant in contest.entrants]
        for process in [machine, *turns]:
            process.answer()
        for _ in range(contest.rounds):
            take(machine)
            for process in turns:
                take(process)
            for entrant in contest.entrants if contest.fresh else []:
                process = start(entrant)
                process.answer()
                take(process)
                process.end()
            take(machine)
    return found


def versions(python: str) -> dict[str, str]:
    code = (
        "import importlib.metadata as m, json, sys\n"
        "known = {d.name.lower().replace('_', '-'): d.version for d in m.distributions()}\n"
        f"print(json.dumps({{n: known[n] for n in {PACKAGES} if n in known}}))"
    )
    return json.loads(subprocess.run([python, "-c", code], stdout=-1, check=True).stdout)


def report(stored: dict[str, Any]) -> str:
    """Return the table and what must be known of it."""
    lines, machines = [], []
    for row in ROWS:
        contests = {
            name: {who: part["repeats"] for who, part in contest["entrants"].items()}
            for name, contest in stored.get(row, {}).items()
        }
        machines += [repeat for contest in contests.values() for repeat in contest["machine"]]
        if contests:
            lines += importlib.import_module(row).lines(contests)
    sgemm = [machine["sgemm_gflops"] for machine in machines]
    copies = [machine["copy_gb_per_second"] for machine in machines]
    peers: dict[str, str] = {}
    for row in stored.values():
        for contest in row.values():
            peers |= contest["versions"]["peers"]
    named = ", ".join(f"{name} {version}" for name, version in sorted(peers.items()))
    return (
        f"{table.markdown(lines)}\n"
        f"{machines[0]['threads']} cores, one thread each: sgemm {_range(sgemm)} GFLOP/s, copies "
        f"in memory {_range(copies)} GB/s, taken in turn with the contestants.\n"
        f"Peers: {named}.\n"
    )


def _range(values: list[float]) -> str:
    return f"{min(values):.0f} to {max(values):.0f} (median {statistics.median(values):.0f})"


def write(stored: dict[str, Any], out: Path) -> None:
    out.with_suffix(".json").write_text(json.dumps(stored, indent=1) + "\n")
    text = report(stored)
    out.with_suffix(".md").write_text(text)
    if out == HERE.parent / "speed":
        section = f"<!-- speed -->\n{text}<!-- /speed -->"
        old = README.read_text()
        README.write_text(
            re.sub(r"<!-- speed -->.*<!-- /speed -->", lambda _: section, old, flags=re.S)
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--peers", required=True, help="the Python that has the peers")
    parser.add_argument("--rows", default=",".join(ROWS), help="some of the default")
    parser.add_argument("--contests", default="", help="only those whose name holds this")
    parser.add_argument("--quick", action="store_true", help="a smoke run, not stored")
    parser.add_argument("--out", type=Path, default=HERE.parent / "speed")
    arguments = parser.parse_args()
    json_file = arguments.out.with_suffix(".json")
    stored = json.loads(json_file.read_text()) if json_file.exists() else {}
    if arguments.quick:
        stored = {}
    used = {"textseq": versions(sys.executable), "peers": versions(arguments.peers)}
    with tempfile.TemporaryDirectory(prefix="textseq-speed-") as name:
        folder = Path(name)
        prepare = [sys.executable, HERE / "corpora.py", arguments.data, folder]
        subprocess.run(prepare, check=True)
        for row in arguments.rows.split(","):
            for contest in importlib.import_module(row).contests(arguments.quick):
                if arguments.contests not in contest.name:
                    continue
                print(f"{row}: {contest.name}", file=sys.stderr, flush=True)
                found = measure(contest, row, arguments.peers, folder)
                stored.setdefault(row, {})[contest.name] = {
                    "versions": used,
                    "entrants": {who: summary(repeats) for who, repeats in found.items()},
                }
                if not arguments.quick:
                    write(stored, arguments.out)
    print(report(stored))


def summary(repeats: Figures) -> dict[str, Any]:
    seconds = [repeat["seconds"] for repeat in repeats]
    return {
        "least_seconds": min(seconds),
        "median_seconds": statistics.median(seconds),
        "repeats": repeats,
    }


if __name__ == "__main__":
    main()
