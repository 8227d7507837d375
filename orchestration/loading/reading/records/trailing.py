"""How many fields the lines below a header have, where it or they end in empty ones.

A comma at the end of every line and an unquoted comma in a value look alike. They are told apart only where
each other reading of a line breaks the contract; otherwise the lines are read by the header, and rejected.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from clientele.contracts import Column, Contract
from orchestration.loading.reading.records.fields import split
from orchestration.loading.reading.records.no_records import BLANKS, INVISIBLE

_NUMBER = re.compile(r"[-+]?[0-9]+(?:\.[0-9]+)?")
_FORMS = {
    "date": re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"),
    "timestamp": re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9:.]+"),
    "boolean": re.compile(r"(?i)true|false|t|f|0|1|yes|no|y|n"),
}


def without_trailing(names: Sequence[str]) -> tuple[str, ...]:
    """The names of a header up to the last that is not empty."""
    last = max((place for place, name in enumerate(names, 1) if name), default=0)
    return tuple(names[:last])


def fields_of_lines(names: Sequence[str], lines: Sequence[str], contract: Contract) -> int:
    """The number of fields of the records of a file.

    Args:
        names: The names in the header, as lines separate them.
        lines: The first lines after it.
        contract: The contract.

    Returns:
        That of the header, unless the lines show that empty fields at their ends are missing or too many.
    """
    named = len(without_trailing(names))
    found = [[field.strip(BLANKS + INVISIBLE) for field in split(line) or []] for line in lines]
    records = [fields for fields in found if any(fields)]
    counts = Counter(map(len, records))
    if not records or len(names) in counts:
        return len(names)
    most, times = counts.most_common(1)[0]
    if times * 2 <= len(records):
        return len(names)
    if most == named:
        return named
    alike = [fields for fields in records if len(fields) == most]
    columns = {column.name: column for column in contract.columns}
    placed = [columns.get(name.lower()) for name in names[:named]]
    if most > named and not any(any(fields[named:]) for fields in alike):
        proven = sum(_is_surplus(fields[:named], placed) for fields in alike)
        if proven * 2 > len(alike):
            return most
    return len(names)


def _is_surplus(values: Sequence[str], columns: Sequence[Column | None]) -> bool:
    """Whether no comma between the values of a line can belong to one of them.

    If one did, the values after it would be one column further left, and the last column empty.
    """
    shifted = [*values[1:], ""]
    for place in range(len(values) - 1):
        fits = all(_fits(columns[after], shifted[after]) for after in range(place + 1, len(values)))
        if fits and _may_be_one(columns[place], columns[place + 1], values[place], values[place + 1]):
            return False
    return True


def _may_be_one(column: Column | None, following: Column | None, first: str, second: str) -> bool:
    """Whether two values may be a single one with a comma, of the first column."""
    if following and _is_coded(following) and second and _fits(following, second):
        return False
    if column is None:
        return True
    if column.type == "varchar":
        return not _is_coded(column) or _fits(column, f"{first},{second}")
    if column.type in _FORMS:
        return False
    return bool(_NUMBER.fullmatch(first)) and second[:1].isdigit()


def _is_coded(column: Column) -> bool:
    """Whether the contract says of what form the values are, so that none fits by chance."""
    return bool(column.allowed) or column.pattern is not None or column.type in _FORMS


def _fits(column: Column | None, value: str) -> bool:
    if column is None:
        return True
    if not value:
        return not column.required
    if column.allowed:
        return value in column.allowed
    if column.pattern is not None:
        return bool(re.search(column.pattern, value))
    if column.type == "varchar":
        return True
    return bool(_FORMS.get(column.type, _NUMBER).fullmatch(value))
