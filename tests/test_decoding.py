import pytest

from textseq.decoding import decoded


@pytest.mark.parametrize(
    ("text", "written", "advice"),
    [
        ("it\u2019s a café \u2013 good", "cp1252", "those of Windows: pass the encoding cp1252"),
        ("a café", "latin-1", "if the file is Latin-1, pass the encoding latin-1"),
        ("очень хороший фильм", "cp1251", "such as cp1251, gb18030"),
        ("这部电影很好", "gb18030", "such as cp1251, gb18030"),
        ("とても良い映画", "shift_jis", "such as cp1251, gb18030"),
    ],
)
def test_bytes_tell_which_encoding_is_advised(text, written, advice):
    with pytest.raises(ValueError, match=advice) as told:
        decoded(text.encode(written), "utf-8", "t.txt")
    assert ("latin-1" in str(told.value)) == (written == "latin-1")


def test_one_bad_byte_among_utf_8_is_no_other_encoding():
    data = "naïve café, garçon\n".encode() + b"it\x92s\n"
    with pytest.raises(ValueError, match=r"line 2: byte 0x92 .*the rest is UTF-8: mend that line"):
        decoded(data, "utf-8", "t.txt")


def test_windows_read_as_latin_1_is_warned_of():
    data = "fine\nit\u2019s".encode("cp1252")
    with pytest.warns(UserWarning, match="line 2: byte 0x92 is a control character in Latin-1"):
        assert decoded(data, "latin-1", "t.txt") == "fine\nit\x92s"
    assert decoded("café".encode("latin-1"), "latin-1", "t.txt") == "café"


def test_an_error_calls_the_encoding_as_it_was_given():
    with pytest.raises(ValueError, match="byte 0x81 is not CP1252"):
        decoded(b"a \x81", "cp1252", "t.txt")
    with pytest.raises(ValueError, match="unknown encoding 'latin-x'"):
        decoded(b"a", "latin-x", "t.txt")


def test_what_holds_nul_is_no_text():
    with pytest.raises(ValueError, match="line 2: a NUL character"):
        decoded(b"a\n\xff\0", "utf-8", "t.txt")
