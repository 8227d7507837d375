"""Whether a delivered file may be loaded, by its ending, its header and its control file."""

from __future__ import annotations

import gzip
import io
import os
import re
import zlib
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from clientele import policy
from clientele.contracts import Contract
from orchestration.loading.landing import CONTROL, ENDINGS
from orchestration.loading.reading import lines
from orchestration.loading.reading.whole_lines import LONGEST_LINE, UnreadableError

UNREADABLE = (OSError, EOFError, zlib.error, pa.ArrowException, UnreadableError)
"""What reading a damaged file raises."""

_SHOWN = 200
"""Characters of a header that a reason repeats."""
_FORMATS = {
    b"\x1f\x8b": "compressed; name it .csv.gz",
    b"PK\x03\x04": "a workbook or a zip file; save it as CSV",
    b"\xd0\xcf\x11\xe0": "a workbook; save it as CSV",
    b"PAR1": "a Parquet file; name it .parquet",
    b"\xff\xfe": "written in UTF-16",
    b"\xfe\xff": "written in UTF-16",
}
"""What a file is that begins with these bytes instead of a header."""
_SEPARATORS = ";\t|，"
"""Separators of other exports; the only one that is read is the comma."""
_UNNAMED = "(unnamed)"
"""A column without a name, as spreadsheets leave at the end of every line."""
_BETWEEN_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[\W_]+")


class RefusedError(Exception):
    """A file for which its whole delivery is refused.

    Attributes:
        column: The column that is to blame, if one is.
    """

    def __init__(self, reason: str, column: str | None = None) -> None:
        super().__init__(reason)
        self.column = column


@dataclass(frozen=True)
class ForbiddenTerm:
    """A term that no column name may contain."""

    term: str
    is_word: bool

    def matches(self, column: str) -> bool:
        """Whether the term is in the words of the column name."""
        words = _words(column)
        return f" {self.term} " in words if self.is_word else self.term in words


@dataclass(frozen=True)
class Control:
    """What a control file promises about its file."""

    rows: int
    sha256: str


@dataclass(frozen=True)
class Source:
    """A file that may be streamed.

    Attributes:
        path: The file.
        encoding: Of its text.
        width: Columns in the file.
        positions: For each contract column its position in the file; None where it is missing.
        extra: Delivered columns that the contract does not know.
        missing: Optional contract columns that were not delivered.
        found: Contract columns that were delivered.
        control: The promise of its control file, if there is one.
        contract: The contract of its entity.
    """

    path: Path
    encoding: str
    width: int
    positions: tuple[int | None, ...]
    extra: tuple[str, ...]
    missing: tuple[str, ...]
    found: tuple[str, ...]
    control: Control | None
    contract: Contract


class ForbiddenTerms:
    """The policy of forbidden column names.

    Raises:
        PolicyError: The file is malformed.
    """

    def __init__(self, folder: Path = policy.POLICY) -> None:
        self._dated = policy.dated("forbidden_columns", folder)

    def on(self, day: date) -> list[ForbiddenTerm]:
        """The terms in force on a day."""
        return [ForbiddenTerm(row["term"], row["match_type"] == "word") for row in self._dated.on(day)]


def inspect(path: Path, contract: Contract, forbidden: Sequence[ForbiddenTerm]) -> Source:
    """Look at the ending, the header and the control file.

    Args:
        path: The delivered file.
        contract: The contract of its entity.
        forbidden: Terms that no column name may contain.

    Returns:
        The source to stream.

    Raises:
        RefusedError: The file cannot be loaded under the contract.
    """
    if not path.name.endswith(ENDINGS):
        raise RefusedError(f"unknown ending; valid: {', '.join(ENDINGS)}")
    if path.is_symlink():
        raise RefusedError("is a link, whose target may be changed unnoticed; valid: the file itself")
    try:
        names = (
            _parquet_header(path) if path.name.endswith(".parquet") else _csv_header(path, contract.encoding)
        )
    except UNREADABLE as error:
        raise RefusedError(f"cannot be read: {error}") from error
    for name in names:
        if any(term.matches(name) for term in forbidden):
            raise RefusedError(
                f"column {name} looks like data that may not be delivered (C3); remove it", name
            )
    # Core systems write names in capitals as often as not.
    found = [name.lower() for name in names]
    for name, times in Counter(found).items():
        if times > 1 and name:
            raise RefusedError(f"column {name} is in the header twice", name)
    known = [column.name for column in contract.columns]
    if not set(known) & set(found):
        separator = _other_separator(found, known)
        if separator:
            raise RefusedError(f"separates columns by {separator!r}; valid: a comma")
        raise RefusedError(f"has no header: line 1 names none of {', '.join(known)}")
    for column in contract.columns:
        if column.required and column.name not in found:
            header = ", ".join(names)
            shown = header if len(header) <= _SHOWN else f"{header[:_SHOWN]} …"
            raise RefusedError(
                f"required column {column.name} is missing; the header has {shown}", column.name
            )
    return Source(
        path=path,
        encoding=contract.encoding,
        width=len(names),
        positions=tuple(found.index(name) if name in found else None for name in known),
        extra=tuple(name or _UNNAMED for name in names if name.lower() not in known),
        missing=tuple(name for name in known if name not in found),
        found=tuple(name for name in known if name in found),
        control=_control(path),
        contract=contract,
    )


