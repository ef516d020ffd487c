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


def test_several_texts_stand_behind_their_numbers(textseq, path):
    command = f"generate {path} --length 3 --temperature 0"
    done = textseq(f"{command} --prompt abcd --prompt - --drafts 1", "abcdab")
    assert done.stdout == b"--- 1 of 2\nabcdabc\n--- 2 of 2\nabcdabcda\n", done.stderr
    done = textseq(f"{command} --prompt abcd --drafts 2")
    assert done.stdout == b"--- 1 of 2\nabcdabc\n--- 2 of 2\nabcdabc\n"
    assert textseq(f"{command} --prompt abcd --drafts 1").stdout == b"abcdabc\n"


def test_what_was_said_does_not_come_back(textseq, path):
    command = f"generate {path} --prompt abcdabcd --length 9 --temperature 0"
    once = textseq(f"{command} --no-repeat-ngram-size 3").stdout.decode().strip()
    runs = [once[n : n + 3] for n in range(8, len(once) - 2)]
    assert not set(runs) & {"abc", "bcd", "cda", "dab"} and len(set(runs)) == len(runs)
    fewer = textseq(f"{command} --repetition-penalty 1e9").stdout
    assert fewer != textseq(command).stdout


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
        ("{path} --drafts 0", "--drafts must be a whole number"),
        ("{path} --repetition-penalty 0", "--repetition-penalty must be a number above 0"),
        ("{path} --no-repeat-ngram-size 0", "--no-repeat-ngram-size must be a whole number"),
    ],
)
def test_bad_input_is_one_line(fails, tmp_path, path, arguments, message):
    if "other" in arguments:
        TextClassifier(encoder="mean", max_epochs=1).fit(["a", "b"] * 20, [0, 1] * 20).save(
            tmp_path / "other.textseq"
        )
    assert message in fails(f"generate {arguments.format(path=path)}")
