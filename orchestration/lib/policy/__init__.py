"""What people decided: ``seeds/policy``, checked before anything uses it.

The models read the same files as dbt seeds; what is accepted here, dbt reads with the same values.
"""

from orchestration.lib.policy.declarations import POLICY
from orchestration.lib.policy.holidays import Holidays, holidays
from orchestration.lib.policy.problems import PolicyError
from orchestration.lib.policy.reader import check, in_force, line, parameter, read, rows

__all__ = [
    "POLICY",
    "Holidays",
    "PolicyError",
    "check",
    "holidays",
    "in_force",
    "line",
    "parameter",
    "read",
    "rows",
]
