"""One partition per business date."""

from datetime import UTC, date, datetime

import dagster as dg

from clientele.contracts import Contract
from clientele.settings import Settings
from orchestration.loading.landing import deliveries


def business_dates(settings: Settings, contracts: dict[str, Contract]) -> dg.DailyPartitionsDefinition:
    """The business dates from the first delivery to today.

    Dagster walks through all partitions of an asset now and then, so they begin where the data does.

    Args:
        settings: Where the deliveries are.
        contracts: The contracts; required entities decide where the data begins.
    """
    first: list[date] = []
    for contract in contracts.values():
        if contract.is_required:
            first += [delivery.business_date for delivery in deliveries(settings, contract)[:1]]
    start = min(first, default=datetime.now(UTC).date())
    return dg.DailyPartitionsDefinition(start_date=str(start), end_offset=1)
