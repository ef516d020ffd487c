import resource
import signal
import subprocess
import sys
import time

import pytest
from command_server import SCRIPT

import textseq as package

COMMANDS = [
    "compare", "fit", "predict", "evaluate", "inspect", "tokenize", "lm", "generate", "translate",
    "tag", "transcribe", "lab",
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
        ("tokenize - --tokenizer wrd", "--tokenizer wrd is no tokenizer"),
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


@pytest.mark.parametrize(
    "command",
    [
        "compare d.csv --encoders mean --seeds 1 --epochs 1 --threads 1 --out p.html --json p.json",
        "inspect {model} --explain 'a good film' --out p.html",
        "evaluate {model} d.csv --json p.json",
        "forecast s.csv -H 2 --encoders rnn --epochs 1 --windows 1 --level none --threads 1 "
        "--page p.html --json p.json -o p.csv",
        "forecast s.csv -H 2 --encoders rnn --epochs 1 --windows 1 --level none --threads 1 "
        "--page p.html --json p.json -o -",
        "compare-series s.ts --encoders rnn --epochs 1 --seeds 1 --threads 1 --no-baselines "
        "--out p.html --json p.json",
    ],
)
def test_files_are_written_though_no_one_reads_what_is_printed(command, model, subj, tmp_path):
    (tmp_path / "d.csv").write_bytes(subj.read_bytes())
    rows = "".join(f"{t},{t % 7}\n" for t in range(60))
    (tmp_path / "s.csv").write_text("ds,y\n" + rows)
    series = "".join(f"{t},{t + 1},{t % 3}:{'ab'[t % 2]}\n" for t in range(30))
    (tmp_path / "s.ts").write_text("@univariate true\n@classLabel true a b\n@data\n" + series)
    done = subprocess.run(
        f"{SCRIPT} {command.format(model=model[0])} | true",
        shell=True,
        cwd=tmp_path,
        capture_output=True,
    )
    assert b"textseq: " not in done.stderr, done.stderr
    for name in ("p.html", "p.json", "p.csv"):
        assert (tmp_path / name).exists() == (name in command)


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("compare d.csv --out p.csv", "p.csv: a page is written; end its name in .html"),
        ("compare d.csv --json p.html", "p.html: JSON is written; end its name in .json"),
        ("fit d.csv -o m.csv", "m.csv: a model is written, which no .csv file holds"),
        ("inspect m.textseq --out p.csv", "a page is written"),
        ("evaluate m.textseq d.csv --json p", "JSON is written"),
        ("forecast d.csv -o p.xlsx", "unknown kind of table '.xlsx'"),
        ("forecast d.csv -o p.csv --page p.pdf", "a page is written"),
    ],
)
def test_a_name_that_tells_another_format_is_refused_before_any_work(fails, command, message):
    assert message in fails(command)


@pytest.mark.parametrize(
    "command",
    ["compare d.csv --encoders mean --seeds 1 --epochs 1", "fit d.csv --epochs 1 -o m.textseq"],
)
def test_an_empty_cell_is_an_error_with_a_way_on(textseq, tmp_path, command):
    rows = "".join(f"a {sign} film;{sign}\n" for sign in "xyxyxy" * 20)
    (tmp_path / "d.csv").write_text("text;label\n;x\n" + rows)
    done = textseq(command)
    assert done.returncode == 2
    assert b"line 2: no text in column 'text'" in done.stderr
    assert b"--empty drop or keep" in done.stderr
    for way in ("drop", "keep"):
        done = textseq(f"{command} --threads 1 --empty {way}")
        assert done.returncode == 0, done.stderr
        assert b"1 of 121 rows without a text" in done.stderr
