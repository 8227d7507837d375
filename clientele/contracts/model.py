"""A contract as typed values: what every delivery of an entity must look like."""

from __future__ import annotations

from dataclasses import dataclass

MODES = ("full", "delta")
ROW_KINDS = ("event", "version")
ENCODINGS = ("utf-8", "gb18030")
CLASSIFICATIONS = ("C1", "C2")
"""C3 (passwords, card checks, biometrics …) may not be delivered at all."""


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
        label: What people call it, the business name of the contract.
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
    label: str = ""


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
    def names(self) -> tuple[str, ...]:
        """Names of the columns."""
        return tuple(column.name for column in self.columns)

    @property
    def references(self) -> tuple[tuple[Column, str, str], ...]:
        """Each referencing column with the entity and column it refers to."""
        return tuple((column, *column.references) for column in self.columns if column.references)
