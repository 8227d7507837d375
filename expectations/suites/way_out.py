"""The line of policy that would let a day pass, as it is shown beside what blocks that day."""

from __future__ import annotations

from collections.abc import Mapping

from clientele import policy
from clientele.sql import literal


def way_out(
    file: str, limited: Mapping[str, str], condition: str, day: str = "business_date", limit: str = "0"
) -> str:
    """SQL of a further column of what breaks a limit: the line that lets that one day pass.

    Args:
        file: Name of the file of limits without its ending.
        limited: What is limited: the columns that name the limit, with their values.
        condition: When the line may be added, in words.
        day: SQL of the day, as a date.
        limit: SQL of the limit that the day would keep.

    Returns:
        A comma and the column.

    Raises:
        PolicyError: The declaration of the limits is malformed.
    """
    of_the_day = {
        **limited,
        "limit_value": "{limit}",
        "severity": "error",
        "owner": "<owner>",
        "rationale": "<reason>",
        "effective_from": "{day}",
        "effective_to": "{day}",
    }
    line = literal(policy.line(file, of_the_day))
    where = policy.csv_files()[file].relative_to(policy.POLICY.parents[1])
    return f"""
        , chr(10) || replace(replace({line}, '{{day}}', ({day})::varchar), '{{limit}}', ({limit})::varchar)
            as "{condition}, add this line with its owner and reason to {where}"
    """
