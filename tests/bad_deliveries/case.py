"""What a case of the table is, and good lines to put the bad one between."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

Content = bytes | Callable[[Path], None]
"""The bytes of a file, or what makes it at a path."""


class Reject(NamedTuple):
    """A line that is not loaded."""

    file: str
    line: int
    column: str | None
    reason: str


class Refusal(NamedTuple):
    """A file for which its delivery is not loaded; a reason ending in ``…`` goes on in a library's words."""

    file: str
    column: str | None
    reason: str


@dataclass(frozen=True)
class Case:
    """A delivery of one entity for one day, and what must become of it.

    Attributes:
        id: Unique name.
        kind: Key of ``table.KINDS``.
        wrong: What is unusual about it, as the documentation says it.
        entity: The delivered entity.
        files: The files of the delivery by name.
        loaded: The rows in the lake in the order of files and lines, columns as in ``Sample.header``.
        rejects: The lines that are rejected.
        refusals: Why the delivery is refused; empty when it is loaded.
        reports: Public reports of the same trouble, as ``owner/repository#number``.
    """

    id: str
    kind: str
    wrong: str
    entity: str
    files: Mapping[str, Content]
    loaded: tuple[str, ...] = ()
    rejects: tuple[Reject, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    reports: tuple[str, ...] = ()

    def reported(self, *reports: str) -> Case:
        """The case with the public reports it came from."""
        return replace(self, reports=reports)


@dataclass(frozen=True)
class Sample:
    """Good lines of an entity, written as the lake would write them."""

    entity: str
    header: str
    rows: tuple[str, str, str]
    encoding: str = "utf-8"

    @property
    def file(self) -> str:
        """The name of its CSV file."""
        return f"{self.entity}.csv"

    @property
    def names(self) -> list[str]:
        """Its columns."""
        return self.header.split(",")

    def text(self, *lines: str, header: str | None = None) -> bytes:
        """A file of these lines after the header, by default of the good ones."""
        head = self.header if header is None else header
        return "".join(f"{line}\n" for line in (head, *(lines or self.rows))).encode(self.encoding)

    def with_value(self, column: str, value: str) -> str:
        """The second row with one value replaced."""
        row = self.rows[1].split(",")
        row[self.names.index(column)] = value
        return ",".join(row)


TRANSACTIONS = Sample(
    "transactions",
    "transaction_id,customer_id,occurred_at,amount,transaction_type,currency,channel",
    (
        "T1,C1,2025-03-31 09:00:00,12.30,deposit,CNY,app",
        "T2,C1,2025-03-30 23:59:59,5.00,fee,CNY,pos",
        "T3,C2,2025-03-31 10:00:00,1000000.00,salary,USD,batch",
    ),
)
CUSTOMERS = Sample(
    "customers",
    "customer_id,customer_type,opened_on,customer_name,is_vip_elsewhere",
    (
        "C1,individual,2020-01-01,王小明,true",
        "C2,individual,2020-02-29,李四,false",
        "C3,corporate,2021-05-06,远山贸易有限公司,",
    ),
    "gb18030",
)
SURVEYS = Sample(
    "survey_responses",
    "response_id,customer_id,survey_kind,wave_id,metric,sent_at,score,answered_at",
    (
        "R1,C1,periodic,2025Q1,nps,2025-03-01 09:00:00,10,2025-03-02 10:00:00",
        "R2,C1,periodic,2025Q1,nps,2025-03-01 09:00:00,9,2025-03-01 09:00:00",
        "R3,C2,periodic,2025Q1,csat,2025-03-01 09:00:00,5,2025-03-31 23:59:59",
    ),
)
BRANCHES = Sample(
    "branches", "branch_id,branch_name,city", ("B1,滨江支行,杭州", "B2,湖畔支行,杭州", "B3,中山支行,")
)
CAMPAIGNS = Sample(
    "campaigns",
    "campaign_id,campaign_name,starts_on,ends_on",
    ("M1,春季,2025-03-01,2025-04-30", "M2,夏季,2025-06-01,", "M3,全年,2025-01-01,2025-12-31"),
)
SAMPLES = {sample.entity: sample for sample in (TRANSACTIONS, CUSTOMERS, SURVEYS, BRANCHES, CAMPAIGNS)}


def missing(column: str, header: str) -> str:
    """The reason to refuse a file whose header lacks a required column."""
    return f"required column {column} is missing; the header has {header.replace(',', ', ')}"


@dataclass(frozen=True)
class Kind:
    """Makes cases of one kind."""

    name: str

    def loaded(
        self,
        case: str,
        wrong: str,
        content: Content,
        loaded: Sequence[str] | None = None,
        sample: Sample = TRANSACTIONS,
        file: str = "",
    ) -> Case:
        """A file that looks bad and is not; all good lines are loaded unless others are named."""
        files = {file or sample.file: content}
        rows = sample.rows if loaded is None else tuple(loaded)
        return Case(f"{self.name}-{case}", self.name, wrong, sample.entity, files, rows)

    def rejected(
        self,
        case: str,
        wrong: str,
        line: str | bytes,
        column: str | None,
        reason: str,
        sample: Sample = TRANSACTIONS,
    ) -> Case:
        """A bad line between two good ones."""
        first, _, last = sample.rows
        bad = line.encode(sample.encoding) if isinstance(line, str) else line
        before, after = sample.text(first), sample.text(last).partition(b"\n")[2]
        return self.file(
            case,
            wrong,
            before + bad + b"\n" + after,
            [first, last],
            [(3, column, f"{column}: {reason}" if column else reason)],
            sample,
        )

    def value(
        self, case: str, wrong: str, column: str, value: str, reason: str, sample: Sample = TRANSACTIONS
    ) -> Case:
        """A bad value in a line between two good ones."""
        return self.rejected(case, wrong, sample.with_value(column, value), column, reason, sample)

    def good_value(
        self, case: str, wrong: str, column: str, value: str, read_as: str, sample: Sample = TRANSACTIONS
    ) -> Case:
        """A value that looks bad in a line between two good ones, and how it lies in the lake."""
        first, _, last = sample.rows
        content = sample.text(first, sample.with_value(column, value), last)
        return self.loaded(case, wrong, content, (first, sample.with_value(column, read_as), last), sample)

    def file(
        self,
        case: str,
        wrong: str,
        content: Content,
        loaded: Sequence[str],
        rejects: Sequence[tuple[int, str | None, str]],
        sample: Sample = TRANSACTIONS,
        file: str = "",
    ) -> Case:
        """A file of which some lines are rejected."""
        name = file or sample.file
        rejected = tuple(Reject(name, *reject) for reject in rejects)
        return Case(
            f"{self.name}-{case}", self.name, wrong, sample.entity, {name: content}, tuple(loaded), rejected
        )

    def refused(
        self,
        case: str,
        wrong: str,
        content: Content,
        reason: str,
        column: str | None = None,
        sample: Sample = TRANSACTIONS,
        file: str = "",
    ) -> Case:
        """A file for which the delivery is refused."""
        name = file or sample.file
        refusals = (Refusal(name, column, reason),)
        return Case(f"{self.name}-{case}", self.name, wrong, sample.entity, {name: content}, (), (), refusals)

    def files(
        self,
        case: str,
        wrong: str,
        files: Mapping[str, Content],
        loaded: Sequence[str] = (),
        rejects: Sequence[Reject] = (),
        refusals: Sequence[Refusal] = (),
        sample: Sample = TRANSACTIONS,
    ) -> Case:
        """A delivery of several files."""
        return Case(
            f"{self.name}-{case}",
            self.name,
            wrong,
            sample.entity,
            files,
            tuple(loaded),
            tuple(rejects),
            tuple(refusals),
        )
