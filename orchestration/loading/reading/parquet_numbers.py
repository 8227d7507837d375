"""Numbers of Parquet columns as the text that stands for exactly them, at the scale of the contract.

A floating point number counts as the one short decimal that it stands for. Where it could stand for several
it has no exact text: a wrong number might pass for a right one.
"""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Text = tuple[pa.Array, list[int], str]
"""Text of a column, the rows whose value has none, and why."""

_WHOLE = {pa.float16(): 2.0**11, pa.float32(): 2.0**24, pa.float64(): 2.0**53}
"""From here on not every whole number has a floating point number of its own."""
_LARGEST_SCALE = 18
"""Of decimals that fit into 64 bits; far more places than any money has."""


def missing_as_null(values: pa.Array) -> pa.Array:
    """Floating point numbers without NaN, which several tools write where there is no value."""
    found = pc.is_nan(values)
    return pc.if_else(found, pa.scalar(None, values.type), values) if pc.any(found).as_py() else values


def whole(values: pa.Array) -> Text:
    """Floating point numbers as whole numbers; those with a fraction as their shortest decimal."""
    numbers = _numpy(values)
    near = np.abs(numbers) < _WHOLE[values.type]
    exact = near & (numbers == np.trunc(numbers))
    text = _masked(np.where(exact, numbers, 0).astype(np.int64), values).cast(pa.string())
    return _with_others(text, values, exact, near)


def can_hold(scale: int) -> bool:
    """Whether there are doubles that stand for one decimal of this scale."""
    return scale <= _LARGEST_SCALE


def fixed(values: pa.Array, scale: int) -> Text:
    """Doubles as decimals of a scale; those with more places as their shortest decimal.

    Args:
        values: The doubles.
        scale: Places after the point, of which ``can_hold`` is true.

    Returns:
        The text. Below a limit neighbouring doubles lie closer than neighbouring decimals, so that a double
        stands for one decimal at most; the others have no exact text.
    """
    numbers = _numpy(values)
    near = np.abs(numbers) < 2.0 ** (math.floor(52 - scale * math.log2(10)) + 1)
    with np.errstate(over="ignore"):
        units = np.rint(np.where(near, numbers, 0) * 10.0**scale)
    # Both sides of the division are exact, so that its result is the double nearest to the decimal.
    exact = near & (units / 10.0**scale == numbers)
    counted = _masked(np.where(exact, units, 0).astype(np.int64), values)
    kind = pa.decimal64(_LARGEST_SCALE, scale)
    text = pa.Array.from_buffers(kind, len(values), counted.buffers(), counted.null_count)
    return _with_others(_plain(text.cast(pa.string())), values, exact, near)


def decimals(values: pa.Array, scale: int) -> pa.Array:
    """Decimals as text of a scale; those that would lose digits as they are."""
    if values.type.scale == scale:
        return _plain(values.cast(pa.string()))
    kind = pa.decimal128(38, scale) if values.type.bit_width <= 128 else pa.decimal256(76, scale)
    try:
        return _plain(values.cast(kind).cast(pa.string()))
    except pa.ArrowInvalid:
        cut = values.cast(kind, safe=False)
    same = pc.equal(cut.cast(values.type, safe=False), values)
    return pc.if_else(same, _plain(cut.cast(pa.string())), _plain(values.cast(pa.string())))


def _with_others(text: pa.Array, values: pa.Array, exact: npt.NDArray[Any], near: npt.NDArray[Any]) -> Text:
    if exact.all():
        return text, [], ""
    others = pa.array(~exact)
    shortest = [np.format_float_positional(value, trim="-") for value in _own(values.filter(others))]
    text = pc.replace_with_mask(text, others, pa.array(shortest, pa.string()))
    inexact = f"a number of type {values.type} that has no exact text"
    return text, [int(row) for row in np.flatnonzero(~near)], inexact


def _numpy(values: pa.Array) -> npt.NDArray[np.float64]:
    """The numbers as doubles, 0 where there is none."""
    found: npt.NDArray[np.float64] = pc.fill_null(values.cast(pa.float64()), 0.0).to_numpy()
    return found


def _own(values: pa.Array) -> npt.NDArray[Any]:
    """The numbers in the type they came in, since the shortest decimal depends on it."""
    found: npt.NDArray[Any] = values.to_numpy(zero_copy_only=False)
    return found


def _masked(numbers: npt.NDArray[np.int64], values: pa.Array) -> pa.Array:
    """Whole numbers that are missing where the values are."""
    missing = pc.is_null(values).to_numpy(zero_copy_only=False) if values.null_count else None
    return pa.array(numbers, mask=missing)


def _plain(text: pa.Array) -> pa.Array:
    """Decimals without powers of ten, which small ones are written with."""
    powers = pc.fill_null(pc.match_substring(text, "E"), False)
    if not pc.any(powers).as_py():
        return text
    plain = [f"{Decimal(value):f}" for value in text.filter(powers).to_pylist()]
    return pc.replace_with_mask(text, powers, pa.array(plain, pa.string()))
