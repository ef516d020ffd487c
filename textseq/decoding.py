"""Bytes of a text file to its letters; which encoding they may be in where they are no UTF-8."""

from __future__ import annotations

import re
import warnings

# Bytes that Windows-1252 gives no letter.
_NOT_IN_CP1252 = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
# Letters of Windows-1252 that ISO 8859-1 takes for control characters.
_ONLY_IN_CP1252 = re.compile(rb"[\x80-\x9f]")


def decoded(data: bytes, encoding: str, where: str) -> str:
    """Decode a whole file, or name the line whose bytes are not in the encoding.

    Parameters
    ----------
    data : bytes
    encoding : str
        UTF-16 with a byte order mark is recognised whatever it says.
    where : str
        What errors call the file.

    Raises
    ------
    ValueError
        If the bytes are in another encoding, which is named if they tell it, or no text.

    Examples
    --------
    >>> decoded("café".encode(), "utf-8", "example")
    'café'
    """
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encoding = "utf-16"
    is_utf8 = encoding.lower().replace("-", "").replace("_", "") in ("utf8", "utf8sig")
    if is_utf8 and b"\0" in data:
        line = data.count(b"\n", 0, data.index(b"\0")) + 1
        raise ValueError(f"{where}, line {line}: a NUL character; this is no text file, or damaged")
    try:
        content = data.decode("utf-8-sig" if is_utf8 else encoding)
    except (LookupError, ValueError) as error:
        if not isinstance(error, UnicodeDecodeError):
            raise ValueError(
                f"unknown encoding {encoding!r}; try utf-8, latin-1 or cp1252"
            ) from None
        line = data.count(b"\n", 0, error.start) + 1
        found = f"{where}, line {line}: byte 0x{data[error.start]:02x} is not {encoding.upper()}"
        advice = _advice(data) if is_utf8 else "pass the encoding that the file was written in"
        raise ValueError(f"{found}; {advice}") from None
    if "\0" in content:
        line = content.count("\n", 0, content.index("\0")) + 1
        raise ValueError(f"{where}, line {line}: a NUL character; this is no text file, or damaged")
    if encoding.lower().replace("_", "-") in ("latin-1", "latin1", "iso-8859-1", "iso8859-1"):
        _warn_of_windows(data, where)
    return content


def _advice(data: bytes) -> str:
    """Say which encoding bytes are in that are not all UTF-8, as far as they tell it."""
    high = len(re.findall(rb"[\x80-\xff]", data))
    whole = [sign for sign in data.decode("utf-8", "ignore") if sign > "\x7f"]
    in_utf8 = len("".join(whole).encode())
    if 4 * (high - in_utf8) < in_utf8:
        return "the rest is UTF-8: mend that line, which is damaged or was written elsewhere"
    # Letters beyond ASCII stand alone in Western words, and side by side in all other scripts.
    runs = sum(len(run) for run in re.findall(rb"[\x80-\xff]{3,}", data))
    if 2 * runs > high or _NOT_IN_CP1252.search(data):
        return (
            "pass the encoding that the file was written in, such as cp1251, gb18030, shift_jis "
            "or euc-kr (--encoding cp1251), or convert it to UTF-8"
        )
    if _ONLY_IN_CP1252.search(data):
        return (
            "its bytes are those of Windows: pass the encoding cp1252 (--encoding cp1252), or "
            "convert it to UTF-8"
        )
    return (
        "if the file is Latin-1, pass the encoding latin-1 (--encoding latin-1), else convert it "
        "to UTF-8"
    )


def _warn_of_windows(data: bytes, where: str) -> None:
    found = _ONLY_IN_CP1252.search(data)
    if found is None or _NOT_IN_CP1252.search(data):
        return
    line = data.count(b"\n", 0, found.start()) + 1
    warnings.warn(
        f"{where}, line {line}: byte 0x{found[0][0]:02x} is a control character in Latin-1 and "
        f"{found[0].decode('cp1252')!r} on Windows; pass the encoding cp1252 "
        "(--encoding cp1252) if that is meant",
        stacklevel=2,
    )
