"""Which days are holidays, and which weekend days people work to make up for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from clientele.policy.declarations import POLICY
from clientele.policy.reader import rows

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
HOLIDAY, MAKE_UP_DAY, MONTH_END, WEEKEND = "holiday", "make_up_day", "month_end", "weekend"


@dataclass(frozen=True)
class Holidays:
    """The holidays of ``holidays.csv``.

    Attributes:
        kinds: ``holiday`` or ``make_up_day`` of each listed day.
    """

    kinds: Mapping[date, str]

    @property
    def years(self) -> range:
        """The years of which holidays are known."""
        return range(min(self.kinds).year, max(self.kinds).year + 1) if self.kinds else range(0)

    def kinds_of(self, day: date) -> list[str]:
        """The kinds of a day, most specific first: a holiday, a month end, its day of the week, a weekend.

        A make-up day is at most a month end: it is a working day whatever its name.
        """
        kind = self.kinds.get(day)
        month_end = [MONTH_END] if (day + timedelta(days=1)).day == 1 else []
        if kind == MAKE_UP_DAY:
            return month_end
        weekend = [WEEKEND] if day.weekday() >= 5 else []
        return [*([HOLIDAY] if kind else []), *month_end, WEEKDAYS[day.weekday()], *weekend]


def holidays(folder: Path = POLICY) -> Holidays:
    """The holidays of a policy folder.

    Raises:
        PolicyError: The file is malformed.
    """
    return Holidays({row["date"]: row["kind"] for row in rows("holidays", folder)})
