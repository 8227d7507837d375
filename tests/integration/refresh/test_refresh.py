"""The refresh command as its users meet it: exit codes, messages, and what readers see."""

from __future__ import annotations

import csv
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import duckdb
import pyarrow.dataset as ds
import pytest

from clientele.contracts import load_contracts
from clientele.settings import ROOT, Settings
from orchestration import releases
from orchestration.building import dbt_runner
from orchestration.processes.refresh_lock import refresh_lock
from tests.building import OPERATIONAL
from tests.conftest import run_module
from tests.deliveries import deliver_empty_day

REFRESH = "orchestration.refresh"
NEXT_DAY = "2026-01-01"


def served(home: Path) -> dict[str, str]:
    """Checksums of the business tables readers see."""
    settings = Settings(home=home)
    release = releases.current(settings)
    assert release is not None
    tables = set(dbt_runner.manifest(settings).public_models) - OPERATIONAL
    return releases.checksums(release.file, tables)


def windows(home: Path) -> list[tuple[date, date]]:
    """First and last day that each refresh computed, as readers see it."""
    release = releases.current(Settings(home=home))
    assert release is not None
    with duckdb.connect(str(release.file), read_only=True) as connection:
        return connection.execute(
            "select window_start_date, as_of_date from fct_refreshes order by started_at"
        ).fetchall()


def runs_in_progress(home: Path) -> int:
    """Runs that Dagster believes to be running."""
    with sqlite3.connect(home / "dagster" / "history" / "runs.db") as connection:
        row = connection.execute("select count(*) from runs where status = 'STARTED'").fetchone()
    return int(row[0])


def test_rejects_are_the_planted_dirt_to_the_line(tiny_home: Path) -> None:
    with (tiny_home / "landing" / "_truth" / "dirt.csv").open(encoding="utf-8") as lines:
        planted = {
            (row["entity"], row["business_date"], row["file"], int(row["line"]))
            for row in csv.DictReader(lines)
        }
    rejects = ds.dataset(
        tiny_home / "lake" / "rejects", partitioning=ds.partitioning(flavor="hive"), format="parquet"
    )
    found = {
        (row["entity"], str(row["business_date"]), row["file"], row["line"])
        for row in rejects.to_table(columns=["entity", "business_date", "file", "line"]).to_pylist()
    }
    assert len(planted) >= 60
    assert found == planted


def test_every_line_is_loaded_or_rejected(tiny_home: Path) -> None:
    audit = ds.dataset(tiny_home / "lake" / "audit", format="parquet").to_table().to_pylist()
    assert len(audit) > 2000
    assert [row for row in audit if row["lines"] != row["loaded"] + row["rejected"]] == []


def test_a_second_refresh_has_nothing_to_do(tiny_home: Path) -> None:
    settings = Settings(home=tiny_home)
    before = releases.current(settings)
    assert before is not None
    everything = releases.checksums(before.file, dbt_runner.manifest(settings).public_models)
    done = run_module(REFRESH, home=tiny_home)
    after = releases.current(settings)
    assert "nothing to do" in done.stdout
    assert after == before
    assert releases.checksums(after.file, dbt_runner.manifest(settings).public_models) == everything


def test_a_rebuild_from_the_lake_is_equal(fresh_home: Path) -> None:
    before = served(fresh_home)
    shutil.rmtree(fresh_home / "warehouse")
    # A rebuild reads years that no gate looks at: what was lost of them meanwhile is loaded again.
    shutil.rmtree(fresh_home / "lake" / "raw" / "transactions" / "business_date=2025-03-20")
    done = run_module(REFRESH, "--from", "2025-12-31", "--to", "2025-12-31", home=fresh_home)
    assert "first build" in done.stdout
    assert "business_date=2025-03-20 holds 0 rows" in done.stdout
    assert served(fresh_home) == before
    assert windows(fresh_home)[-1] == (date(2024, 11, 1), date(2025, 12, 31)), "not the window it computed"


