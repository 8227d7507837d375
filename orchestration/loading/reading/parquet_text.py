"""Values of Parquet columns as the text a CSV file would hold, so that one set of checks judges both.

What a column is read as follows from its type and from what the contract asks for. A type that cannot hold
that refuses the file, once it has a value; a single value without an exact text is reported by row.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as of

from clientele.contracts import Column, Contract
from orchestration.loading.reading import parquet_numbers, parquet_times
from orchestration.loading.reading.headers import RefusedError
from orchestration.loading.reading.parquet_numbers import Text

_FAMILIES: dict[str, Callable[[pa.DataType], bool]] = {
    "text": lambda kind: of.is_string(kind) or of.is_large_string(kind) or of.is_string_view(kind),
    "bytes": lambda kind: (
        of.is_binary(kind)
        or of.is_large_binary(kind)
        or of.is_fixed_size_binary(kind)
        or of.is_binary_view(kind)
    ),
    "uuid": lambda kind: isinstance(kind, pa.UuidType),
    "boolean": of.is_boolean,
    "integer": of.is_integer,
    "decimal": of.is_decimal,
    "double": of.is_float64,
    "float": of.is_floating,
    "date": of.is_date,
    "timestamp": of.is_timestamp,
    "time": of.is_time,
}
"""Names of types that tools share, the narrower ones first."""
_TEXTS = ("text", "bytes")
_FIT = {
    "id": ("text", "integer", "decimal", "uuid"),
    "varchar": (
        *_TEXTS,
        "integer",
        "decimal",
        "uuid",
        "double",
        "float",
        "boolean",
        "date",
        "timestamp",
        "time",
    ),
    "boolean": (*_TEXTS, "boolean", "integer", "decimal", "double", "float"),
    "integer": (*_TEXTS, "integer", "decimal", "double", "float"),
    "bigint": (*_TEXTS, "integer", "decimal", "double", "float"),
    "decimal": (*_TEXTS, "integer", "decimal", "double"),
    "date": (*_TEXTS, "date", "timestamp"),
    "timestamp": (*_TEXTS, "timestamp", "date"),
}
"""For each type of a contract, the families that can hold it."""
_ID = "id"
_NO_PLACES = r"^([+-]?[0-9]+)\.00?$"
"""A whole number with places; with three of them it could be thousands."""


class UnfitError(Exception):
    """A column of which nothing can be read; the message says why, without its name."""


@dataclass(frozen=True)
class Asked:
    """A column of the contract, and how Parquet's values become it.

    Attributes:
        column: The column.
        is_id: It identifies something: it is part of the key, or refers to another entity.
        zone: Gives the bank's time zone, as an IANA name.
    """

    column: Column
    is_id: bool
    zone: Callable[[], str]

    @property
    def kind(self) -> str:
        """What is asked for, without precision and scale."""
        return _ID if self.is_id else self.column.type.partition("(")[0]

    @property
    def scale(self) -> int:
        """Places after the point; 0 for whatever has none."""
        return int(self.column.type[:-1].partition(",")[2] or 0)


def asked(contract: Contract, column: Column, zone: Callable[[], str]) -> Asked:
    """What the contract asks of a column."""
    is_id = column.type == "varchar" and (column.name in contract.key or column.references is not None)
    return Asked(column, is_id, zone)


def as_text(
    wanted: Sequence[Asked], columns: Sequence[pa.Array], first: int
) -> tuple[list[pa.Array], dict[int, str]]:
    """Turn columns into text.

    Args:
        wanted: What the contract asks of each column.
        columns: Their values, of any type.
        first: Number of the first row, for messages.

    Returns:
        Text columns, and for each row with a value that has no exact text the reason to reject it, which
        begins with the name of the first such column.

    Raises:
        RefusedError: The type of a column cannot hold what the contract asks for.
    """
    texts = []
    faults: dict[int, str] = {}
    for item, column in zip(wanted, columns, strict=True):
        name = item.column.name
        try:
            text, wrong, reason = _column(item, column)
        except parquet_times.CutError as error:
            raise RefusedError(
                f"column {name} is of type {column.type} with a time between two microseconds in row "
                f"{first + error.row}, which would be cut; valid: whole microseconds",
                name,
            ) from error
        except UnfitError as error:
            raise RefusedError(f"column {name} is of type {_shown(column.type)}, {error}", name) from error
        texts.append(text)
        for row in wrong:
            faults.setdefault(row, f"{name}: {reason}")
    return texts, faults


def _column(item: Asked, values: pa.Array) -> Text:
    if of.is_dictionary(values.type):
        values = values.dictionary_decode()
    if isinstance(values.type, pa.BaseExtensionType) and not isinstance(values.type, pa.UuidType):
        values = values.storage
    if of.is_floating(values.type):
        values = parquet_numbers.missing_as_null(values)
    if values.null_count == len(values):
        # A column without a value may have any type: tools guess one.
        return pa.nulls(len(values), pa.string()), [], ""
    family = next((name for name, holds in _FAMILIES.items() if holds(values.type)), "")
    if family not in _FIT[item.kind] or (family == "double" and not parquet_numbers.can_hold(item.scale)):
        asked_for = "an id" if item.is_id else f"a {item.column.type}"
        raise UnfitError(f"which cannot hold {asked_for}; valid: {', '.join(_FIT[item.kind])}")
    return _READERS[family](item, values)


def _text(item: Asked, values: pa.Array) -> Text:
    try:
        values.validate(full=True)
    except pa.ArrowInvalid:
        return _bytes(item, values.cast(pa.large_binary()))
    text = values.cast(pa.string())
    if item.kind in ("integer", "bigint") and pc.any(pc.match_substring(text, ".")).as_py():
        text = pc.replace_substring_regex(text, _NO_PLACES, r"\1")
    return text, [], ""


def _bytes(item: Asked, values: pa.Array) -> Text:
    try:
        return _text(item, values.cast(pa.string()))
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid):
        found = values.to_pylist()
    wrong = [row for row, value in enumerate(found) if value is not None and not _is_utf8(value)]
    # An odd value costs its row. Where most are odd the column is something else.
    if 2 * len(wrong) > len(found) - values.null_count:
        raise UnfitError("and most of its values are not utf-8; valid: text")
    texts = [None if value is None else value.decode("utf-8", "backslashreplace") for value in found]
    return pa.array(texts, pa.string()), wrong, "not valid utf-8"


def _is_utf8(value: bytes) -> bool:
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True


def _uuid(item: Asked, values: pa.Array) -> Text:
    digits = pc.fill_null(values.storage, bytes(16)).to_numpy(zero_copy_only=False)
    written = np.frombuffer(b"".join(digits).hex().encode(), np.uint8).reshape(-1, 32)
    parts = [written[:, start:end] for start, end in ((0, 8), (8, 12), (12, 16), (16, 20), (20, 32))]
    dash = np.full((len(values), 1), ord("-"), np.uint8)
    joined = np.concatenate([part for each in parts for part in (dash, each)][1:], axis=1)
    buffer = pa.py_buffer(np.ascontiguousarray(joined))
    text = pa.Array.from_buffers(pa.binary(36), len(values), [None, buffer]).cast(pa.string())
    return pc.if_else(pc.is_valid(values.storage), text, pa.scalar(None, pa.string())), [], ""


def _number(item: Asked, values: pa.Array) -> Text:
    return (
        parquet_numbers.fixed(values, item.scale) if item.kind == "decimal" else parquet_numbers.whole(values)
    )


def _decimal(item: Asked, values: pa.Array) -> Text:
    text = parquet_numbers.decimals(values, item.scale)
    broken = pc.match_substring(text, ".") if item.is_id else None
    wrong = [int(row) for row in pc.indices_nonzero(broken).to_pylist()] if broken is not None else []
    return text, wrong, "a number with a fraction is no id"


def _timestamp(item: Asked, values: pa.Array) -> Text:
    read = parquet_times.days if item.kind == "date" else parquet_times.times
    return read(values, item.zone), [], ""


def _date(item: Asked, values: pa.Array) -> Text:
    return parquet_times.midnights(values) if item.kind == "timestamp" else values.cast(pa.string()), [], ""


def _as_it_is(item: Asked, values: pa.Array) -> Text:
    return values.cast(pa.string()), [], ""


_READERS: dict[str, Callable[[Asked, pa.Array], Text]] = {
    "text": _text,
    "bytes": _bytes,
    "uuid": _uuid,
    "boolean": _as_it_is,
    "integer": _as_it_is,
    "decimal": _decimal,
    "double": _number,
    "float": _number,
    "date": _date,
    "timestamp": _timestamp,
    "time": _as_it_is,
}


def _shown(kind: pa.DataType) -> str:
    """Without what is inside of lists and structures, which can be long."""
    return str(kind).partition("<")[0]
