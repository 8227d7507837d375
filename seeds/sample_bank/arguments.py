"""What the caller may choose about the sample bank."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date

from seeds.sample_bank.basics.days import KNOWN_YEARS

FORMAT = 1
"""Raised whenever the same arguments would give other bytes than before."""


class SampleBankError(ValueError):
    """The sample bank cannot be built as asked; the message says what to change."""


@dataclass(frozen=True)
class Arguments:
    """Everything that decides the bytes of a sample bank.

    Attributes:
        customers: Customers that exist on the last day or earlier.
        first: First business date.
        last: Last business date.
        seed: Selects one of many equally believable banks.
        transactions_per_month: Mean number of transactions of a customer in a month.
        stories: Customers per planted story; 0.5 % of the customers, at least 3, when omitted.
        dirt: Whether broken lines are planted.
    """

    customers: int
    first: date
    last: date
    seed: int
    transactions_per_month: float = 4.0
    stories: int | None = None
    dirt: bool = True

    def __post_init__(self) -> None:
        """Refuse what cannot be built."""
        if self.customers < 200:
            raise SampleBankError(f"--customers is {self.customers}; the smallest bank has 200")
        if self.last < self.first:
            raise SampleBankError(f"--to {self.last} is before --from {self.first}")
        if self.first.year not in KNOWN_YEARS or self.last.year not in KNOWN_YEARS:
            raise SampleBankError(
                f"{self.first}..{self.last} leaves the calendar of the sample bank; "
                f"choose dates from {KNOWN_YEARS[0]}-01-01 to {KNOWN_YEARS[-1]}-12-31"
            )
        if not 2.0 <= self.transactions_per_month <= 60.0:
            raise SampleBankError(
                f"--transactions-per-month is {self.transactions_per_month}; valid: from 2 to 60"
            )
        if self.stories is not None and not 1 <= self.stories <= self.customers // 60:
            raise SampleBankError(
                f"--stories is {self.stories}; valid for {self.customers} customers: "
                f"from 1 to {self.customers // 60}"
            )

    @property
    def per_story(self) -> int:
        """Customers of each customer story."""
        return self.stories or max(3, round(0.005 * self.customers))

    def recorded(self) -> dict[str, object]:
        """The arguments as they are written beside the deliveries."""
        return {**asdict(self), "first": str(self.first), "last": str(self.last), "format": FORMAT}
