"""Thousands of damaged vector files: each gives an error that names the line, or an exact parse.

The judge is a parser in plain Python, written line by line from the description of the format.
"""

import gzip
import lzma
import re
import struct
import warnings
from collections import Counter

import numpy as np
import pytest

from textseq import WordVectors
from textseq.text.vectors.files import MAX_DIM, VectorFileError

NUMBER = re.compile(rb"[+-]?((\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?|inf|infinity|nan)", re.I)
PIECES = [b" ", b"\n", b"\r", b"\t", b"\0", b"\xff", b"\xef\xbb\xbf", b"\xef\xbf\xbd", b"  "]
PIECES += [
    b"\n\n",
    b" \n",
    b"\r\n",
    b'"',
    b"#",
    b"e",
    b"-",
    b".",
    b"7",
    b"99",
    b"1e99",
    b"nan",
    b"inf",
]


class Refused(Exception):
    """What the plain parser says of a bad file: the number of the line, or None."""


def parse_plainly(content):
    content = content.removeprefix(b"\xef\xbb\xbf")
    if not content.strip():
        raise Refused(None)
    lines = content.split(b"\n")
    if not lines[-1]:
        lines.pop()
    lines = [line.removesuffix(b"\r").rstrip(b" ") for line in lines]
    promised, dim = layout_plainly(lines, len(content))
    if promised is not None:
        lines[0] = b""
    rows = {}
    for number, line in enumerate(lines, start=1):
        if line:
            word, vector = row_plainly(line, dim, number)
            if word and np.isfinite(vector).all():
                rows.setdefault(word, vector)
    if promised is not None and sum(map(bool, lines)) < promised:
        raise Refused(1)
    if not rows:
        raise Refused(None)
    return list(rows), np.array(list(rows.values()))


def layout_plainly(lines, size):
    widths = [line.count(b" ") for line in lines[:1000] if line]
    header = re.fullmatch(rb"(\d{1,19}) (\d{1,19})", lines[0])
    if header and not (len(widths) > 1 and widths[1] == 1 and int(header[2]) != 1):
        promised, dim = int(header[1]), int(header[2])
        if not promised or not 1 <= dim <= MAX_DIM or promised * (2 * dim + 1) > size:
            raise Refused(1)
        return promised, dim
    dim = Counter(widths).most_common(1)[0][0] if widths else 0
    if not dim:
        raise Refused(1)
    return None, dim


def row_plainly(line, dim, number):
    fields = line.split(b" ")
    if len(fields) <= dim or (len(fields) > dim + 1 and NUMBER.fullmatch(fields[-dim - 1])):
        raise Refused(number)
    if not all(NUMBER.fullmatch(field) for field in fields[-dim:]):
        raise Refused(number)
    with np.errstate(over="ignore"):
        vector = np.array([float(field) for field in fields[-dim:]]).astype(np.float32)
    try:
        word = b" ".join(fields[:-dim]).decode()
    except UnicodeDecodeError:
        word = ""
    return (word if word.strip(" ") else ""), vector


def seeds():
    rng = np.random.default_rng(0)
    words = ["the", "été", ". . .", '"', "#x", "12", "the", "日本", "a", "n't", "u.s.", "-", "\xa0"]
    rows = [(word, rng.normal(size=4).round(4)) for word in words]
    glove = "".join(f"{word} {' '.join(map(str, row))}\n" for word, row in rows)
    yield glove.encode()
    yield glove.replace("\n", "\r\n").encode()
    yield f"13 4\n{glove}".encode()
    yield ("13 4\n" + glove.replace("\n", " \n")).encode()
    yield "".join(f"{word} {i}\n" for i, word in enumerate("abcdefg")).encode()


def mutate(content, rng):
    """Change a file in one to three places."""
    for _ in range(rng.integers(1, 4)):
        place, other = sorted(rng.integers(0, len(content) + 1, 2).tolist())
        piece = PIECES[rng.integers(len(PIECES))]
        match rng.integers(6):
            case 0:
                content = content[:place] + piece + content[place:]
            case 1:
                content = content[:place] + piece + content[place + len(piece) :]
            case 2:
                content = content[:place] + content[place + 1 :]
            case 3:
                content = content[:place] + bytes([rng.integers(256)]) + content[place + 1 :]
            case 4:
                content = content[:place] + content[place : place + 30] + content[place:]
            case 5:
                content = content[:place] + content[max(place, other - 20) :]
    return content


