"""Gate 1 on columns: what a source renamed, left out or added, beside what is right as it is."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest

from clientele.policy import POLICY, csv_files
from expectations.limits import delivery_limits
from expectations.results import CheckResult
from expectations.runner import run_gate_1
from expectations.suites.delivered_columns import look_alike
from orchestration.loading import landing
from tests.deliveries import DAY, NEXT_DAY, Bank, contracts

THIRD_DAY = NEXT_DAY + timedelta(days=1)
HEADERS = {
    "customers": "customer_id,customer_type,opened_on,closed_on,phone",
    "transactions": "transaction_id,customer_id,occurred_at,amount,transaction_type,currency,channel",
    "branches": "branch_id,branch_name,city",
}
ROWS = {
    "customers": "C1,individual,2020-01-01,,13912345678",
    "transactions": "T{day},C1,2025-03-30 09:00:00,12.30,deposit,USD,app",
    "branches": "B1,滨江支行,杭州",
}


@dataclass(frozen=True)
class Change:
    """A header that differs from that of the day before, and what must be said about it.

    Attributes:
        id: Unique name.
        entity: The delivered entity.
        header: Its header on the second day.
        status: Of the check.
        gone: What the messages must name.
        report: Public report of the same trouble.
    """

    id: str
    entity: str
    header: str
    status: str = "passed"
    gone: tuple[str, ...] = ()
    report: str = ""


CHANGES = [
    Change(
        "currency-shortened",
        "transactions",
        HEADERS["transactions"].replace("currency", "ccy"),
        "failed",
        ("column that is gone=currency, did you mean=ccy",),
        "StarRocks/starrocks#42668",
    ),
    Change(
        "other-words",
        "customers",
        HEADERS["customers"].replace("closed_on", "close_date"),
        "failed",
        ("column that is gone=closed_on, did you mean=close_date",),
        "goibibo/SqlShift#2",
    ),
    Change(
        "left-out",
        "customers",
        HEADERS["customers"].replace(",closed_on", ""),
        "failed",
        ("column that is gone=closed_on",),
        "transferwise/pipelinewise-target-snowflake#276",
    ),
    Change(
        "in-a-full-snapshot",
        "branches",
        HEADERS["branches"].replace("city", "城市"),
        "failed",
        ("column that is gone=city, did you mean=城市",),
        "StarRocks/starrocks#42668",
    ),
    Change(
        "two-at-once",
        "transactions",
        HEADERS["transactions"].replace("currency", "Curr").replace("channel", "chnl_cd"),
        "failed",
        (
            "column that is gone=channel, did you mean=chnl_cd",
            "column that is gone=currency, did you mean=Curr",
        ),
        "goibibo/SqlShift#2",
    ),
    Change(
        "personal-only-warns",
        "customers",
        HEADERS["customers"].replace("phone", "mobile"),
        "warned",
        ("column that is gone=phone, did you mean=mobile",),
        "dlt-hub/dlt#132",
    ),
    Change("the-same", "customers", HEADERS["customers"]),
    Change("another-order", "customers", ",".join(reversed(HEADERS["customers"].split(",")))),
    Change("in-capitals", "transactions", HEADERS["transactions"].upper()),
    Change("a-new-one", "customers", HEADERS["customers"] + ",branch_id"),
    Change("a-new-unknown-one", "transactions", HEADERS["transactions"] + ",teller_no"),
]


@pytest.fixture
def bank(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bank:
    monkeypatch.setattr(landing, "settling_seconds", lambda on: 0)
    bank = Bank(tmp_path)
    for entity, header in HEADERS.items():
        deliver(bank, entity, header, DAY)
    return bank


def deliver(bank: Bank, entity: str, header: str, day: date, name: str = "", rows: bool = True) -> None:
    """Deliver and load the entity's row, its values in the order of this header."""
    known = dict(zip(HEADERS[entity].split(","), ROWS[entity].format(day=day.day).split(","), strict=True))
    by_place = iter(known.values())
    values = [known.get(column.lower(), "") for column in header.split(",")] or list(by_place)
    bank.deliver(entity, [header, ",".join(values)] if rows else [header], day, name)
    bank.load(entity, day)


