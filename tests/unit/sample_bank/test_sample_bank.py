"""The sample bank is repeatable, keeps its promises to the contracts, and tells the truth about itself."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from clientele.contracts import load_contracts
from seeds.sample_bank.arguments import Arguments, SampleBankError
from seeds.sample_bank.basics.rows import INCOMING
from seeds.sample_bank.customers.stories import CUSTOMER_STORIES
from seeds.sample_bank.landing import fill_landing
from seeds.sample_bank.writing.dirt import KINDS
from seeds.sample_bank.writing.files import text_engine

FIRST, LAST = date(2024, 11, 1), date(2025, 12, 31)
GB18030 = ("customers", "complaints")
AUTOMATIC = "('interest', 'interest_tax', 'fee', 'judicial', 'reversal')"


def silent(message: str) -> None:
    """Progress that nobody reads."""


def tiny(**changes: Any) -> Arguments:
    return Arguments(**{"customers": 300, "first": FIRST, "last": LAST, "seed": 7, **changes})


@pytest.fixture(scope="module")
def landing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bank") / "landing"
    assert fill_landing(tiny(), folder, silent)
    return folder


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clean") / "landing"
    assert fill_landing(tiny(dirt=False), folder, silent)
    return folder


@pytest.fixture(scope="module")
def bank(clean: Path) -> duckdb.DuckDBPyConnection:
    """Every delivered row of the clean bank as text, with its business date."""
    engine = duckdb.connect()
    for entity, contract in load_contracts().items():
        rows = [
            (folder.name, *row) for folder in sorted(clean.glob(f"{entity}/*")) for row in records(folder)[1:]
        ]
        names = ["business_date", *(column.name for column in contract.columns)]
        columns = list(zip(*rows, strict=True)) or [()] * len(names)
        texts = {
            name: pa.array([value or None for value in column], pa.string())
            for name, column in zip(names, columns, strict=True)
        }
        engine.register("delivered", pa.table(texts))
        engine.execute(f"create table {entity} as select * from delivered")
    engine.register("told", pa.table(columns_of(truth(clean, "stories"))))
    engine.execute("create table stories as select * from told")
    engine.execute(
        f"""create view acts as select *, occurred_at::date as day from transactions
        where transaction_type not in {AUTOMATIC}"""
    )
    return engine


def content(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


def records(folder: Path) -> list[list[str]]:
    """Header and rows of the data files of a delivery."""
    result: list[list[str]] = []
    for path in sorted(folder.iterdir()):
        if path.suffix == ".parquet":
            table = pq.read_table(path).to_pylist()
            result += [list(table[0]), *(list(row.values()) for row in table)]
        elif path.suffix != ".ctl":
            text = content(path).decode("gb18030" if folder.parent.name in GB18030 else "utf-8")
            result += list(csv.reader(io.StringIO(text)))
    return result


def truth(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / "_truth" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def columns_of(rows: list[dict[str, str]]) -> dict[str, list[str]]:
    return {name: [row[name] for row in rows] for name in rows[0]}


def fingerprints(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def rows(engine: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[Any, ...]]:
    return engine.execute(sql).fetchall()


def test_same_arguments_give_the_same_bytes_on_any_number_of_threads(
    landing: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def single() -> duckdb.DuckDBPyConnection:
        engine = text_engine()
        engine.execute("set threads = 1")
        return engine

    monkeypatch.setattr("seeds.sample_bank.simulation.text_engine", single)
    fill_landing(tiny(), tmp_path / "landing", silent)
    assert fingerprints(tmp_path / "landing") == fingerprints(landing)


def test_another_seed_gives_another_bank(landing: Path, tmp_path: Path) -> None:
    fill_landing(tiny(seed=8), tmp_path / "landing", silent)
    name = "transactions/2024-11-01/transactions.csv"
    assert (tmp_path / "landing" / name).read_bytes() != (landing / name).read_bytes()


def test_without_its_dirt_every_file_is_the_clean_one(landing: Path, clean: Path) -> None:
    dirty_lines = {
        (row["entity"], row["business_date"], row["file"], int(row["line"])) for row in truth(landing, "dirt")
    }
    for path in sorted(clean.glob("[a-z]*/*/*")):
        if path.suffix == ".ctl":
            continue
        entity, day, name = path.relative_to(clean).parts
        lines = content(landing / entity / day / name).split(b"\n")
        kept = [
            line for number, line in enumerate(lines, 1) if (entity, day, name, number) not in dirty_lines
        ]
        assert b"\n".join(kept) == content(path), path


def test_every_kind_of_dirt_is_planted_and_breaks_its_line(landing: Path) -> None:
    dirt = truth(landing, "dirt")
    assert len(dirt) >= 60
    assert {row["kind"] for row in dirt} == set(KINDS)
    assert len({row["entity"] for row in dirt}) >= 6
    assert len({row["business_date"] for row in dirt}) >= 30
    for row in dirt:
        path = landing / row["entity"] / row["business_date"] / row["file"]
        lines = content(path).split(b"\n")
        header = lines[0].decode().split(",")
        assert is_broken(row, header, lines), row


def is_broken(row: dict[str, str], header: list[str], lines: list[bytes]) -> bool:
    """Whether the line has the fault that the truth tells."""
    line = lines[int(row["line"]) - 1]
    fields = line.split(b",")
    value = fields[header.index(row["column_name"])].decode("latin-1") if row["column_name"] else ""
    match row["kind"]:
        case "too_few_fields":
            return len(fields) < len(header)
        case "too_many_fields":
            return len(fields) > len(header)
        case "unbalanced_quote":
            return line.count(b'"') == 1
        case "undecodable_bytes":
            return not is_decodable(line, "gb18030" if row["entity"] in GB18030 else "utf-8")
        case "duplicate_key":
            return sum(each.startswith(fields[0] + b",") for each in lines[: int(row["line"])]) == 2
        case "future_date":
            return value[:10] > row["business_date"]
        case "impossible_date":
            return value.startswith("2025-02-30")
        case "missing_required":
            return value == ""
        case "negative_amount":
            return value.startswith("-")
        case "not_a_number":
            return not value.replace(".", "", 1).isdecimal()
        case "off_the_scale":
            return value == "11" and fields[header.index("metric")] == b"csat"
        case "unknown_reference" | "unknown_value":
            return value in {"X00000000", "unheard_of"}
    return False


def is_decodable(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def test_control_files_count_and_sign_the_file_as_delivered(landing: Path) -> None:
    controls = sorted(landing.rglob("*.ctl"))
    assert {path.parent.parent.name for path in controls} == {"transactions", "balances"}
    for control in controls:
        path = control.with_suffix("")
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        count = content(path).count(b"\n") - 1
        assert control.read_text() == f"rows={count}\nsha256={digest}\n"


def test_headers_are_those_of_the_contracts(clean: Path) -> None:
    contracts = load_contracts()
    for folder in sorted(clean.glob("[a-z]*/*")):
        assert records(folder)[0] == [column.name for column in contracts[folder.parent.name].columns], folder


def test_files_of_all_formats_are_delivered(landing: Path) -> None:
    endings = Counter(path.name.split(".", 1)[1] for path in landing.glob("[a-z]*/*/*"))
    assert set(endings) == {"csv", "csv.ctl", "csv.gz", "csv.gz.ctl", "parquet"}


def test_required_entities_are_delivered_every_day(landing: Path) -> None:
    days = (LAST - FIRST).days + 1
    for entity in ("customers", "transactions"):
        assert len(list(landing.glob(f"{entity}/*/{entity}.csv"))) == days


def test_values_are_in_the_domains_of_the_contracts(bank: duckdb.DuckDBPyConnection) -> None:
    for entity, contract in load_contracts().items():
        for column in contract.columns:
            if column.required:
                assert rows(bank, f"select count(*) from {entity} where {column.name} is null") == [(0,)]
            if column.allowed:
                found = {row[0] for row in rows(bank, f"select distinct {column.name} from {entity}")} - {
                    None
                }
                assert found <= set(column.allowed), (entity, column.name)
            cast = f"select count(*) from {entity} where try_cast({column.name} as {column.type}) is null"
            assert rows(bank, f"{cast} and {column.name} is not null") == [(0,)], (entity, column.name)
            if column.not_after_delivery:
                later = f"select count(*) from {entity} where {column.name}::date > business_date::date"
                assert rows(bank, later) == [(0,)], (entity, column.name)


def test_keys_are_unique_in_each_delivery(bank: duckdb.DuckDBPyConnection) -> None:
    for entity, contract in load_contracts().items():
        key = ", ".join(("business_date", *contract.key))
        assert rows(bank, f"select {key} from {entity} group by all having count(*) > 1") == []


def test_references_are_known_on_the_day_of_delivery(bank: duckdb.DuckDBPyConnection) -> None:
    for entity, contract in load_contracts().items():
        for column in contract.columns:
            if column.references is None:
                continue
            parent, key = column.references
            unknown = f"""
                with known as (select {key} as key, min(business_date) as since from {parent} group by all)
                select count(*) from {entity} as child left join known on child.{column.name} = known.key
                where child.{column.name} is not null
                and (known.key is null or known.since > child.business_date)"""
            assert rows(bank, unknown) == [(0,)], (entity, column.name)


def test_deposit_balances_are_the_opening_plus_the_signed_transactions(
    bank: duckdb.DuckDBPyConnection,
) -> None:
    incoming = ", ".join(f"'{name}'" for name in INCOMING)
    checked, wrong, negative, reversals = rows(
        bank,
        f"""
        with signed as (
            select posted.account_id, posted.business_date,
                posted.transaction_type = 'reversal' as is_reversal,
                posted.amount::decimal(18, 2)
                * case when coalesce(original.transaction_type, posted.transaction_type) in ({incoming})
                    then 1 else -1 end
                * case when posted.transaction_type = 'reversal' then -1 else 1 end as change
            from transactions as posted
            left join transactions as original on posted.reversal_of = original.transaction_id
        ),
        deposits as (
            select distinct account_id from accounts inner join products using (product_id)
            where product_family = 'deposit'
        ),
        daily as (
            select account_id, business_date, sum(change) as change,
                count(*) filter (is_reversal) as reversals
            from signed inner join deposits using (account_id) group by all
        ),
        told as (
            select account_id, business_date, balance_amount::decimal(18, 2) as balance,
                lag(balance) over (partition by account_id order by business_date) as before
            from balances inner join deposits using (account_id)
        )
        select count(*),
            count(*) filter (
                told.balance is null
                or told.balance <> coalesce(told.before, 0) + coalesce(daily.change, 0)
                and (told.before is not null or told.business_date > '{FIRST}')
            ),
            count(*) filter (told.balance < 0),
            sum(daily.reversals)
        from told full join daily using (account_id, business_date)""",
    )[0]
    assert checked > 5_000
    assert reversals > 10
    assert (wrong, negative) == (0, 0)


def test_nothing_happens_before_opening_or_after_closing(bank: duckdb.DuckDBPyConnection) -> None:
    outside = """
        with lives as (
            select customer_id, min(opened_on) as opened, max(closed_on) as closed from customers group by 1
        )
        select count(*) from transactions inner join lives using (customer_id)
        where occurred_at[:10] < opened or business_date > closed"""
    assert rows(bank, outside) == [(0,)]
    assert rows(bank, "select count(*) > 0 from customers where closed_on is not null") == [(True,)]


def test_some_transactions_are_posted_late(bank: duckdb.DuckDBPyConnection) -> None:
    late = "select count(*), max(business_date::date - day) from acts where day < business_date::date"
    count, most = rows(bank, late)[0]
    assert count > 20
    assert most <= 5


def test_enough_individuals_are_active_often_enough_to_be_missed(bank: duckdb.DuckDBPyConnection) -> None:
    habits = """
        with months as (
            select customer_id, date_trunc('month', day) as month, count(distinct day) as days
            from acts group by all
        )
        select count(distinct customer_id) filter (days >= 6)
            / (select count(distinct customer_id) from customers where customer_type = 'individual')
        from (select customer_id, sum(days) / 14 as days from months group by 1)
        inner join (select distinct customer_id, customer_type from customers) using (customer_id)
        where customer_type = 'individual'"""
    assert rows(bank, habits)[0][0] >= 0.15


def test_identity_numbers_are_well_formed_and_of_nobody(bank: duckdb.DuckDBPyConnection) -> None:
    numbers = rows(
        bank, "select distinct customer_id, identity_number from customers where customer_type = 'individual'"
    )
    weights = [2 ** (17 - place) % 11 for place in range(17)]
    for _, number in numbers:
        assert number.startswith("999")
        total = sum(weight * int(digit) for weight, digit in zip(weights, number[:17], strict=True))
        assert number[17] == "10X98765432"[total % 11]
    assert len({number for _, number in numbers}) == len(numbers)


def test_every_story_is_planted(landing: Path) -> None:
    told = Counter((row["story"], row["subject_type"]) for row in truth(landing, "stories"))
    customer_stories = set(CUSTOMER_STORIES) - {"none", "bad_product", "corporate_large_movement"}
    for name in customer_stories:
        assert told[name, "customer"] >= 3
    assert told["corporate_large_movement", "corporate"] >= 3
    for name, subject in (
        ("complaint_storm", "branch"),
        ("slow_response", "branch"),
        ("bad_product", "product"),
    ):
        assert told[name, subject] == 1
    assert {name for name, _ in told} == {
        *customer_stories,
        "corporate_large_movement",
        "complaint_storm",
        "slow_response",
        "bad_product",
    }


def within(story: str, condition: str) -> str:
    """Rows of the customers of a story between its start and its end."""
    return f"""
        select subject_id, count({condition}) from stories left join acts
        on customer_id = subject_id and day between starts_on::date and ends_on::date
        where story = '{story}' group by all"""


def test_the_silent_are_silent(bank: duckdb.DuckDBPyConnection) -> None:
    for story in ("dormant", "won_back"):
        assert {count for _, count in rows(bank, within(story, "transaction_id"))} == {0}
    contacts = """
        select count(*) from interactions inner join stories on subject_id = customer_id
        where story in ('dormant', 'won_back', 'frequency_drop')
        and occurred_at[:10] between starts_on and ends_on"""
    assert rows(bank, contacts) == [(0,)]
    back = """
        select count(distinct subject_id) from stories inner join acts on customer_id = subject_id
        where story = 'won_back' and day > ends_on::date"""
    assert rows(bank, back) == [(3,)]


def test_frequency_drops_after_eight_busy_months(bank: duckdb.DuckDBPyConnection) -> None:
    assert {count for _, count in rows(bank, within("frequency_drop", "transaction_id"))} <= {0, 1}
    busy = """
        with months as (
            select subject_id, date_trunc('month', day) as month, count(distinct day) as days
            from stories inner join acts on customer_id = subject_id
            where story = 'frequency_drop' and day < date_trunc('month', starts_on::date) group by all
        )
        select subject_id, count(*), min(days) from months group by all"""
    for _, months, fewest in rows(bank, busy):
        assert months >= 8
        assert fewest >= 6


def test_salary_stops_and_is_not_paid_again(bank: duckdb.DuckDBPyConnection) -> None:
    salaries = """
        select count(*) filter (day < starts_on::date), count(*) filter (day >= starts_on::date)
        from stories inner join acts on customer_id = subject_id
        where story = 'salary_stopped' and transaction_type = 'salary' group by subject_id"""
    for before, after in rows(bank, salaries):
        assert before >= 7
        assert after == 0


def test_money_leaves_where_the_stories_say_so(bank: duckdb.DuckDBPyConnection) -> None:
    kept = """
        with wealth as (
            select story, subject_id,
                max_by(balance_amount::double, balances.business_date)
                    filter (balances.business_date < starts_on) as before,
                max_by(balance_amount::double, balances.business_date)
                    filter (balances.business_date <= ends_on) as after
            from stories
            inner join accounts on customer_id = subject_id and product_id in ('P001', 'P002')
            inner join balances using (account_id)
            group by all
        )
        select story, max(after / before), min(before - after) from wealth
        where story in (
            'asset_drain', 'transfer_to_other_bank', 'detractor_then_gone', 'corporate_large_movement'
        )
        group by all"""
    left = {story: (share, moved) for story, share, moved in rows(bank, kept)}
    assert left["asset_drain"][0] < 0.4
    assert left["transfer_to_other_bank"][0] < 0.6
    assert left["transfer_to_other_bank"][1] > 50_000
    assert left["detractor_then_gone"][0] == 0
    assert left["corporate_large_movement"][0] < 0.8
    assert left["corporate_large_movement"][1] > 2_000_000


def test_satisfaction_falls_where_the_stories_say_so(bank: duckdb.DuckDBPyConnection) -> None:
    answers = """
        select story, list(score::int order by answered_at), count(distinct wave_id)
        from stories inner join survey_responses on customer_id = subject_id
        where score is not null and story in ('satisfaction_decline', 'detractor_then_gone')
        group by story, subject_id"""
    for story, scores, waves in rows(bank, answers):
        before, after = scores
        assert waves == 2
        if story == "satisfaction_decline":
            assert before - after >= 2
        else:
            assert before >= 9
            assert after <= 6


def test_branches_and_products_of_the_stories_stand_out(bank: duckdb.DuckDBPyConnection) -> None:
    storm = """
        select branch_id = subject_id as is_subject, count(distinct complaint_id)
        from complaints inner join stories on filed_at[:10] between starts_on and ends_on
        where story = 'complaint_storm' group by all"""
    counts = dict(rows(bank, storm))
    assert counts[True] > 3 * counts.get(False, 0)
    hours = """
        select branch_id = subject_id as is_subject,
            median(date_diff('minute', filed_at::timestamp, first_response_at::timestamp) / 60)
        from complaints inner join stories on filed_at[:10] between starts_on and ends_on
        where story = 'slow_response' and first_response_at is not null group by all"""
    assert dict(rows(bank, hours))[True] > 48
    returns = """
        select count(*) from product_returns inner join stories on product_id = subject_id
        where story = 'bad_product' and purchased_on between starts_on and ends_on"""
    assert rows(bank, returns)[0][0] >= 2


def test_officers_of_head_office_clients_are_modest(bank: duckdb.DuckDBPyConnection) -> None:
    linked = """
        select bool_and(corporate.is_head_office_client = 'true' and officer.corporate_role is not null)
        from stories
        inner join customers as officer on officer.customer_id = subject_id
        inner join customers as corporate on corporate.customer_id = officer.linked_corporate_id
        where story = 'vip_through_corporate'"""
    assert rows(bank, linked) == [(True,)]


def test_a_second_call_with_the_same_arguments_does_nothing(landing: Path) -> None:
    before = fingerprints(landing)
    messages: list[str] = []
    assert not fill_landing(tiny(), landing, messages.append)
    assert "nothing to do" in messages[0]
    assert fingerprints(landing) == before


def test_a_landing_folder_of_another_bank_is_refused(landing: Path) -> None:
    with pytest.raises(SampleBankError, match="other arguments"):
        fill_landing(tiny(seed=8), landing, silent)


def test_days_that_are_already_delivered_are_refused(tmp_path: Path) -> None:
    (tmp_path / "landing" / "customers" / "2025-12-31").mkdir(parents=True)
    with pytest.raises(SampleBankError, match=r"customers/2025-12-31.* is already delivered"):
        fill_landing(tiny(), tmp_path / "landing", silent)


def test_other_days_of_other_deliveries_stay(tmp_path: Path) -> None:
    own = tmp_path / "landing" / "customers" / "2026-01-01" / "customers.csv"
    own.parent.mkdir(parents=True)
    own.write_text("customer_id\n")
    short = tiny(first=date(2025, 12, 1), dirt=False)
    messages: list[str] = []
    assert fill_landing(short, tmp_path / "landing", messages.append)
    assert own.exists()
    assert any("too short for some stories" in message for message in messages)
    assert {row["story"] for row in truth(tmp_path / "landing", "stories")} >= {"steady", "complaint_storm"}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"customers": 199}, "smallest bank has 200"),
        ({"last": date(2024, 10, 31)}, "is before"),
        ({"first": date(2022, 12, 31)}, "leaves the calendar"),
        ({"last": date(2028, 1, 1)}, "leaves the calendar"),
        ({"transactions_per_month": 1.9}, "from 2 to 60"),
        ({"stories": 0}, "from 1 to 5"),
        ({"stories": 6}, "from 1 to 5"),
    ],
)
def test_arguments_that_make_no_bank_are_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(SampleBankError, match=message):
        tiny(**changes)
