"""One safe model file: what is saved comes back, and nothing else gets in."""

import io
import json
import resource
import struct
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import save_file
from test_text_classifier import ENCODERS, corpus, small

from textseq import ModelFileError, load_model
from textseq.nn.recurrent import Recurrent


@pytest.fixture(scope="module")
def data():
    return corpus(200)


CURED = dict(
    encoder="bijanet", num_layers=2, connections="dense", normalization="batch", init="chrono",
    head_sizes=[4, 3], pooling="attention", schedule="plateau", truncated_bptt_steps=5,
)  # fmt: skip


@pytest.mark.parametrize(
    "parameters",
    [*({"encoder": name} for name in ENCODERS), CURED, {"representation": "onehot"},
     {"representation": "integer", "activation": "relu", "encoder": "rnn"},
     {"encoder": "mean", "ngram_range": (1, 3), "hash_buckets": 50},
     {"encoder": "bigru", "hidden_size": (5, 4, 3), "connections": "dense"},
     {"encoder": "tcn", "hidden_size": (3, 5)}],
    ids=str,
)  # fmt: skip
def test_a_loaded_model_gives_the_same_numbers(data, tmp_path, parameters):
    model = small(**parameters).fit(*data)
    loaded = load_model(model.save(tmp_path / "model.textseq"))
    assert (loaded.predict_proba(data[0]) == model.predict_proba(data[0])).all()
    assert (loaded.transform(data[0]) == model.transform(data[0])).all()
    shown = {name: tuple(v) if isinstance(v, list) else v for name, v in model.get_params().items()}
    assert loaded.get_params() == shown
    assert loaded.receipt_ == model.receipt_
    assert loaded.vocabulary_ == model.vocabulary_
    pd.testing.assert_frame_equal(loaded.history_, model.history_)


def test_saving_again_gives_the_same_bytes(data, tmp_path):
    model = small(encoder="gru").fit(*data)
    first = model.save(tmp_path / "first").read_bytes()
    assert load_model(tmp_path / "first").save(tmp_path / "second").read_bytes() == first


@pytest.mark.parametrize("labels", [[1, 2], ["ja", "não"], [True, False], [1.0, 2.0]])
def test_labels_keep_their_type(tmp_path, labels):
    y = np.array(labels)[np.arange(40) % 2]
    model = small(encoder="mean").fit(["a", "b"] * 20, y)
    loaded = load_model(model.save(tmp_path / "model"))
    assert loaded.classes_.dtype == model.classes_.dtype
    assert loaded.predict(["a"]) == model.predict(["a"])


def test_multilabel_and_pairs_come_back(tmp_path):
    pairs = [("a", "b"), ("c", "d")] * 20
    model = small(encoder="lstm").fit(pairs, np.eye(2, dtype=int)[[0, 1] * 20])
    loaded = load_model(model.save(tmp_path / "model"))
    assert (loaded.predict(pairs) == model.predict(pairs)).all()


def shout(text):
    return text.upper().split()


def test_own_code_is_never_stored_and_must_be_handed_back(data, tmp_path):
    class Own(Recurrent):
        def __init__(self, input_size, hidden_size):
            super().__init__("gru", input_size, hidden_size)

    model = small(tokenizer=shout, encoder=Own).fit(*data)
    path = model.save(tmp_path / "model")
    with pytest.raises(ModelFileError, match="shout"):
        load_model(path)
    with pytest.raises(ModelFileError, match="Own.*encoder="):
        load_model(path, tokenizer=shout)
    loaded = load_model(path, tokenizer=shout, encoder=Own)
    assert (loaded.predict_proba(data[0]) == model.predict_proba(data[0])).all()


@pytest.fixture(scope="module")
def saved(data, tmp_path_factory):
    return small(encoder="gru", max_features=20).fit(*data).save(
        tmp_path_factory.mktemp("models") / "model"
    ).read_bytes()  # fmt: skip


def test_damaged_files_are_refused(saved, tmp_path):
    rng = np.random.default_rng(0)
    path = tmp_path / "damaged"
    for _ in range(300):
        damaged = bytearray(saved)
        for place in rng.integers(0, len(saved), size=rng.integers(1, 4)):
            damaged[place] ^= 1 << int(rng.integers(8))
        path.write_bytes(damaged if rng.random() < 0.9 else damaged[: rng.integers(len(saved))])
        if path.read_bytes() != saved:
            with pytest.raises(ModelFileError):
                load_model(path)


@pytest.mark.parametrize("form", [bytes, bytearray, memoryview, io.BytesIO])
def test_bytes_and_open_files_hold_the_model_of_the_path(data, saved, tmp_path, form):
    path = tmp_path / "model"
    path.write_bytes(saved)
    loaded = load_model(form(saved))
    assert (loaded.predict_proba(data[0]) == load_model(path).predict_proba(data[0])).all()
    buffer = io.BytesIO()
    assert loaded.save(buffer) is None
    assert buffer.getvalue() == saved
    with path.open("rb") as file:
        assert load_model(file).receipt_ == loaded.receipt_


