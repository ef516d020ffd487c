import gzip
import io
import lzma
import resource
import struct
import subprocess
import sys
import warnings
import zipfile

import numpy as np
import pytest

from textseq import WordVectors
from textseq.text.vectors import files as vector_files
from textseq.text.vectors.files import VectorFileError

GLOVE = b"the 0.1 -0.2 3\nof 1e-3 .5 -6.\n\xc3\xa9t\xc3\xa9 7 8 9\n"
EXPECTED = [[0.1, -0.2, 3], [1e-3, 0.5, -6], [7, 8, 9]]


@pytest.fixture
def load(tmp_path):
    def load(content, name="vectors.txt", **options):
        path = tmp_path / name
        path.write_bytes(content)
        return WordVectors.load(path, cache=False, **options)

    return load


def binary(words, matrix, end=b""):
    matrix = np.asarray(matrix, dtype="<f4")
    records = [word + b" " + row.tobytes() + end for word, row in zip(words, matrix, strict=True)]
    return b"%d %d\n" % matrix.shape + b"".join(records)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(GLOVE, id="glove"),
        pytest.param(GLOVE.rstrip(b"\n"), id="no last newline"),
        pytest.param(GLOVE.replace(b"\n", b"\r\n"), id="crlf"),
        pytest.param(b"\xef\xbb\xbf" + GLOVE, id="byte order mark"),
        pytest.param(GLOVE + b"\n \n", id="blank lines"),
        pytest.param(b"3 3\n" + GLOVE, id="word2vec text"),
        pytest.param(b"3 3\n" + GLOVE.replace(b"\n", b" \n"), id="fasttext"),
        pytest.param(b"3 3 \r\n" + GLOVE.replace(b"\n", b" \r\n"), id="fasttext crlf"),
        pytest.param(GLOVE.replace(b"\n", b"  \n"), id="two spaces at the end"),
        pytest.param(binary([b"the", b"of", b"\xc3\xa9t\xc3\xa9"], EXPECTED), id="binary"),
        pytest.param(
            binary([b"the", b"of", b"\xc3\xa9t\xc3\xa9"], EXPECTED, b"\n"), id="binary of word2vec"
        ),
    ],
)
def test_every_format_gives_the_same_words_and_numbers(load, content):
    vectors = load(content)
    assert vectors.words.to_list() == ["the", "of", "été"]
    np.testing.assert_array_equal(vectors.matrix, np.array(EXPECTED, dtype=np.float32))


def zipped(content, *names):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, content)
    return packed.getvalue()


PACKERS = {
    "gzip": gzip.compress,
    "xz": lzma.compress,
    "zip": lambda content: zipped(content, "vectors.txt"),
}


@pytest.mark.parametrize("pack", PACKERS.values(), ids=PACKERS)
def test_packed_files_are_recognised_by_content(load, pack):
    assert load(pack(GLOVE)).fingerprint == load(GLOVE).fingerprint


@pytest.mark.parametrize("pack", PACKERS.values(), ids=PACKERS)
def test_a_packed_file_cut_anywhere_is_an_error(load, pack):
    lines = "".join(f"w{i} {i}.5 {i * i}.25 0.125\n" for i in range(300)).encode()
    packed = pack(lines)
    for length in [*range(7, 60, 13), *range(60, len(packed) - 1, 199), len(packed) - 1]:
        with pytest.raises(VectorFileError, match=r"vectors\.txt: .*(damaged|cut short)"):
            load(packed[:length])


