"""Every case of the table through the loader: what is wrong is told, and nothing good is lost with it."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.bad_deliveries.arrivals import ARRIVALS, HEADERS, ORDER, Arrival
from tests.bad_deliveries.case import SAMPLES, Case, Reject, Sample
from tests.bad_deliveries.table import CASES, KINDS
from tests.deliveries import DAY, NEXT_DAY, Bank

BEFORE = date(2025, 3, 30)
LATER = date(2025, 4, 2)
CUSTOMERS = ["customer_id,customer_type,opened_on", "C1,individual,2020-01-01", "C2,corporate,2021-05-06"]

Prepare = Callable[[Sample], Path]


def test_the_table_is_large_and_complete() -> None:
    assert len(CASES) >= 120
    assert [name for name, times in Counter(case.id for case in CASES).items() if times > 1] == []
    assert list(dict.fromkeys(case.kind for case in CASES)) == list(KINDS)
    assert [case.id for case in CASES if case.refusals and (case.loaded or case.rejects)] == []
    reports = [report for case in CASES for report in case.reports]
    assert [report for report in reports if not re.fullmatch(r"[\w.-]+/[\w.-]+#[0-9]+", report)] == []


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepare:
    """A home per entity: customers are known, the day after the case is loaded, a later one delivered."""
    root = tmp_path_factory.mktemp("prepared")

    def prepare(sample: Sample) -> Path:
        home = root / sample.entity
        if not home.exists():
            bank = Bank(home)
            if sample.entity != "customers":
                bank.deliver("customers", CUSTOMERS, BEFORE)
                bank.load("customers", BEFORE)
            bank.deliver(sample.entity, sample.text(*others(sample, "N")), NEXT_DAY)
            assert bank.load(sample.entity, NEXT_DAY).loaded == 3
            bank.deliver(sample.entity, sample.text(*others(sample, "L")), LATER)
        return home

    return prepare


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_bad_delivery(case: Case, prepared: Prepare, tmp_path: Path) -> None:
    sample = SAMPLES[case.entity]
    home = tmp_path / "home"
    shutil.copytree(prepared(sample), home)
    bank = Bank(home)
    neighbour = untouched(bank)
    deliver(bank, case)

    result = bank.load(case.entity, DAY, NEXT_DAY, LATER)

    assert rows_of(bank, sample, DAY) == list(case.loaded)
    assert [tuple(reject) for reject in bank.rejects(case.entity)] == [
        tuple(reject) for reject in case.rejects
    ]
    if "parquet" not in case.kind:
        assert bank.rows("rejects", case.entity, "raw_text", "file, line") == raw_texts(case)
    assert_refused(case, [(item.file, item.column_name, item.reason) for item in result.refused])
    of_the_day = [audit for audit in result.audits if audit.business_date == DAY]
    assert [audit.file for audit in of_the_day] == ([] if case.refusals else sorted(delivered(case)))
    assert all(audit.lines == audit.loaded + audit.rejected for audit in of_the_day)
    assert sum(audit.loaded for audit in of_the_day) == len(case.loaded)
    assert sum(audit.rejected for audit in of_the_day) == len(case.rejects)
    assert neighbour.items() <= untouched(bank).items()
    assert rows_of(bank, sample, NEXT_DAY) == others(sample, "N")
    assert rows_of(bank, sample, LATER) == others(sample, "L")

    after = untouched(bank)
    again = bank.load(case.entity, DAY, NEXT_DAY, LATER)

    assert again.audits == ()
    assert again.refused == result.refused
    assert untouched(bank) == after


@pytest.mark.parametrize("arrival", ARRIVALS, ids=lambda arrival: arrival.id)
def test_an_order_of_arrival(arrival: Arrival, tmp_path: Path) -> None:
    bank = Bank(tmp_path)
    days = sorted({date.fromisoformat(day) for _, day, _ in arrival.steps})
    for entity, day, lines in arrival.steps:
        bank.deliver(entity, [HEADERS[entity], *lines], date.fromisoformat(day))
        for loaded in ORDER:
            bank.load(loaded, *days)
    key = HEADERS[arrival.about].partition(",")[0]
    found = bank.rows("raw", arrival.about, f"{key}, business_date::varchar")
    assert found == sorted(arrival.loaded)
    rejects = bank.rows("rejects", arrival.about, "business_date::varchar, line, reason")
    assert rejects == sorted(arrival.rejects)


def others(sample: Sample, mark: str) -> list[str]:
    """Good rows with keys of their own."""
    return [mark + row for row in sample.rows]


def deliver(bank: Bank, case: Case) -> None:
    folder = bank.settings.landing / case.entity / str(DAY)
    folder.mkdir()
    for name, content in case.files.items():
        if isinstance(content, bytes):
            (folder / name).write_bytes(content)
        else:
            content(folder / name)


def delivered(case: Case) -> list[str]:
    """Names of the data files."""
    return [name for name in case.files if name[0] not in "_." and not name.endswith(".ctl")]


def raw_texts(case: Case) -> list[str]:
    """The rejected lines of CSV files, with every byte that does not decode."""
    texts = []
    for reject in case.rejects:
        content = case.files[reject.file]
        if isinstance(content, bytes) and reject.file.endswith(".csv"):
            line = rejected_text(content.replace(b"\r\n", b"\n").split(b"\n"), reject)
            encoding = SAMPLES[case.entity].encoding
            texts.append(line.decode(encoding, "backslashreplace").replace("\0", "\\x00"))
    return texts


def rejected_text(lines: list[bytes], reject: Reject) -> bytes:
    """The line of a reject, and those after it that belong to the same record."""
    several = re.search("up to line ([0-9]+)$", reject.reason)
    last = int(several[1]) if several else reject.line
    text = b"\n".join(lines[reject.line - 1 : last])
    while reject.column and text.count(b'"') % 2:
        last += 1
        text += b"\n" + lines[last - 1]
    return text


def rows_of(bank: Bank, sample: Sample, day: date) -> list[str]:
    """The rows of a day in the order of files and lines, as in ``Sample.rows``."""
    values = ", ".join(f"{name}::varchar" for name in sample.names)
    found: list[Any] = bank.rows(
        "raw", sample.entity, f"[{values}], business_date", "source_file, source_line"
    )
    return [",".join(value or "" for value in row) for row, of_day in found if of_day == day]


def assert_refused(case: Case, found: list[tuple[str, str | None, str]]) -> None:
    expected = [tuple(refusal) for refusal in case.refusals]
    cut = [
        (file, column, f"{reason[: len(wanted.reason) - 1]}…" if wanted.reason.endswith("…") else reason)
        for (file, column, reason), wanted in zip(found, case.refusals, strict=False)
    ]
    assert cut == expected
    assert len(found) == len(expected)


def untouched(bank: Bank) -> dict[str, bytes]:
    """What the lake holds of all days; the times of the delivery in an audit's name change with each copy."""
    return {
        re.sub("-[0-9a-f]{12}-", "-", f"{kind}/{name}"): content
        for kind in ("raw", "rejects", "audit")
        for name, content in bank.files(kind).items()
    }
