"""Rights of a home: what is ours is closed, what is the bank's is left alone."""

from __future__ import annotations

import grp
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from clientele import private
from clientele.settings import Settings, SettingsError


@pytest.fixture(autouse=True)
def _umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def rights(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def a_home_of_before(home: Path) -> Path:
    file = home / "lake" / "raw" / "rows.parquet"
    file.parent.mkdir(parents=True)
    file.touch()
    (home / "serving").mkdir()
    (home / "serving" / "current").symlink_to(home / "elsewhere")
    (home / "elsewhere").touch()
    (home / "refresh.lock").touch()
    return file


def test_what_is_open_from_before_is_closed(tmp_path: Path) -> None:
    file = a_home_of_before(tmp_path)
    private.protect(Settings(home=tmp_path))
    assert {rights(tmp_path / "lake"), rights(file.parent), rights(tmp_path / "serving")} == {0o700}
    assert {rights(file), rights(tmp_path / "refresh.lock")} == {0o600}
    assert rights(tmp_path / "elsewhere") == 0o666, "followed a link"


def test_what_is_created_is_private(tmp_path: Path) -> None:
    private.protect(Settings(home=tmp_path))
    (tmp_path / "lake").mkdir()
    (tmp_path / "lake" / "file").touch()
    assert (rights(tmp_path / "lake"), rights(tmp_path / "lake" / "file")) == (0o700, 0o600)


def test_what_another_user_owns_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = a_home_of_before(tmp_path)
    monkeypatch.setattr(os, "geteuid", lambda: tmp_path.stat().st_uid + 1)
    private.protect(Settings(home=tmp_path))
    assert (rights(tmp_path / "lake"), rights(file)) == (0o777, 0o666)


@pytest.mark.parametrize(("is_sample", "after"), [(False, 0o777), (True, 0o770)])
def test_landing_stays_writable_for_whom_the_bank_chose(tmp_path: Path, is_sample: bool, after: int) -> None:
    landing = tmp_path / "landing"
    (landing / ("_truth" if is_sample else "customers")).mkdir(parents=True)
    private.protect(Settings(home=tmp_path))
    assert rights(landing) == after


def test_passwords_and_secrets_are_not_for_the_group(tmp_path: Path, own_group: str) -> None:
    (tmp_path / "superset" / "cache").mkdir(parents=True)
    (tmp_path / "superset" / "logins.json").touch()
    (tmp_path / "superset" / "provision.log").touch()
    private.protect(Settings(home=tmp_path, group=own_group))
    assert rights(tmp_path / "superset" / "logins.json") == 0o600
    assert rights(tmp_path / "superset" / "provision.log") == 0o640
    assert rights(tmp_path / "superset" / "cache") == 0o2750


def test_a_home_of_another_user_needs_its_owner_for_a_group(
    tmp_path: Path, own_group: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: tmp_path.stat().st_uid + 1)
    with pytest.raises(private.PrivateError, match=f"chgrp {own_group} {tmp_path}"):
        private.protect(Settings(home=tmp_path, group=own_group))


@pytest.fixture
def own_group() -> str:
    return grp.getgrgid(os.getegid()).gr_name


def test_a_group_that_does_not_exist_is_an_error(own_group: str) -> None:
    with pytest.raises(SettingsError, match=r"CLIENTELE_GROUP is 'nobodies'.*no such group"):
        Settings.from_env({"CLIENTELE_GROUP": "nobodies"})
    assert Settings.from_env({"CLIENTELE_GROUP": own_group}).group == own_group


def test_who_is_not_a_member_cannot_hand_files_to_a_group(
    own_group: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1)
    monkeypatch.setattr(os, "getegid", lambda: -1)
    monkeypatch.setattr(os, "getgroups", list)
    with pytest.raises(SettingsError, match="only a member"):
        Settings.from_env({"CLIENTELE_GROUP": own_group})
