"""Reads the contracts: the Open Data Contract Standard files in ``expectations/contracts/``.

They are the only place where entities and columns are declared. A contract that cannot be obeyed literally
is an error here, before any delivery is opened.
"""

from __future__ import annotations

from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

from open_data_contract_standard.model import OpenDataContractStandard, SchemaProperty
from pydantic import ValidationError
from yaml import YAMLError

from clientele.contracts.columns import column as typed_column
from clientele.contracts.columns import custom
from clientele.contracts.model import ENCODINGS, MODES, ROW_KINDS, Column, Contract, ContractError
from clientele.settings import ROOT

CONTRACTS = ROOT / "expectations" / "contracts"


def load_contracts(folder: Path = CONTRACTS) -> dict[str, Contract]:
    """Read every contract.

    Args:
        folder: Folder of the ``<system>/<entity>.yml`` files.

    Returns:
        The contracts by entity name, in alphabetical order.

    Raises:
        ContractError: A file is malformed, or a reference leads nowhere.
    """
    files = contract_files(folder)
    if not files:
        raise ContractError(f"{folder}: no contract (<system>/<entity>.yml) found")
    contracts = {name: _read(file) for name, file in files.items()}
    for name, contract in contracts.items():
        for column, entity, target in contract.references:
            _check_reference(files[name], column, contracts.get(entity), f"{entity}.{target}")
    load_order(contracts)
    return contracts


def contract_files(folder: Path = CONTRACTS) -> dict[str, Path]:
    """The contract files by the name of their entity, in alphabetical order."""
    return {file.stem: file for file in sorted(folder.rglob("*.yml"), key=lambda file: file.stem)}


def load_order(contracts: Mapping[str, Contract]) -> list[str]:
    """Order the entities so that each follows everything it refers to; alphabetical among equals.

    Args:
        contracts: The contracts to order; references to others than these, and to the entity itself, are
            ignored.

    Returns:
        The entity names, parents first.

    Raises:
        ContractError: References run in a circle.
    """
    sorter = TopologicalSorter(
        {
            name: {entity for _, entity, _ in contract.references if entity in contracts} - {name}
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
    options = custom(document.customProperties)
    contract = Contract(
        name=file.stem,
        domain=_one_of(file, "domain", document.domain, None),
        description=(document.description.purpose if document.description else None) or "",
        mode=_one_of(file, "deliveryMode", options.get("deliveryMode"), MODES),
        row_kind=_one_of(file, "rowKind", options.get("rowKind"), ROW_KINDS),
        encoding=_one_of(file, "encoding", options.get("encoding"), ENCODINGS),
        is_required=_flag(file, "requiredEntity", options.get("requiredEntity")),
        columns=tuple(typed_column(file, item) for item in schema.properties or []),
        key=_key(file, schema.properties or []),
    )
    repeated = sorted({column.name for column in contract.columns if _count(contract, column.name) > 1})
    if repeated:
        raise ContractError(f"{file}: column {repeated[0]} is declared twice")
    return contract


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
