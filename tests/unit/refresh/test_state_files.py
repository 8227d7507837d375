"""State that cannot be read is made again; it is never a traceback."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from clientele import state_files
from clientele.settings import Settings
from orchestration.building import dbt_runner, warehouse
from orchestration.building.build_plan import BuildState
from orchestration.loading.judging import verdicts
from tests.deliveries import CUSTOMERS, Bank, contracts

STATE = BuildState("models", date(2025, 1, 2), {date(2025, 1, 2): "customers:abc transactions~def"})


@pytest.mark.parametrize(
    "text", ["", "{", '{"model_version": "m"}', "[]", "null", "\x00\x00", '{"as_of": 1}']
)
def test_a_state_that_cannot_be_read_is_no_state(tmp_path: Path, text: str) -> None:
    file = tmp_path / "state.json"
    file.write_text(text)
    assert BuildState.read(file) is None


def test_a_state_is_read_as_it_was_written(tmp_path: Path) -> None:
    state_files.write_text(tmp_path / "a" / "state.json", STATE.to_json())
    assert BuildState.read(tmp_path / "a" / "state.json") == STATE
    assert [file.name for file in (tmp_path / "a").iterdir()] == ["state.json"]


def test_a_write_that_fails_leaves_the_old_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "state.json"
    state_files.write_json(file, {"release": 1})

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        state_files.write_json(file, {"release": 2})
    assert state_files.read_json(file) == {"release": 1}


def test_a_state_without_its_warehouse_is_no_warehouse(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    warehouse.remember(settings, STATE)
    assert warehouse.built_state(settings) is None
    settings.warehouse.write_text("not a database")
    assert warehouse.built_state(settings) is None


def test_which_days_were_delivered_is_told_from_healed_ones() -> None:
    assert warehouse.delivered_dates(STATE, "customers") == {date(2025, 1, 2)}
    assert warehouse.delivered_dates(STATE, "transactions") == set()
    assert warehouse.delivered_dates(None, "customers") == set()


def test_verdicts_that_were_not_remembered_are_looked_at_again(tmp_path: Path) -> None:
    bank = Bank(tmp_path)
    bank.deliver("customers", CUSTOMERS)
    bank.load("customers")
    file = bank.settings.lake / "_judged" / "customers.json"
    file.write_text(file.read_text()[:10])
    assert verdicts.last(bank.settings, contracts()["customers"]) is None
    bank.load("customers")
    assert verdicts.last(bank.settings, contracts()["customers"]) is not None


@pytest.mark.parametrize("harm", ["cut off", "emptied", "stamp gone"])
def test_a_manifest_that_was_cut_off_is_made_again(
    tiny_home: Path, tmp_path: Path, harm: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(home=tmp_path)
    file = settings.dbt_target / "project" / "manifest.json"
    file.parent.mkdir(parents=True)
    whole = Settings(home=tiny_home).dbt_target
    file.write_text((whole / "project" / "manifest.json").read_text())
    stamp = (whole / "project" / "stamp.json").read_text()
    (file.parent / "stamp.json").write_text(stamp)
    parses: list[list[str]] = []

    def parse(command: list[str], **_: object) -> object:
        parses.append(command)
        (settings.dbt_target / "manifest.json").write_text((whole / "project" / "manifest.json").read_text())
        return type("Done", (), {"returncode": 0})

    monkeypatch.setattr("subprocess.run", parse)
    assert dbt_runner.manifest(settings).public_models
    assert parses == []
    match harm:
        case "cut off":
            file.write_text(file.read_text()[:1000])
        case "emptied":
            file.write_text("")
        case _:
            (file.parent / "stamp.json").unlink()
    assert dbt_runner.manifest(settings).public_models
    assert len([command for command in parses if "parse" in command]) == 1, (
        "beside it the dashboards are told"
    )
