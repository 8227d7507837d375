"""Values of Parquet columns as the text a CSV file would hold, so that one set of checks judges both.

Values without an exact text are reported by row: a wrong text might pass for an id.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_GROUP = 3
"""Digits between separators of thousands."""
_EXACT = {pa.float16(): 2.0**11, pa.float32(): 2.0**24, pa.float64(): 2.0**53}
"""From here on not every whole number has a floating point number of its own."""


def as_text(names: Sequence[str], columns: Sequence[pa.Array]) -> tuple[list[pa.Array], dict[int, str]]:
    """Turn columns into text.

    Args:
        names: The names of the columns.
        columns: Their values, of any type.

    Returns:
        Text columns, and for each row with a value that has no exact text the reason to reject it, which
        begins with the name of the first such column.
    """
    texts = []
    faults: dict[int, str] = {}
    for name, column in zip(names, columns, strict=True):
        text, wrong, reason = _column(column)
        texts.append(text)
        for row in wrong:
            faults.setdefault(row, f"{name}: {reason}")
    return texts, faults


def _column(column: pa.Array) -> tuple[pa.Array, list[int], str]:
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    kind = column.type
    if pa.types.is_floating(kind):
        return _floating(column)
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind):
        return _binary(column)
    try:
        text = column.cast(pa.string())
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid):
        family = str(kind).partition("<")[0]
        return _shown(column), _rows(column.is_valid()), f"a value of type {family} has no place in a column"
    if pa.types.is_decimal(kind) and kind.scale == _GROUP:
        # The type says that these are decimals; in a text three of them may be thousands.
        text = pc.replace_substring_regex(text, r"0$", "")
    if pa.types.is_timestamp(kind) and kind.unit == "ns":
        # Other tools write nanoseconds even where there are none.
        text = pc.replace_substring_regex(text, r"(\.[0-9]{6})000$", r"\1")
    return text, [], ""


def _floating(column: pa.Array) -> tuple[pa.Array, list[int], str]:
    text = column.cast(pa.string())
    # Neither infinity nor what is not a number is below the limit.
    wrong = pc.invert(pc.less(pc.abs(column.cast(pa.float64())), _EXACT[column.type]))
    powers = pc.and_(pc.match_substring(text, "e-"), pc.invert(wrong))
    if pc.any(powers).as_py():
        plain = [np.format_float_positional(value, trim="-") for value in column.filter(powers).to_pylist()]
        text = pc.replace_with_mask(text, powers.fill_null(False), pa.array(plain, pa.string()))
    return text, _rows(wrong), f"a number of type {column.type} that has no exact text"


def _binary(column: pa.Array) -> tuple[pa.Array, list[int], str]:
    try:
        return column.cast(pa.string()), [], ""
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid):
        values = column.to_pylist()
    wrong = [row for row, value in enumerate(values) if value is not None and not _is_utf8(value)]
    texts = [None if value is None else value.decode("utf-8", "backslashreplace") for value in values]
    return pa.array(texts, pa.string()), wrong, "not valid utf-8"


def _is_utf8(value: bytes) -> bool:
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True


def _shown(column: pa.Array) -> pa.Array:
    if pa.types.is_timestamp(column.type):  # of a time zone that nobody knows
        return column.cast(pa.timestamp(column.type.unit)).cast(pa.string())
    return pa.array([None if value is None else str(value) for value in column.to_pylist()], pa.string())


def _rows(mask: pa.Array) -> list[int]:
    return [int(row) for row in pc.indices_nonzero(mask).to_pylist()]
