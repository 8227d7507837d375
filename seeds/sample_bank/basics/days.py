"""The bank's calendar. Days are whole numbers (days since 1970-01-01), so that arrays can hold them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

NEVER = 2**30
"""A day that no run reaches."""

EPOCH = date(1970, 1, 1)

SPRING_FESTIVALS = {
    2023: date(2023, 1, 22),
    2024: date(2024, 2, 10),
    2025: date(2025, 1, 29),
    2026: date(2026, 2, 17),
    2027: date(2027, 2, 6),
}
KNOWN_YEARS = tuple(SPRING_FESTIVALS)

_FIXED_HOLIDAYS = [(1, 1), *((5, day) for day in range(1, 6)), *((10, day) for day in range(1, 8))]
_RETAIL_WEEKDAYS = np.array([1.05, 1.0, 1.0, 1.0, 1.1, 0.85, 0.75])
_MONTH_SEASON = np.array([1.05, 0.95, 1.0, 0.98, 1.0, 1.02, 0.97, 0.97, 1.0, 0.98, 1.03, 1.1])


@dataclass(frozen=True)
class Month:
    """The days of one calendar month that lie inside the run.

    Attributes:
        index: 0 for the first month of the run.
        first: First day, a day number.
        last: Last day, a day number.
    """

    index: int
    first: int
    last: int

    @property
    def days(self) -> int:
        """Number of days."""
        return self.last - self.first + 1

    @property
    def calendar(self) -> date:
        """First day as a date."""
        return day_of(self.first)

    @property
    def season(self) -> float:
        """How busy customers are in this month, 1 = usual."""
        return float(_MONTH_SEASON[self.calendar.month - 1])

    @property
    def ends_with_calendar_month(self) -> bool:
        """Whether the run covers the end of this calendar month."""
        return day_of(self.last + 1).day == 1

    def on(self, day_of_month: int) -> int | None:
        """The day number of a day of this month, or None when the run does not cover it."""
        number = number_of(self.calendar.replace(day=day_of_month))
        return number if self.first <= number <= self.last else None


def number_of(day: date) -> int:
    """Date to day number."""
    return (day - EPOCH).days


def day_of(number: int) -> date:
    """Day number to date."""
    return EPOCH + timedelta(days=int(number))


def as_dates(days: Array) -> Array:
    """Day numbers as NumPy dates; NEVER becomes 'not a date'."""
    dates = days.astype("datetime64[D]")
    dates[days == NEVER] = np.datetime64("NaT")
    return dates


def add_months(day: date, months: int) -> date:
    """The same day of another month, or the last day that month has."""
    start = _month_start(day.year * 12 + day.month - 1 + months)
    following = _month_start(day.year * 12 + day.month + months)
    return min(start + timedelta(days=day.day - 1), following - timedelta(days=1))


def _month_start(months_since_year_zero: int) -> date:
    return date(months_since_year_zero // 12, months_since_year_zero % 12 + 1, 1)


def months(first: date, last: date) -> Iterator[Month]:
    """The months of [first, last], the outer ones cut to the run."""
    start, index = first, 0
    while start <= last:
        following = add_months(start.replace(day=1), 1)
        yield Month(index, number_of(start), min(number_of(following) - 1, number_of(last)))
        start, index = following, index + 1


def is_working_day(number: int) -> bool:
    """Monday to Friday outside the public holidays."""
    day = day_of(number)
    if day.weekday() >= 5 or (day.month, day.day) in _FIXED_HOLIDAYS:
        return False
    return not -1 <= _days_after_spring_festival(day) <= 6


def working_day_until(number: int) -> int:
    """The day itself, or the last working day before it (pay days move forward)."""
    while not is_working_day(number):
        number -= 1
    return number


def is_bonus_month(month: Month) -> bool:
    """Whether the year-end bonus is paid: the last whole month before the Spring Festival."""
    following = add_months(month.calendar.replace(day=1), 1)
    festival = SPRING_FESTIVALS.get(following.year)
    return festival is not None and festival.month == following.month


def retail_weights(month: Month) -> Array:
    """Relative activity of individuals for each day of the month."""
    return np.array([_retail_weight(day_of(number)) for number in range(month.first, month.last + 1)])


def corporate_weights(month: Month) -> Array:
    """Relative activity of corporates for each day of the month: working days, busier at month ends."""
    return np.array(
        [
            (1.4 if day_of(number + 3).month != day_of(number).month else 1.0)
            if is_working_day(number)
            else 0.04
            for number in range(month.first, month.last + 1)
        ]
    )


def _retail_weight(day: date) -> float:
    weight = float(_RETAIL_WEEKDAYS[day.weekday()])
    distance = _days_after_spring_festival(day)
    if -14 <= distance < 0:
        return weight * 1.3
    if 0 <= distance <= 6:
        return weight * 0.4
    return weight * 0.7 if (day.month, day.day) in _FIXED_HOLIDAYS else weight


def _days_after_spring_festival(day: date) -> int:
    return (day - SPRING_FESTIVALS[day.year]).days
