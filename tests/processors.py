"""Runs tests as other processors would: `make test-processors`.

A processor chooses the instructions of torch, oneDNN, MKL and the compiled kernels, and each
rounds in an order of its own. Every setting is printed with its result; one that this processor
does not have is named and left out.
"""

# ruff: noqa: T201 - it prints what it found
import os
import subprocess
import sys
import time

import torch

from textseq.kernels.library import open_build

# Environment, build of the kernels (None: the best there is), what is run.
ARITHMETIC = ["tests/nn", "tests/training"]
FITS = [
    f"tests/estimators/test_{name}.py"
    for name in ("text_classifier", "series_classifier", "language_model", "trained_estimator")
]
PLAIN = {"ATEN_CPU_CAPABILITY": "default", "ONEDNN_MAX_CPU_ISA": "SSE41", "MKL_CBWR": "COMPATIBLE"}
# Holds compiled layers to torch's, of every build; without wide instructions torch's are taken.
COMPILED = "tests/nn/test_recurrence.py"
SETTINGS = [
    ({}, None, [*ARITHMETIC, "tests/estimators"]),
    (PLAIN, "none", [*ARITHMETIC, *FITS]),
    (PLAIN, "portable", ARITHMETIC),
    ({"ATEN_CPU_CAPABILITY": "avx2", "ONEDNN_MAX_CPU_ISA": "AVX2"}, "avx2", ARITHMETIC),
    ({"ATEN_CPU_CAPABILITY": "avx512"}, "avx512", [*ARITHMETIC, *FITS]),
    ({"OMP_NUM_THREADS": "1"}, None, [*ARITHMETIC, *FITS]),
    ({"OMP_NUM_THREADS": "3"}, None, [*ARITHMETIC, *FITS]),
]


def runs_here(environment, build):
    """Whether this processor has what a setting names."""
    widest = torch.backends.cpu.get_cpu_capability()
    if environment.get("ATEN_CPU_CAPABILITY") == "avx512" and widest != "AVX512":
        return False
    return build in (None, "none") or open_build(build) is not None


def main():
    failed = False
    for environment, build, tests in SETTINGS:
        named = [f"{name}={value}" for name, value in environment.items()]
        named += [] if build is None else [f"kernels={build}"]
        name = " ".join(named) or "as it is"
        if not runs_here(environment, build):
            print(f"{name}: not on this processor", flush=True)
            continue
        command = [sys.executable, "-m", "pytest", "--no-header", "--tb=short", *tests]
        command += [] if build is None else [f"--kernels={build}"]
        if build in ("none", "portable"):
            command.append(f"--ignore={COMPILED}")
        started = time.perf_counter()
        done = subprocess.run(
            command, env=os.environ | environment, capture_output=True, text=True, check=False
        )
        minutes = (time.perf_counter() - started) / 60
        if done.returncode:
            failed = True
            print(done.stdout, done.stderr, sep="\n")
        result = "FAILED" if done.returncode else "passed"
        print(f"{name}: {result} in {minutes:.1f} min", flush=True)
    return failed


if __name__ == "__main__":
    sys.exit(main())