def test_damaged_bytes_are_refused(saved):
    rng = np.random.default_rng(0)
    for _ in range(100):
        damaged = bytearray(saved)
        damaged[rng.integers(len(saved))] ^= 1 << int(rng.integers(8))
        damaged = damaged if rng.random() < 0.9 else damaged[: rng.integers(len(saved))]
        with pytest.raises(ModelFileError, match="the model file passed as bytes|can't be"):
            load_model(bytes(damaged))


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (io.StringIO("x"), "open for text; open it by open"),
        (None, "can't be read from None; pass its path, its bytes"),
        (b"", "the model file passed as bytes is not a model file"),
        (io.BytesIO(b"no"), "the open file is not a model file"),
        (".", "'.' is a folder; name the model file within it"),
    ],
)
def test_what_holds_no_model_is_named(source, message):
    with pytest.raises(ModelFileError, match=message):
        load_model(source)


def test_a_folder_and_a_file_of_text_are_no_place_for_a_model(data, tmp_path):
    model = small().fit(*data)
    with pytest.raises(IsADirectoryError, match="is a folder; name a file in it"):
        model.save(tmp_path)
    with pytest.raises(ValueError, match="open for text; open it by open"):
        model.save(io.StringIO())
    with pytest.raises(ValueError, match="path is None; name a file"):
        model.save(None)
    with pytest.raises(OSError, match="^[^.]*'[^.]*/x{300}'$"):
        model.save(tmp_path / ("x" * 300))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "content", [b"", b"not a model", struct.pack("<Q", 10**12) + b"{}", b"\x80\x04K\x01."]
)
def test_other_files_are_refused(tmp_path, content):
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(ModelFileError):
        load_model(path)
    with pytest.raises(ModelFileError, match="no model file"):
        load_model(tmp_path / "missing")


def rewritten(saved, path, change):
    """Write the model with another header and a checksum to match, as an attacker would."""
    from safetensors import safe_open

    from textseq.files import CHECKSUM_LENGTH, _checksum

    path.write_bytes(saved)
    with safe_open(path, framework="numpy") as stored:
        arrays = {name: stored.get_tensor(name) for name in stored.keys()}  # noqa: SIM118
        text = stored.metadata()["textseq"][CHECKSUM_LENGTH:]
    text = change(text)
    save_file(arrays, path, metadata={"textseq": _checksum(text, arrays) + text})
    return path


def edited(key, value):
    def change(text):
        header = json.loads(text)
        part = header
        *parents, last = key.split(".")
        for name in parents:
            part = part[name]
        part[last] = value
        return json.dumps(header)

    return change


@pytest.mark.parametrize(
    "change",
    [
        edited("kind", "os.system"),
        edited("format", 99),
        edited("network.hidden_size", 10**12),
        edited("network.hidden_size", 10**30),
        edited("network.num_layers", 10**9),
        edited("network.n_tokens", 10**15),
        edited("network.encoder", "class os.system"),
        edited("network.extra", 1),
        edited("targets.classes.dtype", "|V8"),
        edited("targets.classes", None),
        edited("encoding.vocabulary", {}),
        edited("encoding.tokenizer.kind", "pickle"),
        edited("encoding.hashed", {"longest": 2, "n_buckets": 10**30}),
        edited("encoding.hashed", {"longest": 2, "n_buckets": 10**9}),
        edited("encoding.hashed", {"longest": "2", "n_buckets": 10}),
        edited("parameters", []),
        lambda text: "[" * 100_000 + "]" * 100_000,
        lambda text: "{}",
        lambda text: "null",
    ],
)
def test_hand_made_attacks_end_in_one_error(saved, tmp_path, change):
    with pytest.raises(ModelFileError):
        load_model(rewritten(saved, tmp_path / "attack", change))


def test_claimed_sizes_are_refused_before_memory_is_taken(saved, tmp_path):
    path = rewritten(saved, tmp_path / "bomb", edited("network.hidden_size", 12_000))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # kilobytes
    with pytest.raises(ModelFileError, match="size mismatch"):
        load_model(path)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000


def test_the_rewriting_itself_is_sound(saved, tmp_path):
    load_model(rewritten(saved, tmp_path / "same", lambda text: text))


@contextmanager
def disk_that_fills_up(size):
    """Let no file of this process grow past so many bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:  # at once: pytest may be writing its report to a file
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 0.9])
def test_a_full_disk_leaves_the_old_file_and_no_litter(data, tmp_path, share):
    path = small(encoder="mean").fit(*data).save(tmp_path / "model")
    before = path.read_bytes()
    other = small(encoder="mean", random_state=5).fit(*data)
    with disk_that_fills_up(int(share * len(before))), pytest.raises(OSError, match="too large"):
        other.save(path)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["model"]


def test_saving_into_a_missing_folder_says_so(data, tmp_path):
    model = small(encoder="mean").fit(*data)
    with pytest.raises(OSError, match="nowhere"):
        model.save(tmp_path / "nowhere" / "model")


def test_a_file_is_opened_without_torchs_compiler():
    """Its import would take longer than all else."""
    path = Path(__file__).with_name("old_files") / "pieces.textseq"
    script = (
        "import sys; from textseq import load_model; load_model(sys.argv[1]).generate('so', 2); "
        "print('torch._dynamo' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", script, path], capture_output=True, text=True)
    assert ran.stdout == "False\n", ran.stderr
