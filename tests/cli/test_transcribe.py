import numpy as np
import pytest
import soundfile

from textseq import SequenceTagger, load_model

RATE = 8000


@pytest.fixture
def table(tmp_path):
    rng = np.random.default_rng(0)
    lines = ["path,text,who"]
    (tmp_path / "waves").mkdir()
    for number in range(12):
        low = number % 2 == 0
        hertz = (500 if low else 1800) * rng.uniform(0.9, 1.1)
        wave = np.sin(2 * np.pi * hertz * np.arange(1600) / RATE)
        soundfile.write(tmp_path / f"waves/{number}.wav", wave, RATE)
        lines.append(f"waves/{number}.wav,{'low' if low else 'high'},{'ab'[number // 6]}")
    (tmp_path / "train.csv").write_text("\n".join(lines) + "\n")
    return tmp_path / "train.csv"


def test_files_and_texts_in_texts_of_other_files_out(textseq, fails, table, tmp_path):
    options = "--symbol word --join 2 --group who --epochs 2 --threads 1"
    done = textseq(f"transcribe {table} -o m.textseq {options}")
    assert done.returncode == 0, done.stderr
    told = "bigru, 12 files, 2 symbols, no validation rows, best of 2 epochs: 2"
    assert told in done.stdout.decode()
    model = load_model(tmp_path / "m.textseq")
    assert model.symbols_ == ("high", "low") and model.join == 2
    # As one that hears at every step says something.
    model.network_.head.output.bias.data[0] = -9
    model.save(tmp_path / "m.textseq")
    files = [tmp_path / "waves/0.wav", tmp_path / "waves/1.wav"]
    named = "waves/0.wav waves/1.wav"
    done = textseq(f"transcribe m.textseq {named}")
    assert done.returncode == 0, done.stderr
    assert done.stdout.decode().splitlines() == model.predict(files)
    rows = textseq(f"transcribe m.textseq {named} --times").stdout.decode().splitlines()
    assert rows[0] == "file\tstart\tend\tprobability\tsymbol"
    expected = [
        (f"waves/{number}.wav", heard.symbol)
        for number, own in enumerate(model.predict_times(files))
        for heard in own
    ]
    assert [(row.split("\t")[0], row.split("\t")[4]) for row in rows[1:]] == expected
    assert expected
    for command in ("page", "predict", "inspect"):
        told = fails(f"{command} m.textseq" + (" --out p.html" if command == "page" else ""))
        assert f"`textseq {command}` has no use for: `textseq transcribe m.textseq FILES`" in told


def test_what_is_wrong_is_said(fails, table, tmp_path):
    assert "has no column 'wave'" in fails(f"transcribe {table} -o m.textseq --audio wave")
    assert "no file to transcribe" in fails("transcribe m.textseq")
    assert "--out is for a fit" in fails(f"transcribe {table} waves/0.wav -o m.textseq")
    SequenceTagger(hidden_size=4, max_epochs=1).fit([["a", "b"]] * 20, [["x", "y"]] * 20).save(
        tmp_path / "tags.textseq"
    )
    assert "`textseq tag tags.textseq TEXTS`" in fails("transcribe tags.textseq waves/0.wav")
