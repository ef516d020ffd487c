"""``textseq generate``: text behind a prompt, printed as it is drawn."""

import os
import shlex
import subprocess

import pytest
from command_server import SCRIPT

from textseq import LanguageModel, TextClassifier


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    model = LanguageModel("char", encoder="gru", num_layers=1, hidden_size=16, dropout=0,
                          batch_size=2, truncated_bptt_steps=16, max_epochs=20,
                          learning_rate=0.03, validation_fraction=0, n_threads=1,
                          random_state=0)  # fmt: skip
    return model.fit(["abcd" * 300]).save(tmp_path_factory.mktemp("models") / "m.textseq")


def test_the_prompt_and_what_follows_it(textseq, path):
    done = textseq(f"generate {path} --prompt abcdabcdab --length 6 --temperature 0")
    assert done.returncode == 0, done.stderr
    assert done.stdout == b"abcdabcdabcdabcd\n"
    done = textseq(f"generate {path} --prompt - --length 6 --top-k 1 --stop da", "abcdabcd")
    assert done.stdout == b"abcdabcdabc\n"
    # Nothing follows.
    done = textseq(f"generate {path} --prompt abcdabcd --top-k 1 --stop a")
    assert done.stdout == b"abcdabcd\n"


def test_a_seed_repeats(textseq, path):
    command = f"generate {path} --length 40 --temperature 5 --top-p 0.99 --seed"
    one, same = (textseq(f"{command} 1").stdout for _ in range(2))
    assert one == same and len(one) == 41


def test_text_is_printed_as_it_is_drawn(path):
    command = shlex.split(f"{SCRIPT} generate {path} --prompt abcdab --length 1000000 --top-k 1")
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=os.environ) as process:
        read = os.read(process.stdout.fileno(), 100)  # long before its end
        process.kill()
    assert read.startswith(b"abcdab")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("absent.textseq", "no model file at 'absent.textseq'"),
        ("other.textseq", "`textseq generate` has no use for: `textseq predict`"),
        ("{path} --temperature -1", "--temperature must be a number at least 0"),
        ("{path} --prompt a --top-p 2", "--top-p must be a share"),
        ("{path} --length 0", "--length must be a whole number"),
    ],
)
def test_bad_input_is_one_line(fails, tmp_path, path, arguments, message):
    if "other" in arguments:
        TextClassifier(encoder="mean", max_epochs=1).fit(["a", "b"] * 20, [0, 1] * 20).save(
            tmp_path / "other.textseq"
        )
    assert message in fails(f"generate {arguments.format(path=path)}")
