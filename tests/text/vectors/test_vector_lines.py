import io
import itertools
import math
import random
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from textseq.text.vectors import lines as vector_lines
from textseq.text.vectors.files import Problems, VectorFileError, read_blocks
from textseq.text.vectors.lines import read_lines

LONGEST = 2**20
BIG = 3.4028234e38


def numbers_of(texts):
    """Read numbers, one a line; NaN for those that are doubtful."""
    raw = "".join(f"w {text}\n" for text in texts).encode()
    lines = read_lines(raw, 1, LONGEST)
    numbers = np.full(len(texts), np.nan, dtype=np.float32)
    numbers[lines.sound] = lines.matrix[:, 0]
    assert sorted([*lines.sound, *lines.doubtful]) == list(range(len(texts)))
    return numbers


def expected_of(texts):
    with np.errstate(over="ignore"):
        numbers = np.array([float(text) for text in texts]).astype(np.float32)
    return np.where(np.isfinite(numbers), numbers, np.float32(np.nan))


def check(texts):
    found, expected = numbers_of(texts), expected_of(texts)
    different = np.flatnonzero(found.view(np.uint32) != expected.view(np.uint32))
    assert not len(different), [(texts[i], found[i], expected[i]) for i in different[:5]]


@settings(max_examples=500, deadline=None)
@given(
    st.from_regex(
        r"[+-]?([0-9]{1,25}\.?[0-9]{0,25}|\.[0-9]{1,25})([eE][+-]?[0-9]{1,3})?", fullmatch=True
    )
)
@example("-0")
@example("+.5")
@example("5.e-3")
@example("00000000000000000000000000001")
@example("9999999999999999999")
@example("18446744073709551616")
@example("0e99999")
@example("1e99999")
@example("1e-99999")
@example("1e" + "0" * 300 + "1")
@example("1." + "0" * 1000)
@example("16777217")
@example("1.00000005960464477539062499999999999999")
@example("1.00000005960464477539062500000000000001")
def test_a_number_is_what_python_makes_of_it(text):
    found = numbers_of([text])
    if np.isnan(found[0]):  # left to be read with care: too large, or too long for the kernel
        assert not abs(float(text)) <= BIG or len(text) > 100
    else:
        check([text])


@pytest.mark.parametrize(
    "form", ["{!r}", "{:.4f}", "{:.9g}", "{:.17g}", "{:.19g}", "{:.3e}", "{:f}"]
)
def test_numbers_of_every_size_are_read_exactly(form):
    rng = np.random.default_rng(0)
    bits = rng.integers(0, 2**32, 20_000, dtype=np.uint32).view(np.float32)
    numbers = np.concatenate([bits[np.isfinite(bits)].astype(float), rng.normal(size=20_000)])
    check([form.format(number) for number in numbers.tolist()])


def test_numbers_by_the_middle_of_two_floats_are_rounded_to_the_right_one():
    rng = np.random.default_rng(1)
    floats = np.abs(rng.normal(size=2000)).astype(np.float32)
    middles = (floats.astype(float) + np.nextafter(floats, np.float32(9)).astype(float)) / 2
    texts = []
    for middle in middles.tolist():
        texts.append(format(Decimal(middle), "f"))
        texts += [f"{number:.18g}" for number in (math.nextafter(middle, 0), middle)]
        texts += [f"{Decimal(middle):.{digits}g}" for digits in (9, 12, 15, 16, 17, 18, 19)]
    check(texts)


@pytest.mark.parametrize(
    "text",
    ["", "-", "+", ".", "-.", "1e", "1e+", "e5", "1.2.3", "0x10", "1_0", "nan", "inf", "-Infinity"]
    + ["1\t", "1,5", "١", "--1", "1-", "1e5.0"],
)
def test_what_is_no_finite_number_is_doubtful(text):
    assert np.isnan(numbers_of([text, "1"])).tolist() == [True, False]


def read(content):
    problems = Problems()
    try:
        blocks = list(read_blocks(io.BytesIO(content), len(content), problems))
    except VectorFileError as error:
        return str(error)
    rows = [
        (place, word, vector.tobytes())
        for block in blocks
        for place, word, vector in zip(
            block.line_numbers.tolist(), block.words.to_list(), block.matrix, strict=True
        )
    ]
    return rows, problems.describe()


def test_files_are_read_the_same_without_kernels(monkeypatch):
    rng = random.Random(0)
    words = [
        b"a",
        b"\xc3\xa9t\xc3\xa9",
        b"two words",
        b"tab\t",
        b"\xff",
        b"",
        b"\xef\xbf\xbd",
        b"1",
    ]
    numbers = [b"1", b"-0.5", b"2e-3", b".25", b"nan", b"1e39", b"x", b"0.1234567890123456789"]
    ends = [b"\n"] * 8 + [b"\r\n", b" \n", b" \r\n", b"  \n", b"\r\r\n", b"\t\n"]
    contents = []
    for _ in range(400):
        oddity = rng.choice([0, 0.05, 0.3])
        lines = []
        for number in range(rng.randrange(1, 12)):
            word = rng.choice(words) if rng.random() < oddity else b"w%d" % number
            width = rng.choice([0, 1, 3]) if rng.random() < oddity / 4 else 2
            values = rng.choices(numbers if rng.random() < oddity else numbers[:4], k=width)
            end = rng.choice(ends) if rng.random() < oddity else b"\n"
            lines.append(b" ".join([word, *values]) + end)
        contents.append(b"".join(lines))
    compiled = [read(content) for content in contents]
    assert sum(isinstance(result, str) for result in compiled) > 20
    monkeypatch.setattr(vector_lines, "kernels", lambda: None)
    for content, expected in zip(contents, compiled, strict=True):
        assert read(content) == expected, content


def test_words_are_utf8_as_python_reads_it():
    leads = [0x41, 0x7F, 0x80, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC, 0xED, 0xEE, 0xEF]
    leads += [0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF]
    others = [0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC2]
    words = [
        bytes([lead, *rest])
        for lead in leads
        for length in range(4)
        for rest in itertools.product(others, repeat=length)
    ]
    lines = read_lines(b"".join(word + b" 1\n" for word in words), 1, LONGEST)

    def is_utf8(word):
        try:
            return bool(word.decode())
        except UnicodeDecodeError:
            return False

    assert lines.sound.tolist() == [row for row, word in enumerate(words) if is_utf8(word)]
    assert lines.words.to_list() == [word.decode() for word in words if is_utf8(word)]


def test_line_ends_of_other_programs_leave_no_doubt():
    lines = read_lines(b"a 1\r\nb 1 \nc 1 \r\n\r\n \n", 1, LONGEST)
    assert lines.words.to_list() == ["a", "b", "c"]
    assert len(lines.doubtful) == 0


def test_a_line_that_is_too_long_is_not_read():
    lines = read_lines(b"a 1\n\n" + b"b" * 100 + b" 1\n  \nc 2\n", 1, 100)
    assert lines.words.to_list() == ["a", "c"]
    assert (lines.sound.tolist(), lines.doubtful.tolist()) == ([0, 4], [])
    assert lines.too_long.tolist() == [2]
