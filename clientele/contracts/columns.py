"""A property of a contract file as a typed column, or the error that says why it cannot be obeyed."""

from __future__ import annotations

import re
from typing import Any

from open_data_contract_standard.model import SchemaProperty

from clientele.contracts.model import CLASSIFICATIONS, Column, ContractError, RowRule

_LOGICAL_TYPES = {
    "varchar": "string",
    "boolean": "boolean",
    "integer": "integer",
    "bigint": "integer",
    "date": "date",
    "timestamp": "timestamp",
    "decimal": "number",
}
_DECIMAL = re.compile(r"decimal\(([0-9]+),([0-9]+)\)")
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_RESERVED = ("business_date", "source_file", "source_line")
"""Columns that the loader adds to every row of the lake."""


def column(file: object, item: SchemaProperty) -> Column:
    """The typed column of a property.

    Args:
        file: The contract file, for messages.
        item: The property.

    Raises:
        ContractError: It is malformed, or asks for something that is not supported.
    """
    where = f"{file}: column {item.name}"
    if not item.name or not _NAME.fullmatch(item.name):
        raise ContractError(f"{where}: a name is lower-case letters, digits and underscores")
    if item.name in _RESERVED:
        raise ContractError(f"{where}: the name is taken; the loader adds {', '.join(_RESERVED)}")
    if item.classification not in CLASSIFICATIONS:
        raise ContractError(
            f"{where}: classification {item.classification!r}; valid: {', '.join(CLASSIFICATIONS)}"
            + ("; C3 data may not be delivered" if item.classification == "C3" else "")
        )
    kind = _type(where, item)
    options = item.logicalTypeOptions or {}
    unknown = sorted(set(options) - {"pattern", "minimum"})
    if unknown:
        raise ContractError(f"{where}: option {unknown[0]!r} is not supported; valid: minimum, pattern")
    pattern = options.get("pattern")
    if pattern is not None:
        _check_pattern(where, pattern)
    flags = custom(item.customProperties)
    if flags.get("notAfterDelivery") and kind not in ("date", "timestamp"):
        raise ContractError(f"{where}: notAfterDelivery needs a date or a timestamp, not {kind}")
    if options.get("minimum") is not None and _LOGICAL_TYPES[_base(kind)] not in ("integer", "number"):
        raise ContractError(f"{where}: minimum needs a number, not {kind}")
    return Column(
        name=item.name,
        type=kind,
        required=bool(item.required),
        classification=item.classification,
        allowed=tuple(str(entry.value) for entry in item.enum or []),
        pattern=pattern,
        minimum=options.get("minimum"),
        references=_reference(where, item),
        not_after_delivery=bool(flags.get("notAfterDelivery")),
        row_rule=_row_rule(where, item),
        label=item.businessName or "",
    )


def _type(where: str, item: SchemaProperty) -> str:
    kind = item.physicalType or ""
    logical = _LOGICAL_TYPES.get(_base(kind))
    if logical is None or (logical == "number") != bool(_DECIMAL.fullmatch(kind)):
        valid = ", ".join(name for name in _LOGICAL_TYPES if name != "decimal")
        raise ContractError(f"{where}: unknown type {kind!r}; valid: {valid}, decimal(p,s)")
    if item.logicalType != logical:
        raise ContractError(
            f"{where}: logicalType {item.logicalType!r} does not fit {kind}, which is {logical}"
        )
    digits = _DECIMAL.fullmatch(kind)
    if digits and not 1 <= int(digits[2]) <= int(digits[1]) <= 38:
        raise ContractError(f"{where}: {kind} needs 1 <= scale <= precision <= 38")
    return kind


def _base(kind: str) -> str:
    return kind.partition("(")[0]


def _check_pattern(where: str, pattern: str) -> None:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ContractError(f"{where}: pattern {pattern!r} is not a regular expression: {error}") from error


def _reference(where: str, item: SchemaProperty) -> tuple[str, str] | None:
    relationships = item.relationships or []
    if not relationships:
        return None
    target = str(relationships[0].to)
    entity, dot, column = target.partition(".")
    if len(relationships) > 1 or relationships[0].type != "foreignKey" or not (dot and entity and column):
        raise ContractError(f"{where}: needs a single foreignKey to <entity>.<column>, not {target!r}")
    return entity, column


def _row_rule(where: str, item: SchemaProperty) -> RowRule | None:
    rules = item.quality or []
    if not rules:
        return None
    rule = rules[0]
    if len(rules) > 1 or rule.engine != "row-rule" or not isinstance(rule.implementation, str):
        raise ContractError(f"{where}: quality may hold one rule of engine row-rule with its SQL condition")
    if not rule.description:
        raise ContractError(f"{where}: its row-rule needs a description, it becomes the reason of a reject")
    return RowRule(rule.description, rule.implementation)


def custom(properties: list[Any] | None) -> dict[str, Any]:
    """The custom properties of a contract, a schema or a column, by name."""
    return {str(item.property): item.value for item in properties or []}
