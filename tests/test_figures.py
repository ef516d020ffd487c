import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import matplotlib
import pytest

from textseq.figures import MUTED, figure_style


@pytest.fixture
def often_switched():
    """Let threads take turns within a drawing, not only between two."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def label_color(drawing):
    with figure_style():
        return matplotlib.rcParams["axes.labelcolor"]


def test_threads_that_draw_leave_the_settings_of_the_user(often_switched):
    before = dict(matplotlib.rcParams)
    with ThreadPoolExecutor(4) as pool:
        colors = set(pool.map(label_color, range(100)))
    assert colors == {MUTED}
    assert dict(matplotlib.rcParams) == before


FORKED = """
import os, signal, threading
import matplotlib
from textseq.figures import figure_style

before, ended = dict(matplotlib.rcParams), threading.Event()

def draw():
    while not ended.is_set():
        with figure_style():
            pass

worker = threading.Thread(target=draw)
worker.start()
for _ in range(20):
    child = os.fork()
    if child == 0:
        signal.alarm(10)
        left = dict(matplotlib.rcParams) != before
        with figure_style():
            os._exit(left)
    _, status = os.waitpid(child, 0)
    if status:
        break
ended.set()
worker.join()
print(status)
"""


def test_a_process_forked_while_a_thread_draws_draws_with_the_settings_of_the_user():
    found = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", FORKED], capture_output=True, text=True, check=True
    )
    assert found.stdout == "0\n"
