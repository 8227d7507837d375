"""Control files that do not fit their file, or cannot be read."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

from tests.bad_deliveries.case import TRANSACTIONS, Case, Kind, Refusal

_K = Kind("controls")
_FILE = TRANSACTIONS.file
_GOOD = TRANSACTIONS.text()
_PACKED = gzip.compress(_GOOD, mtime=0)
_SHA = hashlib.sha256(_GOOD).hexdigest()
_MALFORMED = "transactions.csv.ctl is malformed; valid: rows=<data rows> and sha256=<64 hex digits>"
_NO_FILE = "transactions.csv.ctl is not a file; valid: a file with rows= and sha256="


def _kept(case: str, wrong: str, control: bytes, content: bytes = _GOOD) -> Case:
    files = {_FILE: content, f"{_FILE}.ctl": control}
    return _K.files(case, wrong, files, TRANSACTIONS.rows)


def _broken(case: str, wrong: str, control: bytes, reason: str, content: bytes = _GOOD) -> Case:
    files = {_FILE: content, f"{_FILE}.ctl": control}
    return _K.files(case, wrong, files, refusals=[Refusal(_FILE, None, reason)])


def _says(rows: object = 3, sha256: str = _SHA) -> bytes:
    return f"rows={rows}\nsha256={sha256}\n".encode()


def _folder(path: Path) -> None:
    path.mkdir()


def _dangling(path: Path) -> None:
    path.symlink_to("nowhere")


_SHORTER = TRANSACTIONS.text(*TRANSACTIONS.rows[:2])
_BLANK_LINES = _GOOD + b"\n,,,,,,\n"
_WITH_BAD = _GOOD + b"x\n"

CASES = [
    _kept("right", "a control file that fits", _says()),
    _kept("capital-hash", "a hash in capitals", _says(sha256=_SHA.upper())),
    _kept("capital-keys", "keys in capitals", _says().upper()),
    _kept("mark", "a byte order mark in it", b"\xef\xbb\xbf" + _says()),
    _kept("crlf", "Windows line ends in it", _says().replace(b"\n", b"\r\n")),
    _kept("blanks", "blanks around the equals signs", _says().replace(b"=", b" = ")),
    _kept("more-lines", "further lines in it", b"# core\n" + _says() + b"\ncreated=2025-03-31\n"),
    _kept("other-order", "its lines in the other order", b"\n".join(reversed(_says().splitlines()))),
    _kept(
        "blank-lines",
        "rows counted without lines that hold no record",
        _says(sha256=hashlib.sha256(_BLANK_LINES).hexdigest()),
        _BLANK_LINES,
    ),
    _broken("wrong-rows", "another number of rows", _says(4), "holds 3 rows, but the control file says 4"),
    _broken(
        "rows-with-header",
        "the header counted as a row",
        _says(4),
        "holds 3 rows, but the control file says 4",
    ),
    _broken(
        "rejected-count",
        "rejected lines are rows, too",
        _says(3, hashlib.sha256(_WITH_BAD).hexdigest()),
        "holds 4 rows, but the control file says 3",
        _WITH_BAD,
    ),
    _broken(
        "wrong-hash",
        "another hash",
        _says(sha256="0" * 64),
        f"checksum is {_SHA}, but the control file says {'0' * 64}",
    ),
    _broken(
        "cut-file",
        "a file cut at a line end",
        _says(),
        f"checksum is {hashlib.sha256(_SHORTER).hexdigest()}, but the control file says {_SHA}",
        _SHORTER,
    ),
    _broken("empty", "an empty control file", b"", _MALFORMED),
    _broken("no-hash", "no hash", b"rows=3\n", _MALFORMED),
    _broken("short-hash", "a hash of another kind (MD5)", _says(sha256="0" * 32), _MALFORMED),
    _broken("rows-word", "the number of rows as a word", _says("three"), _MALFORMED),
    _broken("rows-negative", "a negative number of rows", _says(-3), _MALFORMED),
    _broken("rows-comma", "a thousands separator in the number of rows", _says("1,000"), _MALFORMED),
    _broken("rows-fullwidth", "full-width digits in the number of rows", _says("３"), _MALFORMED),
    _broken("rows-endless", "a number of rows of 5,000 digits", _says("3" * 5000), _MALFORMED),
    _broken("said-twice", "two numbers of rows: one of them is wrong", b"rows=2\n" + _says(), _MALFORMED),
    _broken("colons", "colons instead of equals signs", _says().replace(b"=", b": "), _MALFORMED),
    _broken("utf16", "UTF-16", b"\xff\xfe" + _says().decode().encode("utf-16-le"), _MALFORMED),
    _broken("binary", "bytes that are not text", b"\xff\0\xfe", _MALFORMED),
    _K.files(
        "without-file",
        "a control file without its file",
        {f"{_FILE}.ctl": _says()},
        refusals=[Refusal(f"{_FILE}.ctl", None, "the file it controls was not delivered")],
    ),
    _K.files(
        "name-of-plain",
        "a control file named after the file before it was compressed",
        {f"{_FILE}.gz": _PACKED, f"{_FILE}.ctl": _says()},
        refusals=[Refusal(f"{_FILE}.ctl", None, "the file it controls was not delivered")],
    ),
    _K.files(
        "hash-of-plain",
        "the hash of the file before it was compressed",
        {f"{_FILE}.gz": _PACKED, f"{_FILE}.gz.ctl": _says()},
        refusals=[
            Refusal(
                f"{_FILE}.gz",
                None,
                f"checksum is {hashlib.sha256(_PACKED).hexdigest()}, but the control file says {_SHA}",
            )
        ],
    ),
    _K.files(
        "folder",
        "a folder in the place of a control file",
        {_FILE: _GOOD, f"{_FILE}.ctl": _folder},
        refusals=[Refusal(_FILE, None, _NO_FILE)],
    ),
    _K.files(
        "dangling-link",
        "a link to nowhere in the place of a control file",
        {_FILE: _GOOD, f"{_FILE}.ctl": _dangling},
        refusals=[Refusal(_FILE, None, _NO_FILE)],
    ),
]