def test_a_killed_refresh_converges_on_the_next(fresh_home: Path) -> None:
    deliver_empty_day(fresh_home, NEXT_DAY)
    before = served(fresh_home)
    running = subprocess.Popen(
        [sys.executable, "-m", REFRESH],
        cwd=ROOT,
        env={**os.environ, "CLIENTELE_HOME": str(fresh_home)},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert running.stdout is not None
    for line in running.stdout:
        # In the middle of the models: some tables are of today, some of yesterday.
        if line.startswith("models: 60 of"):
            os.killpg(running.pid, signal.SIGKILL)
            break
    running.wait()
    assert served(fresh_home) == before, "readers saw an unfinished refresh"
    done = run_module(REFRESH, home=fresh_home)
    assert "data as of 2026-01-01" in done.stdout
    assert runs_in_progress(fresh_home) == 0
    expected = fresh_home.parent / "expected"
    shutil.copytree(fresh_home, expected, symlinks=True)
    shutil.rmtree(expected / "warehouse")
    run_module(REFRESH, "--from", NEXT_DAY, home=expected)
    assert served(expected) == served(fresh_home)


def test_a_refused_delivery_leaves_the_release_and_says_what_to_do(fresh_home: Path) -> None:
    before = releases.current(Settings(home=fresh_home))
    deliver_empty_day(fresh_home, NEXT_DAY)
    broken = fresh_home / "landing" / "transactions" / NEXT_DAY / "transactions.csv"
    broken.write_text(
        "transaction_id,customer_id,occurred_at,transaction_type\nX1,C100000000,2026-01-01 10:00:00,deposit\n"
    )
    done = run_module(REFRESH, home=fresh_home, check=False)
    assert done.returncode == 1
    assert "transactions/2026-01-01/transactions.csv" in done.stderr
    assert "amount" in done.stderr
    assert "run the refresh again" in done.stderr
    assert before is not None
    assert f"readers still see release {before.id}" in done.stderr
    assert releases.current(Settings(home=fresh_home)) == before


def test_a_failing_gate_2_leaves_the_release(fresh_home: Path) -> None:
    """Overnight every customer is declared a VIP elsewhere: nobody should see that before somebody looked."""
    before = releases.current(Settings(home=fresh_home))
    deliver_empty_day(fresh_home, NEXT_DAY)
    lake = ds.dataset(fresh_home / "lake" / "raw" / "customers", format="parquet")
    latest = {row["customer_id"]: row for row in lake.to_table().to_pylist()}
    with (fresh_home / "landing" / "customers" / NEXT_DAY / "customers.csv").open(
        "w", encoding="gb18030"
    ) as file:
        writer = csv.writer(file, lineterminator="\n")
        names = load_contracts()["customers"].names
        writer.writerow(names)
        for row in latest.values():
            values = {**row, "is_vip_elsewhere": "true", "is_head_office_client": "false"}
            writer.writerow([values[name] for name in names])
    done = run_module(REFRESH, home=fresh_home, check=False)
    assert done.returncode == 1, done.stdout
    assert "gate_2" in done.stderr
    assert "tier" in done.stderr
    assert releases.current(Settings(home=fresh_home)) == before
    *_, published, refused = pages_of_checks(fresh_home)
    assert before is not None
    assert before.id in published
    assert "drift__tier_share_change_pp" in published
    assert "nothing was published" in refused
    assert re.search(r'class="failed">failed</span></td><td>candidate</td><td>drift__tier_', refused)


def pages_of_checks(home: Path) -> list[str]:
    """The pages about the checks of each refresh, as the list leads to them, oldest first."""
    folder = Settings(home=home).data_docs
    found = re.findall(r'href="([^"]+)"', (folder / "index.html").read_text(encoding="utf-8"))
    return [(folder / link).read_text(encoding="utf-8") for link in reversed(found)]


def test_a_second_refresh_meanwhile_exits_with_a_clear_message(tiny_landing: Path) -> None:
    with refresh_lock(Settings(home=tiny_landing)):
        done = run_module(REFRESH, home=tiny_landing, check=False)
    assert done.returncode == 75
    assert "another refresh is running" in done.stderr
    assert str(os.getpid()) in done.stderr


def test_a_waiting_refresh_gives_up_in_time(tiny_landing: Path) -> None:
    started = time.monotonic()
    with refresh_lock(Settings(home=tiny_landing)):
        done = run_module(REFRESH, "--wait", "1", home=tiny_landing, check=False)
    assert done.returncode == 75
    assert time.monotonic() - started > 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--from", "2030-01-01"], "holds no day between 2030-01-01"),
        (["--from", "2025-02-30"], "is not a date as YYYY-MM-DD"),
    ],
)
def test_a_wrong_call_is_explained(tiny_home: Path, arguments: list[str], message: str) -> None:
    done = run_module(REFRESH, *arguments, home=tiny_home, check=False)
    assert done.returncode == 2
    assert message in done.stderr


def test_names_that_nobody_would_load_are_an_error(tmp_path: Path) -> None:
    (tmp_path / "landing" / "custmers" / "2025-01-01").mkdir(parents=True)
    done = run_module(REFRESH, home=tmp_path, check=False)
    assert done.returncode == 1
    assert "custmers" in done.stderr
    assert "customers" in done.stderr
