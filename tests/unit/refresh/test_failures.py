"""Failures of the machine are told in one message that says what to do."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import duckdb
import pytest

from clientele.settings import Settings
from orchestration.lake.integrity import LakeError
from orchestration.refreshes.failures import advice, explained, still_shown


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            OSError(28, "No space left on device", "/data/lake/raw/x.parquet"),
            "disk is full at /data/lake/raw/x.parquet",
        ),
        (
            duckdb.IOException('Could not write all bytes to file "/data/w": No space left on device'),
            "full at /data/w",
        ),
        (sqlite3.OperationalError("database or disk is full"), "the disk is full at"),
        (OSError(27, "File too large"), "the disk is full"),
        (PermissionError(13, "Permission denied", "/data/lake"), "/data/lake may not be read or written"),
        (OSError(30, "Read-only file system", "/data/lake"), "/data/lake may not be read or written"),
        (sqlite3.OperationalError("attempt to write a readonly database"), "may not be read or written"),
        (
            FileNotFoundError(2, "No such file or directory", "/data/landing/a.csv"),
            "/data/landing/a.csv has disappeared",
        ),
        (duckdb.OutOfMemoryException("failed to allocate data of size 1.0 GiB"), "not enough memory"),
    ],
)
def test_the_machine_is_named_with_place_and_remedy(settings: Settings, error: Exception, said: str) -> None:
    message = explained(settings, error)
    assert said in message
    assert "run the refresh again" in message
    assert "\n" not in message


def test_the_cause_counts_not_what_wraps_it(settings: Settings) -> None:
    wrapped = RuntimeError("Error occurred while executing op")
    wrapped.__cause__ = OSError(28, "No space left on device")
    assert "the disk is full" in explained(settings, wrapped)


def test_our_own_errors_are_told_as_they_are(settings: Settings) -> None:
    assert explained(settings, LakeError("put the file back")) == "put the file back"


def test_an_unknown_error_is_one_line_and_the_rest_is_in_a_log(settings: Settings) -> None:
    message = explained(settings, ZeroDivisionError("division by zero\nmore"))
    log = settings.home / "logs" / "errors.log"
    assert message == f"ZeroDivisionError: division by zero; details are in {log}"
    assert "ZeroDivisionError: division by zero" in log.read_text()


def test_a_log_that_cannot_be_written_hides_nothing(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    (tmp_path / "logs").write_text("a file")
    assert "division by zero" in explained(settings, ZeroDivisionError("division by zero"))


def test_other_failures_get_no_advice(settings: Settings) -> None:
    assert advice(settings, "Binder Error: column x not found") == ""


def test_without_a_release_nothing_is_said_to_be_shown(settings: Settings) -> None:
    assert still_shown(settings) == "nothing is published yet"