def test_one_file_of_an_archive_is_chosen_by_its_path(tmp_path):
    archive = tmp_path / "glove.zip"
    archive.write_bytes(zipped(GLOVE, "a.txt", "b/c.txt"))
    assert WordVectors.load(archive / "b" / "c.txt").words[0] == "the"
    with pytest.raises(VectorFileError, match=r"holds 2 files \(a\.txt, b/c\.txt\); name the one"):
        WordVectors.load(archive)
    with pytest.raises(VectorFileError, match="holds 2 files"):
        WordVectors.load(archive / "d.txt")


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        (b'"', '"'),
        (b"#", "#"),
        (b"'s", "'s"),
        (b"NA", "NA"),
        (b"null", "null"),
        (b"nan", "nan"),
        (b"12", "12"),
        (b". . .", ". . ."),
        (b"at name@domain.com", "at name@domain.com"),
        (b"\xc2\xa0", "\xa0"),
        (b"\xef\xbf\xbd\xef\xbf\xbd", "��"),
        (b"a\tb", "a\tb"),
        (b"\ta", "\ta"),
        (b"a\r", "a\r"),
        (b"x\x01", "x\x01"),
        (b"\xef\xbb\xbfa", "\ufeffa"),
    ],
)
def test_odd_words_are_kept_as_they_are(load, word, expected):
    vectors = load(b"first 1 2\n" + word + b" 3 4\nlast 5 6\n")
    assert vectors.words.to_list() == ["first", expected, "last"]
    np.testing.assert_array_equal(vectors.matrix, [[1, 2], [3, 4], [5, 6]])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b" \n\n", "is empty"),
        (b"a 1 2\nb 1 2\nc 1\n", r"line 3 has width 1 \(numbers after the word\) instead of 2"),
        (b"a 1 2\nb 1 2 3\nc 1 2\n", r"line 2 has width 3 \(numbers after the word\) instead of 2"),
        (
            b"a 1 2\nb 1 2 3\nc d 1 2\ne 1 2\n",
            r"line 2 has width 3 \(numbers after the word\) instead of 2",
        ),
        (b"a 1 2\nb\nc 1 2\n", r"line 2 has width 0 \(numbers after the word\) instead of 2"),
        (b"2 2\na 1 2\nb 1 2 3\n", r"line 3 has width 3 \(numbers after the word\) instead of 2"),
        (b"2 3\na 1 2\nb 1 2\n", r"line 2 has width 2 \(numbers after the word\) instead of 3"),
        (b"a 1 2\nb 1 x\n", "line 2: 'x' is not a number"),
        (b"a 1 2\nb 1_0 2\n", "line 2: '1_0' is not a number"),
        (b"a 1 2\nb 0x1 2\n", "line 2: '0x1' is not a number"),
        (b"a 1 2\nb  2\n", "line 2: '' is not a number"),
        (b"a 1 2\nb \t1 2\n", r"line 2: '\\t1' is not a number"),
        (b"a 1 2\nb 1\r 2\n", r"line 2: '1\\r' is not a number"),
        (b"a 1 2\nb 1 \xff\xff\n", "line 2: '��' is not a number"),
        (b"a,1,2\nb,1,2\n", "line 1: expected a word and 1 to 16,384 numbers"),
        (b"once upon a time\nthere was a\n", "line 1: 'upon' is not a number"),
        (b"4 2\na 1 2\nb 1 2\nc 1 2\n", "line 1 promises 4 words, but the file ends after 3"),
        (b"1000000000000 50\na 1 2\n", "line 1 promises 1,000,000,000,000 words .* 23 bytes"),
        (b"1 1000000000000\na 1 2\n", "line 1: 1000000000000 numbers a word is out of range"),
        (b"0 2\na 1 2\n", "line 1 says that there are 0 words"),
        (b"5 0\na 1 2\n", "line 1: 0 numbers a word is out of range"),
        (b"a nan 1\nb inf 2\n", "holds no usable word .rows with NaN or infinity left out: 2"),
        (struct.pack("<i", 793712314) + b"\x0c\0\0\0", "is a fastText model"),
        (b"\x80\x04\x95", "is a Python pickle"),
        (b"BZh91AY", "is compressed by bzip2"),
        ("the 1 2\n".encode("utf-16"), "is in UTF-16"),
        (binary([b"a", b"b"], [[1, 2], [3, 4]])[:-1], "line 1 promises 2 words, .* within word 2"),
        (binary([b"a"], [[1, 2]]) + b"xyz", "line 1 promises 1 words, but more bytes follow"),
    ],
)
def test_unusable_files_give_an_error_that_says_where(load, content, message):
    with pytest.raises(VectorFileError, match=rf"vectors\.txt: {message}"):
        load(content)


@pytest.mark.parametrize("content", [b"12 7\n13 8\n", b"12 7\n"])
def test_two_integers_are_no_header_where_rows_are_of_one_number(load, content):
    if content.count(b"\n") == 1:
        with pytest.raises(VectorFileError, match="promises 12 words"):
            load(content)
    else:
        assert load(content).words.to_list() == ["12", "13"]


def test_a_missing_file_names_the_remedy(tmp_path):
    with pytest.raises(VectorFileError, match=r"no file .*none\.txt; `textseq vectors download"):
        WordVectors.load(tmp_path / "none.txt")
    with pytest.raises(VectorFileError, match="is a folder; name the file .* textseq.load_vectors"):
        WordVectors.load(tmp_path)


