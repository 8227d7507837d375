"""One partition per business date."""

import dagster as dg

FIRST_BUSINESS_DATE = "1990-01-01"
"""Before any delivery a bank could still replay; partitions without a delivery cost nothing."""

business_dates = dg.DailyPartitionsDefinition(start_date=FIRST_BUSINESS_DATE, end_offset=1)
