"""Files as the source systems deliver them: one folder per entity and business date."""

from __future__ import annotations

import csv
import gzip
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from io import BufferedWriter
from pathlib import Path
from typing import Protocol

import duckdb
import numpy as np
import pyarrow as pa

from seeds.sample_bank.basics.days import Array, day_of

BATCH_ROWS = 250_000
"""Rows that are turned into text at a time."""


class Dirt(Protocol):
    """Something that may add broken lines to a file."""

    def is_due(self, entity: str, day: int) -> bool:
        """Whether broken lines wait for a file of the entity on the day."""

    def plant(self, entity: str, day: int, file: str, lines: list[bytes], first_line: int) -> list[bytes]:
        """The lines with broken ones among them; ``first_line`` is the line number of the first."""


@dataclass
class _OpenFile:
    """The file that is being written."""

    day: int
    path: Path
    raw: BufferedWriter
    body: BufferedWriter | gzip.GzipFile
    lines: int = 0


@dataclass
class EntityWriter:
    """Writes the deliveries of one entity, day after day.

    Attributes:
        landing: Folder of all deliveries.
        entity: Name of the entity.
        header: Column names.
        encoding: Encoding of the files.
        dirt: What may add broken lines.
        has_control_file: Whether each file gets a control file beside it.
        compressed: Days whose file is gzipped.
    """

    landing: Path
    entity: str
    header: list[str]
    encoding: str
    dirt: Dirt
    has_control_file: bool = False
    compressed: frozenset[int] = frozenset()
    written: set[int] = field(default_factory=set, init=False)
    _open: _OpenFile | None = field(default=None, init=False)

    def add(self, days: Array, text: pa.LargeStringArray) -> None:
        """Append lines (at least one, each with its newline), sorted by day and not before earlier ones."""
        # The lines lie end to end in one buffer: a day is a slice of it and need not be copied.
        offsets = np.frombuffer(text.buffers()[1], dtype=np.int64)[text.offset : text.offset + len(text) + 1]
        body = memoryview(text.buffers()[2])
        starts = np.flatnonzero(np.r_[True, days[1:] != days[:-1]])
        for start, end in zip(starts, np.r_[starts[1:], len(days)], strict=True):
            self._append(int(days[start]), body[offsets[start] : offsets[end]], int(end - start))

    def finish(self, every_day: Iterable[int] = ()) -> None:
        """Close the last file and deliver a file without rows on each of the days that has none."""
        self._close()
        for day in every_day:
            if day not in self.written:
                self._start(day)
                self._close()

    def _append(self, day: int, body: memoryview, count: int) -> None:
        if self._open is None or self._open.day != day:
            self._close()
            self._start(day)
        file = self._open
        assert file is not None
        content: bytes | memoryview = body
        if self.encoding != "utf-8":
            content = str(body, "utf-8").encode(self.encoding)
        if self.dirt.is_due(self.entity, day):
            lines = bytes(content).split(b"\n")[:-1]
            lines = self.dirt.plant(self.entity, day, file.path.name, lines, file.lines + 2)
            content, count = b"\n".join([*lines, b""]), len(lines)
        file.body.write(content)
        file.lines += count

    def _start(self, day: int) -> None:
        folder = delivery_folder(self.landing, self.entity, day)
        is_compressed = day in self.compressed
        path = folder / f"{self.entity}.csv{'.gz' if is_compressed else ''}"
        raw = path.open("wb")
        body: BufferedWriter | gzip.GzipFile = raw
        if is_compressed:
            body = gzip.GzipFile(filename="", mode="wb", compresslevel=3, fileobj=raw, mtime=0)
        body.write((",".join(self.header) + "\n").encode(self.encoding))
        self._open = _OpenFile(day, path, raw, body)
        self.written.add(day)

    def _close(self) -> None:
        file, self._open = self._open, None
        if file is None:
            return
        file.body.close()
        file.raw.close()
        if self.has_control_file:
            digest = hashlib.sha256(file.path.read_bytes()).hexdigest()
            file.path.with_name(f"{file.path.name}.ctl").write_text(f"rows={file.lines}\nsha256={digest}\n")


def text_engine() -> duckdb.DuckDBPyConnection:
    """The engine that turns columns into lines; it holds no data of its own."""
    engine = duckdb.connect(config={"threads": 2, "memory_limit": "2GB"})
    engine.execute(
        """create macro quoted(field) as case when contains(field, ',') or contains(field, '"')
           then '"' || replace(field, '"', '""') || '"' else field end"""
    )
    engine.execute(
        "create macro money(cents) as concat(case when cents < 0 then '-' end, abs(cents) // 100, '.', "
        "lpad((abs(cents) % 100)::varchar, 2, '0'))"
    )
    return engine


def write_rows(
    engine: duckdb.DuckDBPyConnection,
    writer: EntityWriter,
    fields: Mapping[str, str],
    days: Array,
    columns: Mapping[str, Array | pa.Array],
) -> None:
    """Write rows that are sorted by day.

    Args:
        engine: From ``text_engine``.
        writer: Writer of the entity.
        fields: For each delivered column the SQL that makes its text from ``columns``.
        days: Business date of each row, a day number.
        columns: The data of the rows.
    """
    joined = ", ',', ".join(fields.values())
    line = f"select concat({joined}, chr(10)) as line from batch order by row_number"
    table = pa.table({**columns, "row_number": np.arange(len(days))})
    for start in range(0, len(days), BATCH_ROWS):
        engine.register("batch", table.slice(start, BATCH_ROWS))
        text = engine.sql(line).to_arrow_table()["line"].cast(pa.large_string()).combine_chunks()
        writer.add(days[start : start + BATCH_ROWS], text)


def coded(codes: Array, texts: Iterable[str]) -> pa.DictionaryArray:
    """Text by its position in a list; negative positions are empty."""
    return pa.DictionaryArray.from_arrays(
        pa.array(codes.astype(np.int32), mask=codes < 0), pa.array(list(texts), pa.string())
    )


def delivery_folder(landing: Path, entity: str, day: int) -> Path:
    """The new folder of a delivery."""
    folder = landing / entity / str(day_of(day))
    folder.mkdir(parents=True)
    return folder


def write_table(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A small UTF-8 CSV file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
