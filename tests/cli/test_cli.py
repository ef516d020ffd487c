import resource
import signal
import subprocess
import sys
import time

import pytest

import textseq as package

from .conftest import SCRIPT

COMMANDS = [
    "compare", "fit", "predict", "evaluate", "inspect", "tokenize", "lm", "generate", "translate",
    "tag",
]  # fmt: skip


def test_help_is_quick_and_loads_nothing_heavy():
    seconds = []
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        subprocess.run([SCRIPT, "--help"], capture_output=True, check=True)
        seconds.append(resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before)
    assert min(seconds) < 0.5
    code = (
        "import sys, textseq.cli.app; "
        "print(*({'torch', 'sklearn', 'polars', 'pandas', 'numpy', 'matplotlib', 'gensim'}"
        " & set(sys.modules)))"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert loaded.stdout.strip() == b""


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_with_examples(textseq, command):
    done = textseq(f"{command} --help")
    assert done.returncode == 0
    assert f"textseq {command}" in done.stdout.decode().split("Examples:")[1]


def test_version(textseq):
    assert textseq("--version").stdout.decode() == f"textseq {package.__version__}\n"


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("fot", "No such command 'fot'"),
        ("fit", "Missing argument 'DATA' (see textseq fit --help)"),
        ("tokenize --nope", "No such option: --nope (see textseq tokenize --help)"),
        ("tokenize absent.csv", "absent.csv: No such file or directory"),
        ("tokenize film.xlsx", "unknown kind of table '.xlsx'"),
        ("tokenize - --tokenizer wrd", "kind='wrd' is no tokenizer"),
        ("tokenize - --ids --vocabulary", "choose one"),
        ("tokenize - -t review", "no column 'review'; its columns are 'text', 'label'"),
        ("tokenize - -t text -t label", "one column at a time"),
    ],
)
def test_what_the_user_can_mend_is_one_line(fails, command, message):
    assert message in fails(command, stdin="text,label\na,b\n")


def test_an_error_keeps_its_traceback_for_debugging(textseq):
    for done in (
        textseq("--debug tokenize absent.csv"),
        textseq("tokenize absent.csv", TEXTSEQ_DEBUG="1"),
    ):
        assert done.returncode == 2
        assert b"Traceback" in done.stderr


def test_a_reader_that_leaves_is_no_error(tmp_path):
    path = tmp_path / "long.txt"
    path.write_text("a text of some words\n" * 50_000)
    with subprocess.Popen(
        [SCRIPT, "tokenize", path], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout.readline() == b"a text of some words\n"
        process.stdout.close()
        assert process.stderr.read() == b""


def test_control_c_while_reading_ends_with_130():
    with subprocess.Popen(
        [SCRIPT, "tokenize", "-"], stdin=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        # More than a pipe holds: that this ends means that it is being read; and soon waited for.
        process.stdin.write(b"a text of some words\n" * 50_000)
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=10) == 130
        assert process.stderr.read() == b""
