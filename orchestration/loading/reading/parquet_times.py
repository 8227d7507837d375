"""Dates and times of Parquet columns as text: of the bank's time zone, without places that say nothing."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

_TICKS = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
"""Of a second."""
_DAY = 86_400
_FIRST, _LAST = -62_135_596_800 - _DAY, 253_402_300_799 + _DAY
"""Seconds between which a time of the years 1 to 9999 lies, wherever it is."""


class CutError(ValueError):
    """A time between two microseconds, which the lake cannot hold.

    Attributes:
        row: The first such row, from 0.
    """

    def __init__(self, row: int) -> None:
        super().__init__(f"row {row} lies between two microseconds")
        self.row = row


def times(values: pa.Array, zone: Callable[[], str]) -> pa.Array:
    """Timestamps as text.

    Args:
        values: The timestamps. With a time zone, whatever its name, they are instants.
        zone: Gives the bank's time zone, as an IANA name; called only where one is needed.

    Returns:
        The text of the times in the bank's zone.

    Raises:
        CutError: A time has nanoseconds that are not whole microseconds.
    """
    if values.type.unit == "ns":
        check_whole(_ticks(values) % 1000)
    return _text(_local(values, zone))


def days(values: pa.Array, zone: Callable[[], str]) -> pa.Array:
    """Timestamps as dates where they are midnight of the bank's time zone, elsewhere as times."""
    local = _local(values, zone)
    whole = _ticks(local) % (_DAY * _TICKS[local.type.unit]) == 0
    dates = local.cast(pa.date32(), safe=False).cast(pa.string())
    if whole.all():
        return dates
    return pc.if_else(pa.array(whole), dates, _text(local))


def midnights(values: pa.Array) -> pa.Array:
    """Dates as the times at which they begin."""
    return values.cast(pa.timestamp("s")).cast(pa.string())


def check_whole(rest: npt.NDArray[np.int64]) -> None:
    """See to it that no time would be cut.

    Args:
        rest: The nanoseconds of each time beyond its last whole microsecond.

    Raises:
        CutError: There are some.
    """
    found = np.flatnonzero(rest)
    if len(found):
        raise CutError(int(found[0]))


def _local(values: pa.Array, zone: Callable[[], str]) -> pa.Array:
    if values.type.tz is None:
        return values
    unit = values.type.unit
    naive = values.view(pa.int64()).view(pa.timestamp(unit))
    seconds = _ticks(values) // _TICKS[unit]
    # No calendar reaches the others; the tables of time zones do not either.
    near = pa.array((seconds >= _FIRST) & (seconds <= _LAST))
    instants = pc.if_else(near, naive, pa.scalar(0, naive.type)).cast(pa.timestamp(unit, zone()))
    return pc.if_else(near, pc.local_timestamp(instants), naive)


def _text(local: pa.Array) -> pa.Array:
    """Without a fraction where no time has one, which the engine is spared to read."""
    unit = local.type.unit
    if unit != "s" and not (_ticks(local) % _TICKS[unit]).any():
        return local.cast(pa.timestamp("s")).cast(pa.string())
    if unit == "ns" and not (_ticks(local) % 1000).any():
        local = local.cast(pa.timestamp("us"))
    return local.cast(pa.string())


def _ticks(values: pa.Array) -> npt.NDArray[np.int64]:
    """The times as numbers, 0 where there is none."""
    found: npt.NDArray[np.int64] = pc.fill_null(values.view(pa.int64()), 0).to_numpy()
    return found
