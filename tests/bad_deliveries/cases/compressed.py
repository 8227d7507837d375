"""Compressed files: damaged, compressed twice, or not compressed at all."""

from __future__ import annotations

import gzip
import io
import zipfile

from tests.bad_deliveries.case import TRANSACTIONS, Kind

_K = Kind("compressed")
_GZ = "transactions.csv.gz"
_GOOD = TRANSACTIONS.text()
_PACKED = gzip.compress(_GOOD, mtime=0)
_LONG = gzip.compress(
    TRANSACTIONS.text(*(f"T{row},C1,2025-03-31 09:00:00,{row},fee,," for row in range(9999))), mtime=0
)
_HEADER, _, _REST = _GOOD.partition(b"\n")


def _zip() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(TRANSACTIONS.file, _GOOD)
    return packed.getvalue()


def _flipped(content: bytes, place: int) -> bytes:
    return content[:place] + bytes([content[place] ^ 0xFF]) + content[place:][1:]


CASES = [
    _K.loaded("right", "a compressed file", _PACKED, file=_GZ),
    _K.loaded(
        "members",
        "several compressed files put together",
        gzip.compress(_HEADER + b"\n", mtime=0) + gzip.compress(_REST, mtime=0),
        file=_GZ,
    ),
    _K.loaded("empty-member", "an empty one among several", _PACKED + gzip.compress(b"", mtime=0), file=_GZ),
    _K.loaded("zeros-behind", "zeros after the end, as tapes pad", _PACKED + b"\0" * 512, file=_GZ),
    _K.refused(
        "cut",
        "a compressed file cut short",
        _LONG[:-10],
        "cannot be read to its end: Compressed file ended before the end-of-stream marker was reached",
        file=_GZ,
    ),
    _K.refused(
        "cut-early",
        "a compressed file cut in its head",
        _PACKED[:5],
        "cannot be read: Compressed file ended before the end-of-stream marker was reached",
        file=_GZ,
    ),
    _K.refused(
        "garbage-behind", "other bytes after the end", _PACKED + b"garbage", "cannot be read…", file=_GZ
    ),
    _K.refused(
        "damaged",
        "a byte changed in the middle",
        _flipped(_LONG, len(_LONG) // 2),
        "cannot be read…",
        file=_GZ,
    ),
    _K.refused(
        "checksum",
        "a byte changed in the checksum",
        _flipped(_LONG, len(_LONG) - 6),
        "cannot be read to its end: CRC check failed …",
        file=_GZ,
    ),
    _K.refused(
        "plain",
        "a file that is not compressed, but named so",
        _GOOD,
        "cannot be read: Not a gzipped file (b'tr')",
        file=_GZ,
    ),
    _K.refused(
        "nothing",
        "a compressed file of 0 bytes",
        b"",
        "cannot be read: the file is empty, not even a header",
        file=_GZ,
    ),
    _K.refused(
        "empty-inside",
        "nothing, compressed",
        gzip.compress(b"", mtime=0),
        "cannot be read: the file is empty, not even a header",
        file=_GZ,
    ),
    _K.refused(
        "twice",
        "a file that is compressed twice",
        gzip.compress(_PACKED, mtime=0),
        "cannot be read: it is compressed; name it .csv.gz",
        file=_GZ,
    ),
    _K.refused(
        "not-named",
        "a compressed file named .csv",
        _PACKED,
        "cannot be read: it is compressed; name it .csv.gz",
    ),
    _K.refused(
        "zip",
        "a zip file named .csv",
        _zip(),
        "cannot be read: it is a workbook or a zip file; save it as CSV",
    ),
    _K.refused(
        "old-excel",
        "an old workbook named .csv",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504,
        "cannot be read: it is a workbook; save it as CSV",
    ),
    _K.refused(
        "parquet-named-csv",
        "a Parquet file named .csv",
        b"PAR1" + b"\0" * 100 + b"PAR1",
        "cannot be read: it is a Parquet file; name it .parquet",
    ),
    _K.refused(
        "zip-named-gz",
        "a zip file named .csv.gz",
        _zip(),
        "cannot be read: Not a gzipped file (b'PK')",
        file=_GZ,
    ),
    _K.refused(
        "bomb",
        "a small file that unpacks to a line without end",
        gzip.compress(_HEADER + b"\n" + b"x" * (64 << 20), 1, mtime=0),
        "cannot be read to its end: line 2 is longer than 4194304 bytes",
        file=_GZ,
    ),
]