def read(path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        vectors = WordVectors.load(path, cache=False)
    return vectors.words.to_list(), vectors.matrix


def check_text(path, content):
    path.write_bytes(content)
    try:
        words, matrix = parse_plainly(content)
    except Refused as refusal:
        with pytest.raises(VectorFileError) as caught:
            read(path)
        line = re.search(r"line ([\d,]+)", str(caught.value))
        expected = refusal.args[0]
        # A file may also look like another format, or a binary one, after its damage.
        if line and expected is not None and expected > 1:
            assert int(line[1].replace(",", "")) in (expected, 1), content
        return False
    found_words, found = read(path)
    assert found_words == words, content
    np.testing.assert_array_equal(found, matrix, err_msg=repr(content))
    return True


def run_text(folder, count, seed):
    rng = np.random.default_rng(seed)
    originals = list(seeds())
    sound = sum(
        check_text(folder / "vectors.txt", mutate(originals[i % len(originals)], rng))
        for i in range(count)
    )
    # Neither outcome may go untested.
    assert count / 10 < sound < count * 0.9


def parse_binary_plainly(content):
    content = content.removeprefix(b"\xef\xbb\xbf")
    header = re.match(rb"(\d+) (\d+) *\r?\n", content)
    n_words, dim = int(header[1]), int(header[2])
    place, rows = header.end(), {}
    for _ in range(n_words):
        space = content.index(b" ", place)
        word, place = content[place:space].lstrip(b"\n"), space + 1 + 4 * dim
        row = struct.unpack(f"<{dim}f", content[space + 1 : place])
        try:
            text = word.decode()
        except UnicodeDecodeError:
            continue
        if np.isfinite(row).all() and text.strip(" ") and text not in rows:
            rows[text] = row
    assert not content[place:].strip()
    return list(rows), np.array(list(rows.values()), dtype=np.float32)


def run_binary(folder, count, seed):
    rng = np.random.default_rng(seed)
    words = ["the", "été", "日本", "a", "n't", "the", "x"]
    content = b"7 10\n" + b"".join(
        word.encode() + b" " + rng.normal(size=10).astype("<f4").tobytes() for word in words
    )
    path, sound = folder / "vectors.bin", 0
    for _ in range(count):
        mutant = mutate(content, rng)
        path.write_bytes(mutant)
        try:
            found_words, found = read(path)
        except VectorFileError:
            continue
        sound += 1
        expected_words, expected = parse_binary_plainly(mutant)
        assert found_words == expected_words, mutant
        np.testing.assert_array_equal(found, expected, err_msg=repr(mutant))
    assert sound > count / 20


def run_packed(folder, count, seed):
    rng = np.random.default_rng(seed)
    content = next(seeds())
    words, matrix = parse_plainly(content)
    path = folder / "vectors.txt.gz"
    for number in range(count):
        packed = (gzip.compress if number % 2 else lzma.compress)(content)
        path.write_bytes(packed[:6] + mutate(packed[6:], rng))
        try:
            found_words, found = read(path)
        except VectorFileError:
            continue
        # gzip's own header (time, name) may change without harm.
        assert found_words == words
        np.testing.assert_array_equal(found, matrix)


def test_the_originals_are_read_exactly(tmp_path):
    for content in seeds():
        assert check_text(tmp_path / "vectors.txt", content)


@pytest.mark.parametrize("run", [run_text, run_binary, run_packed])
def test_some_mutations(tmp_path, run):
    run(tmp_path, 400, seed=1)


@pytest.mark.slow
@pytest.mark.parametrize("run", [run_text, run_binary, run_packed])
def test_ten_thousand_mutations(tmp_path, run):
    run(tmp_path, 10_000, seed=2)
