"""Daily balances in CNY (docs/metrics.md): carried forward, converted with the rate of each day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from itertools import accumulate
from pathlib import Path

from tests.reference.lake import Row, by_key, delivered, policy

CENT = Decimal("0.01")
DAY = timedelta(days=1)
AUM = ("deposit", "investment")
"""Measures that are assets under management; loans are not."""


class Assets:
    """Sums of daily balances, in whole cents, of each customer and measure (deposit, investment, loan).

    A day before the first balance of an account counts as zero.
    """

    def __init__(self, home: Path, until: date) -> None:
        self._rates = by_key(delivered(home, "fx_rates"), "currency")
        self._accounts = by_key(delivered(home, "accounts"), "account_id")
        self._products = by_key(delivered(home, "products"), "product_id")
        balances = delivered(home, "balances")
        self.first = min(row["delivered_on"] for row in balances)
        self._days = [self.first + number * DAY for number in range((until - self.first).days + 1)]
        daily: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0] * len(self._days))
        for rows in by_key(balances, "account_id").values():
            self._add_account(daily, rows)
        self._running = {key: [0, *accumulate(cents)] for key, cents in daily.items()}

    def average(self, customer: str, measures: Iterable[str], first: date, last: date) -> Decimal:
        """The average of all calendar days from first to last, CNY, half a cent away from zero."""
        start, end = max(0, (first - self.first).days), max(0, (last - self.first).days + 1)
        running = [self._running.get((customer, measure)) for measure in measures]
        total = sum(sums[end] - sums[start] for sums in running if sums)
        return (Decimal(total) / ((last - first).days + 1)).quantize(Decimal(1), ROUND_HALF_UP) * CENT

    def _add_account(self, daily: dict[tuple[str, str], list[int]], rows: list[Row]) -> None:
        """Carry each balance forward to the day before the next one."""
        for row, following in zip(rows, [*rows[1:], None], strict=True):
            account = _known(self._accounts[row["account_id"]], row["delivered_on"])
            family = _known(self._products[account["product_id"]], row["delivered_on"])["product_family"]
            until = following["delivered_on"] if following else self._days[-1] + DAY
            for number in range((row["delivered_on"] - self.first).days, (until - self.first).days):
                measure, coefficient = measure_of(family, self._days[number])
                amount = self.in_cny(row["balance_amount"], account["currency"], self._days[number])
                daily[account["customer_id"], measure][number] += int(amount * coefficient / CENT)

    def in_cny(self, amount: Decimal, currency: str | None, day: date) -> Decimal:
        """Convert with the last rate delivered by the day, to the cent."""
        if currency is None or currency == "CNY":
            return amount
        rate = _known(self._rates[currency], day)["mid_rate"]
        return Decimal(amount * rate).quantize(CENT, ROUND_HALF_UP)


@cache
def measure_of(family: str, on: date) -> tuple[str, Decimal]:
    """What a product family counts as, and its coefficient."""
    [row] = [row for row in policy("product_families", on) if row["product_family"] == family]
    return row["measure"], Decimal(row["product_coefficient"])


def _known(versions: list[Row], on: date) -> Row:
    """The version that was valid on a day; an error if nothing had been delivered."""
    return [row for row in versions if row["delivered_on"] <= on][-1]
