"""Against R's own serialize() and readRDS()."""

import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textseq.r.serialization import pack, unpack

VALUE = {
    "none": None,
    "text": "caf\u00e9",
    "empty": "",
    "texts": ["a", None, "\u4f60\u597d"],
    "yes": True,
    "n": -7,
    "wide": 2**40,
    "x": 0.1,
    "bytes": [b"\x00\xff", b""],
    "nested": {"items": [{"n": 1}, None, {"n": 2.5, "more": ["z"]}], "nothing": []},
}
# A symbol is written once and referred to from then on, here 'names'.
CODE = """
path <- commandArgs(TRUE)
x <- readRDS(path[1])
stopifnot(
  is.null(x$none), "none" %in% names(x), x$text == "caf\\u00e9", identical(x$empty, ""),
  identical(x$texts, c("a", NA, "\\u4f60\\u597d")), identical(x$yes, TRUE), identical(x$n, -7L),
  identical(x$wide, 2^40), identical(x$x, 0.1),
  identical(x$bytes, list(as.raw(c(0, 255)), raw())),
  identical(x$nested$items, list(list(n = 1L), NULL, list(n = 2.5, more = "z"))),
  identical(x$nested$nothing, list())
)
latin <- iconv("caf\\u00e9", "UTF-8", "latin1")
x$latin <- latin
x$numbers <- c(1.5, NA)
saveRDS(x, path[2], version = 2, compress = FALSE)
"""


def test_r_reads_it_and_writes_it_back(tmp_path):
    (tmp_path / "in.rds").write_bytes(pack(VALUE))
    paths = [str(tmp_path / "in.rds"), str(tmp_path / "out.rds")]
    subprocess.run(["Rscript", "-e", CODE, *paths], check=True)
    back = unpack((tmp_path / "out.rds").read_bytes())
    assert back.pop("latin") == "caf\u00e9"
    assert back.pop("numbers")[0] == 1.5
    # R has no lone values beside vectors of one.
    VALUE["nested"]["items"][2]["more"] = "z"
    assert back == VALUE


PARTS = st.none() | st.booleans() | st.integers(-(2**31) + 1, 2**31 - 1) | st.binary() | st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0")
) | st.floats(allow_nan=False)  # fmt: skip


@given(st.dictionaries(st.text("abc", min_size=1), PARTS | st.lists(st.binary())))
@settings(max_examples=100, deadline=None)
def test_what_is_packed_is_unpacked(value):
    back = unpack(pack(value))
    assert back == value if value else back in ([], {})


def test_other_formats_and_values_are_refused(tmp_path):
    with pytest.raises(ValueError, match=r"not R's serialization format 2: it starts with b'\\x1f"):
        unpack(b"\x1f\x8b\x08\x00\x00\x00\x00")
    path = str(tmp_path / "out.rds")
    code = f"saveRDS(list(f = function(x) x), '{path}', version = 2, compress = FALSE)"
    subprocess.run(["Rscript", "-e", code], check=True)
    with pytest.raises(ValueError, match="R's type 3 is none that the wire is made of"):
        unpack((tmp_path / "out.rds").read_bytes())
