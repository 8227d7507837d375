"""Policy, the numbers people decide: ``seeds/policy``, checked before anything uses it.

The models read the same files as dbt seeds; what is accepted here, dbt reads with the same values.
"""

from clientele.policy.calendar_days import Holidays, holidays
from clientele.policy.declarations import POLICY
from clientele.policy.problems import PolicyError
from clientele.policy.reader import (
    DatedRows,
    check,
    csv_files,
    dated,
    files_of_numbers,
    in_force,
    line,
    parameter,
    rows,
)

__all__ = [
    "POLICY",
    "DatedRows",
    "Holidays",
    "PolicyError",
    "check",
    "csv_files",
    "dated",
    "files_of_numbers",
    "holidays",
    "in_force",
    "line",
    "parameter",
    "rows",
]
