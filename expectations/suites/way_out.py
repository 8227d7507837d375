"""The line of policy that would let a day pass, as it is shown beside what blocks that day."""

from __future__ import annotations

from clientele import policy

DELIVERY_LIMITS = "seeds/policy/deliveries/delivery_limits.csv"


def way_out(entity: str, measure: str, condition: str) -> str:
    """SQL of a further column of what breaks a limit: the line that lifts it for that business date.

    Args:
        entity: The entity that is judged.
        measure: The ``check_name`` of the limit.
        condition: When the line may be added, in words.

    Returns:
        A comma and the column; the query has to have a column ``business_date``.

    Raises:
        PolicyError: The declaration of the limits is malformed.
    """
    of_the_day = {
        "entity": entity,
        "check_name": measure,
        "limit_value": 0,
        "severity": "error",
        "owner": "<owner>",
        "rationale": "<reason>",
        "effective_from": "{day}",
        "effective_to": "{day}",
    }
    line = policy.line("delivery_limits", of_the_day)
    return f"""
        , chr(10) || replace('{line}', '{{day}}', business_date::varchar)
            as "{condition}, add this line with its owner and reason to {DELIVERY_LIMITS}"
    """
