"""A check before it is judged: which expectation, on what data, and how to list the rows that break it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from expectations.results import Severity

NO_ROWS = "ExpectNoRows"
"""Our own expectation (see ``engine``): a query that must return nothing."""


@dataclass(frozen=True)
class Database:
    """A DuckDB file to judge.

    Attributes:
        file: The file; opened read-only.
        config: DuckDB settings of the connection.
        attached: Further files, by the name under which queries see them; opened read-only.
    """

    file: Path
    config: Mapping[str, str | bool | int | float | list[str]]
    attached: Mapping[str, Path]


@dataclass(frozen=True, eq=False)
class Check:
    """One expectation of a suite, free of Great Expectations so that building it is cheap.

    Attributes:
        name: The check name of the result; a warn and an error limit of one measure share it.
        table: Table or view that a column expectation reads; queries name theirs themselves.
        expectation: Class name in ``great_expectations.expectations``, or ``ExpectNoRows``.
        arguments: Keyword arguments of the expectation; none for ``ExpectNoRows``, whose query is
            ``offenders``.
        offenders: SQL that lists what breaks the rule, without personal data: counted and shown on failure.
        expected: The rule in words.
        observed: What is reported when the rule holds.
        observed_query: SQL of one value to report instead of ``observed``.
        severity: ``error`` blocks, ``warn`` is only shown.
        not_applicable: Why the check cannot be judged on this data; empty when it can.
        entity: What the result is filed under.
    """

    name: str
    table: str
    expectation: str
    arguments: Mapping[str, object]
    offenders: str
    expected: str
    observed: str
    severity: Severity = "error"
    not_applicable: str = ""
    entity: str = ""
    observed_query: str = ""

    def as_expectation(self, expectation: str, arguments: Mapping[str, object]) -> Check:
        """The same check, judged by an expectation that Great Expectations has."""
        return replace(self, expectation=expectation, arguments=arguments)

    def because(self, reason: str) -> Check:
        """The same check, not applicable for a reason."""
        return replace(self, not_applicable=reason)


def no_rows(
    name: str,
    table: str,
    offenders: str,
    expected: str,
    observed: str = "",
    severity: Severity = "error",
    not_applicable: str = "",
    entity: str = "",
    observed_query: str = "",
) -> Check:
    """A check that holds when a query returns nothing."""
    return Check(
        name=name,
        table=table,
        expectation=NO_ROWS,
        arguments={},
        offenders=offenders,
        expected=expected,
        observed=observed,
        severity=severity,
        not_applicable=not_applicable,
        entity=entity,
        observed_query=observed_query,
    )