def _other_separator(found: Sequence[str], known: Sequence[str]) -> str | None:
    for separator in _SEPARATORS:
        if {part.strip() for name in found for part in name.split(separator)} & set(known):
            return separator
    return None


@cache
def _words(column: str) -> str:
    """``cardPIN_code`` as `` card pin code ``; hundreds of files of an entity have the same header."""
    spaced = _BETWEEN_WORDS.sub(" ", column)
    return f" {spaced.lower()} "


def _csv_header(path: Path, encoding: str) -> list[str]:
    with ExitStack() as stack:
        read = opened(path, stack, lambda block: None)
        first = bytearray()
        # A header is short; reading a whole block of each of hundreds of small files is not needed.
        while b"\n" not in first and len(first) < LONGEST_LINE and (block := read(4096)):
            first += block
    for mark, kind in _FORMATS.items():
        if first.startswith(mark):
            raise UnreadableError(f"it is {kind}")
    line = bytes(first).partition(b"\n")[0]
    if not line.strip():
        raise UnreadableError("there is no header" if first else "the file is empty, not even a header")
    return lines.split_header(line, encoding)


def _parquet_header(path: Path) -> list[str]:
    names = pa.array(pq.read_schema(path).names, pa.string())
    return [name or "" for name in lines.trimmed(names, invisible=True).to_pylist()]


def _control(path: Path) -> Control | None:
    file = path.with_name(path.name + CONTROL)
    if not os.path.lexists(file):
        return None
    if file.is_symlink() or not file.is_file():
        raise RefusedError(f"{file.name} is not a file; valid: a file with rows= and sha256=")
    text = file.read_bytes().decode("utf-8-sig", "replace")
    said = [line.partition("=") for line in text.splitlines()]
    found = {key.strip().lower(): value.strip().lower() for key, _, value in said}
    rows, sha256 = found.get("rows", ""), found.get("sha256", "")
    told = [key.strip().lower() for key, _, _ in said]
    once = told.count("rows") == told.count("sha256") == 1
    if not (once and re.fullmatch("[0-9]{1,18}", rows) and re.fullmatch("[0-9a-f]{64}", sha256)):
        raise RefusedError(f"{file.name} is malformed; valid: rows=<data rows> and sha256=<64 hex digits>")
    return Control(int(rows), sha256)


def opened(path: Path, stack: ExitStack, seen: Callable[[bytes], None]) -> Callable[[int], bytes]:
    """Open a CSV file, compressed or not.

    Args:
        path: The file; a name ending in ``.gz`` is decompressed.
        stack: Closes the file.
        seen: Called with every block of bytes of the file as it was delivered.

    Returns:
        A function that reads up to so many bytes of text; empty at the end.
    """
    watched = _Watched(stack.enter_context(path.open("rb", buffering=1 << 20)), seen)
    return stack.enter_context(gzip.GzipFile(fileobj=watched)).read if path.suffix == ".gz" else watched.read


class _Watched(io.RawIOBase):
    """Shows every byte that passes, so that a file is read once for its checksum and its records."""

    def __init__(self, file: BinaryIO, seen: Callable[[bytes], None]) -> None:
        self._file = file
        self._seen = seen

    def read(self, size: int = -1, /) -> bytes:
        block = self._file.read(size)
        self._seen(block)
        return block