def check(
    bank: Bank, entity: str, last: date = NEXT_DAY, first: date | None = None, policy: Path = POLICY
) -> CheckResult:
    """The check on the columns of an entity."""
    results = run_gate_1(bank.settings, contracts(), entity, first or last, last, delivery_limits(policy))
    (result,) = (result for result in results if result.check_name == "columns")
    return result


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.id)
def test_the_columns_of_a_delivery_are_those_of_the_one_before(bank: Bank, change: Change) -> None:
    deliver(bank, change.entity, change.header, NEXT_DAY)
    result = check(bank, change.entity)
    assert result.status == change.status
    assert result.is_blocking == (change.status == "failed")
    said = "\n".join(result.examples)
    assert [text for text in change.gone if text not in said] == []
    assert ("column that is gone" in said) == bool(change.gone)


def test_every_trouble_names_a_public_report() -> None:
    assert [change.id for change in CHANGES if change.gone and "#" not in change.report] == []


def test_a_new_column_is_a_note(bank: Bank) -> None:
    deliver(bank, "transactions", HEADERS["transactions"] + ",teller_no", NEXT_DAY)
    said = check(bank, "transactions").observed
    assert said.partition("; ")[2] == f"new: teller_no in transactions.csv of {NEXT_DAY}"


def test_the_first_delivery_has_nothing_to_be_compared_with(bank: Bank) -> None:
    assert check(bank, "customers", DAY).status == "not_applicable"


def test_a_file_without_rows_leaves_nothing_unknown(bank: Bank) -> None:
    required = HEADERS["transactions"].removesuffix(",currency,channel")
    deliver(bank, "transactions", required, NEXT_DAY, rows=False)
    assert check(bank, "transactions").status == "not_applicable"
    deliver(bank, "transactions", required, THIRD_DAY)
    assert check(bank, "transactions", THIRD_DAY).status == "failed"


def test_what_was_refused_is_no_normal(bank: Bank) -> None:
    renamed = HEADERS["transactions"].replace("currency", "ccy")
    deliver(bank, "transactions", renamed, NEXT_DAY)
    deliver(bank, "transactions", renamed, THIRD_DAY)
    examples = "".join(check(bank, "transactions", THIRD_DAY, first=NEXT_DAY).examples)
    assert [str(day) in examples for day in (NEXT_DAY, THIRD_DAY)] == [True, True]
    deliver(bank, "transactions", HEADERS["transactions"], NEXT_DAY)
    deliver(bank, "transactions", HEADERS["transactions"], THIRD_DAY)
    assert check(bank, "transactions", THIRD_DAY, first=NEXT_DAY).status == "passed"


def test_one_file_of_two_that_lacks_the_column_is_named(bank: Bank) -> None:
    deliver(bank, "transactions", HEADERS["transactions"], NEXT_DAY, "a.csv")
    deliver(bank, "transactions", HEADERS["transactions"].replace("currency", "ccy"), NEXT_DAY, "b.csv")
    (example,) = check(bank, "transactions").examples
    assert "file=b.csv" in example


def test_files_that_always_differed_may_differ(bank: Bank) -> None:
    for day in (DAY, NEXT_DAY):
        deliver(bank, "transactions", HEADERS["transactions"], day)
        deliver(bank, "transactions", HEADERS["transactions"].replace(",channel", ""), day, "b.csv")
    assert check(bank, "transactions").status == "passed"


def test_the_printed_line_lets_the_delivery_pass(bank: Bank, tmp_path: Path) -> None:
    deliver(bank, "customers", HEADERS["customers"].replace(",closed_on", ""), NEXT_DAY)
    (example,) = check(bank, "customers").examples
    line = (
        example.splitlines()[-1]
        .replace("<owner>", "Data Office")
        .replace("<reason>", "The source dropped it.")
    )
    folder = Path(shutil.copytree(POLICY, tmp_path / "policy"))
    with csv_files(folder)["delivery_limits"].open("a", encoding="utf-8") as file:
        file.write(f"{line}\n")
    assert check(bank, "customers", policy=folder).status == "passed"


@pytest.mark.parametrize(
    ("gone", "candidates", "meant"),
    [
        ("currency", ["ccy", "teller_no"], "ccy"),
        ("currency", ["Currency Code", "teller_no"], "Currency Code"),
        ("closed_on", ["close_date", "teller_no"], "close_date"),
        ("opened_on", ["opend_on", "closed_on"], "opend_on"),
        ("reversal_of", ["teller_no"], "teller_no"),
        ("reversal_of", ["teller_no", "till"], None),
        ("currency", [], None),
    ],
)
def test_the_new_name_is_guessed(gone: str, candidates: list[str], meant: str | None) -> None:
    assert look_alike(gone, candidates) == meant