@pytest.mark.parametrize(
    ("content", "words", "message"),
    [
        (b"a 1 2\nb 3 4\na 5 6\nb 7 8\n", ["a", "b"], "repeated words .*: 2, the first at line 3"),
        (
            b"a 1 2\nb nan 4\nc 5 -inf\nd 1 1e39\n",
            ["a"],
            "rows with NaN .*: 3, the first at line 2",
        ),
        (b"a 1 2\n\xff 3 4\n 5 6\n", ["a"], "rows left out whose word .*: 2, the first at line 2"),
        (b"1 2\na 1 2\nb 3 4\nc 5 6\n", ["a", "b", "c"], "rows more .*: 2, the first at line 3"),
        (
            binary([b"a", b"\xff", b"c", b"a"], [[1, 2], [1, 2], [np.nan, 2], [5, 6]]),
            ["a"],
            "rows with NaN .*: 1, the first at word 3; rows left out whose .*: 1, the first at "
            "word 2; repeated .*: 1, the first at word 4",
        ),
    ],
)
def test_usable_files_give_one_warning_with_counts(load, content, words, message):
    with pytest.warns(UserWarning, match=rf"vectors\.txt: {message}") as caught:
        vectors = load(content)
    assert len(caught) == 1
    assert caught[0].filename == __file__
    assert vectors.words.to_list() == words
    np.testing.assert_array_equal(vectors.matrix[0], [1, 2])


@pytest.mark.parametrize("binary_file", [False, True])
@pytest.mark.parametrize("chunk", [300, 1000, 4096])
def test_blocks_join_without_a_seam(load, monkeypatch, chunk, binary_file):
    rng = np.random.default_rng(chunk)
    matrix = rng.normal(size=(500, 7)).astype(np.float32)
    words = [f"word {'é' * (i % 5)} {i}x" if i % 9 == 4 else f"w{i}" for i in range(500)]
    if binary_file:
        words = [word.replace(" ", "_") for word in words]
        content = binary([word.encode() for word in words], matrix)
    else:
        rows = [" ".join([w, *map(repr, v.tolist())]) for w, v in zip(words, matrix, strict=True)]
        content = "\n".join(rows).encode()
    monkeypatch.setattr(vector_files, "CHUNK_BYTES", chunk)
    vectors = load(content)
    assert vectors.words.to_list() == words
    np.testing.assert_array_equal(vectors.matrix, matrix)
    assert load(content, words=words[::3]).words.to_list() == words[::3]


def test_line_numbers_go_on_from_block_to_block(load, monkeypatch):
    monkeypatch.setattr(vector_files, "CHUNK_BYTES", 1000)
    lines = [f"w{i} {i} 1" for i in range(2000)]
    lines[1700] = "w1700 x 1"
    with pytest.raises(VectorFileError, match="line 1,701: 'x' is not a number"):
        load("\n".join(lines).encode())


def test_wide_rows_are_read(load):
    numbers = np.arange(16_384, dtype=np.float32)
    content = b"a " + " ".join(map(str, range(16_384))).encode() + b"\n"
    np.testing.assert_array_equal(load(content).matrix[0], numbers)


CHECK = """
import resource, sys, time
from textseq import WordVectors
WordVectors.load(sys.argv[2])
before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
try:
    WordVectors.load(sys.argv[1])
except ValueError as error:
    print(error)
print(time.process_time() - start, file=sys.stderr)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024, file=sys.stderr)
"""


@pytest.mark.parametrize("start", [b"the 0.1", b"5 50\nthe 0.1", b"2 300\nthe \0\0\0\0"])
def test_a_line_of_two_gigabytes_fails_at_once_in_little_memory(tmp_path, start):
    bomb, small = tmp_path / "bomb.txt", tmp_path / "small.txt"
    small.write_bytes(GLOVE)
    with bomb.open("wb") as file:
        file.write(start)
        file.truncate(2 * 10**9)
    done = subprocess.run(
        [sys.executable, "-c", CHECK, bomb, small], capture_output=True, text=True, check=True
    )
    seconds, megabytes = map(float, done.stderr.split())
    assert "longer than 1,048,576 bytes" in done.stdout or "more bytes follow" in done.stdout
    assert seconds < 1
    assert megabytes < 100


def test_a_long_line_within_the_first_block_is_named(load):
    with pytest.raises(VectorFileError, match="line 2 is longer than 1,048,576 bytes"):
        load(b"a 1 2\n" + b"b" * 2**20 + b" 1 2\nc 1 2\n")


def test_nothing_is_left_open(load):
    with warnings.catch_warnings():
        warnings.simplefilter("error", ResourceWarning)
        files = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (64, files[1]))
        try:
            for _ in range(100):
                load(gzip.compress(GLOVE))
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, files)
