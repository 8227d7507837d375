"""Runs checks through Great Expectations; the only module that imports it, which takes seconds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar

import great_expectations.expectations as gxe
from great_expectations import ExpectationSuite, get_context
from great_expectations.compatibility import pydantic
from great_expectations.data_context.types.base import (
    DataContextConfig,
    InMemoryStoreBackendDefaults,
    ProgressBarsConfig,
)
from great_expectations.datasource.fluent.sql_datasource import SQLDatasource
from great_expectations.expectations.core.unexpected_rows_expectation import UnexpectedRowsExpectation
from sqlalchemy import URL

from expectations import dialect
from expectations.checks import NO_ROWS, Check, Database

EXAMPLES = 5
"""Offending rows shown of a failed check."""


@dataclass(frozen=True)
class Verdict:
    """Whether a check held, and if not, how many rows broke it and the first of them."""

    is_met: bool
    observed: str
    examples: tuple[str, ...] = ()


class ExpectNoRows(UnexpectedRowsExpectation):
    """Holds when its query returns nothing.

    Unlike its parent it runs the query once instead of twice and fetches no row.
    """

    metric_dependencies: ClassVar[tuple[str, ...]] = ("unexpected_rows_query.row_count",)

    @pydantic.validator("unexpected_rows_query")
    def _validate_query(cls, query: str) -> str:
        # The parent prints a warning for queries that name their tables themselves, as ours do.
        return query

    def _validate(
        self, metrics: dict[str, Any], runtime_configuration: Any = None, execution_engine: Any = None
    ) -> dict[str, Any]:
        return {"success": metrics["unexpected_rows_query.row_count"] == 0}


Validation = dict[str, Any]
"""What a validation found, as Great Expectations writes it down."""


def evaluate(
    database: Database, checks: Sequence[Check], keep: Callable[[Validation], None] = lambda validation: None
) -> list[Verdict]:
    """Judge the checks, one Great Expectations validation per table.

    Args:
        database: What to judge.
        checks: The checks; none may be marked not applicable.
        keep: Called with each validation; there is no value of any row in it.

    Returns:
        One verdict per check, in order. A check that raised or was not evaluated is not met.
    """
    dialect.register()
    verdicts: dict[int, Verdict] = {}
    with _source(database) as source:
        for table in dict.fromkeys(check.table for check in checks):
            numbered = [(number, check) for number, check in enumerate(checks) if check.table == table]
            verdicts |= _validate_table(source, table, numbered, keep)
    return [verdicts[number] for number in range(len(checks))]


@contextmanager
def _source(database: Database) -> Iterator[SQLDatasource]:
    context = get_context(
        project_config=DataContextConfig(
            store_backend_defaults=InMemoryStoreBackendDefaults(),
            analytics_enabled=False,
            progress_bars=ProgressBarsConfig(globally=False),
        ),
        mode="ephemeral",
    )
    engine_options: dict[str, Any] = {
        "pool_reset_on_return": None,
        "connect_args": {
            "read_only": True,
            "config": dict(database.config),
            "attached": {name: str(file) for name, file in database.attached.items()},
        },
    }
    # The stub of add_sql does not know kwargs.
    source: SQLDatasource = context.data_sources.add_sql(  # type: ignore[call-arg]
        "gate",
        connection_string=URL.create("duckdb+autocommit", database=str(database.file)).render_as_string(),
        create_temp_table=False,
        kwargs=engine_options,
    )
    try:
        yield source
    finally:
        # Great Expectations keeps two engines; an open one would bar writers from the file.
        source.get_execution_engine().close()
        source.get_engine().dispose()


def _validate_table(
    source: SQLDatasource,
    table: str,
    checks: Sequence[tuple[int, Check]],
    keep: Callable[[Validation], None],
) -> dict[int, Verdict]:
    asset = source.add_table_asset(table, table_name=table)
    batch = asset.add_batch_definition_whole_table("all").get_batch()
    suite = ExpectationSuite(
        name=table, expectations=[_expectation(check, number) for number, check in checks]
    )
    # Without counts and samples the simple expectations of a table share one query.
    validation: Any = batch.validate(suite, result_format="BOOLEAN_ONLY")
    keep(_without_messages(validation.to_json_dict()))
    results = {
        (result.expectation_config.meta or {}).get("number"): result
        for result in validation.results
        if result.expectation_config
    }
    return {number: _verdict(source, check, results.get(number)) for number, check in checks}


def _without_messages(validation: Validation) -> Validation:
    """The validation as it may be kept: the message of an error may hold what a customer typed."""
    for result in validation["results"]:
        result["exception_info"] = {"raised_exception": bool(_error(result.get("exception_info")))}
    return validation


def _expectation(check: Check, number: int) -> Any:
    meta = {"number": number, "check": check.name, "expected": check.expected}
    if check.expectation == NO_ROWS:
        # The query is formatted and searched for bind parameters: neither may see ours.
        query = check.offenders.replace("{", "{{").replace("}", "}}").replace(":", r"\:")
        return ExpectNoRows(unexpected_rows_query=query, meta=meta)
    return getattr(gxe, check.expectation)(**check.arguments, meta=meta)


def _verdict(source: SQLDatasource, check: Check, result: Any) -> Verdict:
    if result is None:
        return Verdict(False, "not evaluated by Great Expectations")
    error = _error(result.exception_info)
    if error:
        return Verdict(False, f"could not be evaluated: {error}")
    with source.get_engine().connect() as connection:
        if result.success and check.observed_query:
            return Verdict(True, str(connection.exec_driver_sql(check.observed_query).scalar_one()))
        if result.success:
            return Verdict(True, check.observed)
        total = connection.exec_driver_sql(f"select count(*) from ({check.offenders})").scalar_one()
        found = connection.exec_driver_sql(f"select * from ({check.offenders}) limit {EXAMPLES}")
        examples = tuple(_example(dict(row)) for row in found.mappings().all())
    return Verdict(False, f"{total:,} offending row{'s' if total != 1 else ''}", examples)


def _error(exception_info: Mapping[str, Any] | None) -> str:
    """The first line of what was raised; one record, or one per metric."""
    if not exception_info:
        return ""
    records = [exception_info] if "raised_exception" in exception_info else list(exception_info.values())
    messages = [str(record["exception_message"]) for record in records if record["raised_exception"]]
    return messages[0].strip().splitlines()[0] if messages else ""


def _example(row: Mapping[str, object]) -> str:
    return ", ".join(f"{name}={value}" for name, value in row.items() if value is not None)
