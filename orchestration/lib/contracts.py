"""What every delivery must look like: the Open Data Contract Standard files as typed values.

The files in ``expectations/contracts/`` are the only place where entities and columns are declared.
A contract that cannot be obeyed literally is an error here, before any delivery is opened.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

from open_data_contract_standard.model import OpenDataContractStandard, SchemaProperty
from pydantic import ValidationError
from yaml import YAMLError

from orchestration.settings import ROOT

CONTRACTS = ROOT / "expectations" / "contracts"
MODES = ("full", "delta")
ROW_KINDS = ("event", "version")
ENCODINGS = ("utf-8", "gb18030")
CLASSIFICATIONS = ("C1", "C2")
"""C3 (passwords, card checks, biometrics …) may not be delivered at all."""

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


class ContractError(ValueError):
    """A contract file is malformed; the message names the file and what is wrong."""


@dataclass(frozen=True)
class RowRule:
    """A condition on one row: ``sql`` over the typed columns; false breaks it, unknown does not."""

    description: str
    sql: str


@dataclass(frozen=True)
class Column:
    """One delivered column.

    Attributes:
        name: Column name in the delivery and in the lake.
        type: DuckDB type: varchar, boolean, integer, bigint, date, timestamp or decimal(p,s).
        required: Every row must have a value, and every delivery the column.
        classification: C1 (internal) or C2 (personal).
        allowed: The closed list of values; empty means any.
        pattern: Regular expression the text must match.
        minimum: Smallest allowed number.
        references: Entity and column whose values this column repeats.
        not_after_delivery: The value may not lie after the business date of its delivery.
        row_rule: A condition on the row that is reported at this column.
    """

    name: str
    type: str
    required: bool
    classification: str
    allowed: tuple[str, ...] = ()
    pattern: str | None = None
    minimum: int | float | None = None
    references: tuple[str, str] | None = None
    not_after_delivery: bool = False
    row_rule: RowRule | None = None


@dataclass(frozen=True)
class Contract:
    """One delivered entity.

    Attributes:
        name: Entity, as in ``landing/<entity>/``.
        domain: System that delivers it.
        description: What it holds, for people.
        mode: ``full`` (every delivery is a snapshot) or ``delta`` (new and changed rows).
        row_kind: ``event`` (it happened once, so its key is delivered once) or ``version`` (a later
            delivery of the key is its new state).
        encoding: Encoding of its CSV files: utf-8 or gb18030.
        is_required: A refresh needs a delivery of it.
        columns: The columns in the order of the contract.
        key: Names of the primary key columns in key order.
    """

    name: str
    domain: str
    mode: str
    row_kind: str
    encoding: str
    is_required: bool
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    description: str = ""

    @property
    def references(self) -> tuple[tuple[Column, str, str], ...]:
        """Each referencing column with the entity and column it refers to."""
        return tuple((column, *column.references) for column in self.columns if column.references)


def load_contracts(folder: Path = CONTRACTS) -> dict[str, Contract]:
    """Read every contract.

    Args:
        folder: Folder of the ``<entity>.yml`` files.

    Returns:
        The contracts by entity name, in alphabetical order.

    Raises:
        ContractError: A file is malformed, or a reference leads nowhere.
    """
    files = {file.stem: file for file in sorted(folder.glob("*.yml"))}
    if not files:
        raise ContractError(f"{folder}: no contract (<entity>.yml) found")
    contracts = {name: _read(file) for name, file in files.items()}
    for name, contract in contracts.items():
        for column, entity, target in contract.references:
            _check_reference(files[name], column, contracts.get(entity), f"{entity}.{target}")
    load_order(contracts)
    return contracts


def load_order(contracts: Mapping[str, Contract]) -> list[str]:
    """Order the entities so that each follows everything it refers to; alphabetical among equals.

    Args:
        contracts: The contracts to order; references to other entities are ignored.

    Returns:
        The entity names, parents first.

    Raises:
        ContractError: References run in a circle.
    """
    sorter = TopologicalSorter(
        {
            name: {entity for _, entity, _ in contract.references if entity in contracts}
            for name, contract in contracts.items()
        }
    )
    try:
        sorter.prepare()
    except CycleError as error:
        raise ContractError(f"references run in a circle: {' -> '.join(error.args[1])}") from error
    order: list[str] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready())
        order += ready
        sorter.done(*ready)
    return order


def _read(file: Path) -> Contract:
    try:
        document = OpenDataContractStandard.from_file(str(file))
    except (ValidationError, YAMLError) as error:
        raise ContractError(f"{file}: not an Open Data Contract Standard file: {error}") from error
    if not document.schema_ or len(document.schema_) != 1:
        raise ContractError(f"{file}: needs exactly one schema")
    schema = document.schema_[0]
    if not document.name == schema.name == file.stem:
        raise ContractError(f"{file}: contract, schema and file must all be named {file.stem!r}")
    options = _custom(document.customProperties)
    contract = Contract(
        name=file.stem,
        domain=_one_of(file, "domain", document.domain, None),
        description=(document.description.purpose if document.description else None) or "",
        mode=_one_of(file, "deliveryMode", options.get("deliveryMode"), MODES),
        row_kind=_one_of(file, "rowKind", options.get("rowKind"), ROW_KINDS),
        encoding=_one_of(file, "encoding", options.get("encoding"), ENCODINGS),
        is_required=_flag(file, "requiredEntity", options.get("requiredEntity")),
        columns=tuple(_column(file, item) for item in schema.properties or []),
        key=_key(file, schema.properties or []),
    )
    repeated = sorted({column.name for column in contract.columns if _count(contract, column.name) > 1})
    if repeated:
        raise ContractError(f"{file}: column {repeated[0]} is declared twice")
    return contract


def _column(file: Path, item: SchemaProperty) -> Column:
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
    flags = _custom(item.customProperties)
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


def _check_reference(file: Path, column: Column, parent: Contract | None, target: str) -> None:
    where = f"{file}: column {column.name}"
    if parent is None:
        raise ContractError(f"{where}: refers to {target}, but there is no such entity")
    name = target.partition(".")[2]
    found = [candidate for candidate in parent.columns if candidate.name == name]
    if not found:
        raise ContractError(f"{where}: refers to {target}, but there is no such column")
    if found[0].type != column.type or column.type != "varchar":
        raise ContractError(f"{where}: a reference needs varchar on both sides, {target} is {found[0].type}")


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


def _key(file: Path, items: list[SchemaProperty]) -> tuple[str, ...]:
    keys = [item for item in items if item.primaryKey]
    if not keys:
        raise ContractError(f"{file}: no column has primaryKey: true")
    if sorted(item.primaryKeyPosition or 0 for item in keys) != list(range(1, len(keys) + 1)):
        raise ContractError(f"{file}: primaryKeyPosition must number the key columns from 1")
    optional = [item.name for item in keys if not item.required]
    if optional:
        raise ContractError(f"{file}: key column {optional[0]} must be required")
    return tuple(str(item.name) for item in sorted(keys, key=lambda item: item.primaryKeyPosition or 0))


def _custom(properties: list[Any] | None) -> dict[str, Any]:
    return {str(item.property): item.value for item in properties or []}


def _one_of(file: Path, name: str, value: Any, valid: tuple[str, ...] | None) -> str:
    if not isinstance(value, str) or (valid and value not in valid):
        raise ContractError(f"{file}: {name} is {value!r}; valid: {', '.join(valid or ['a name'])}")
    return value


def _flag(file: Path, name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise ContractError(f"{file}: {name} is {value!r}; valid: true, false")
    return value


def _count(contract: Contract, name: str) -> int:
    return sum(column.name == name for column in contract.columns)
