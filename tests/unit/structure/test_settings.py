"""Settings: every name and value is either known or an error that names the valid ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from clientele.settings import ROOT, Settings, SettingsError


def test_defaults() -> None:
    settings = Settings.from_env({})
    assert settings.home == ROOT / "var"
    assert (settings.target, settings.releases_kept) == ("duckdb", 7)


def test_paths_follow_the_home(tmp_path: Path) -> None:
    settings = Settings.from_env({"CLIENTELE_HOME": str(tmp_path)})
    assert settings.warehouse == tmp_path / "warehouse" / "warehouse.duckdb"
    assert settings.landing == tmp_path / "landing"


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("CLIENTELE_HMOE", "x", "CLIENTELE_HOME"),
        ("CLIENTELE_TARGET", "Duckdb", "valid: duckdb$"),
        ("CLIENTELE_TARGET", "spark", "does not exist here; valid: duckdb$"),
        ("CLIENTELE_THREADS", "0", "from 1 to 256"),
        ("CLIENTELE_THREADS", "two", "whole number"),
        ("CLIENTELE_RELEASES_KEPT", "1", "from 2 to"),
        ("CLIENTELE_SUPERSET_PORT", "65536", "65535"),
    ],
)
def test_what_is_not_known_is_an_error_that_names_the_valid(name: str, value: str, message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        Settings.from_env({name: value})


def test_other_variables_are_nobody_s_business() -> None:
    assert Settings.from_env({"PATH": "x", "HOME": "y"}) == Settings.from_env({})


def test_the_mail_password_is_never_shown() -> None:
    assert "secret" not in repr(Settings.from_env({"CLIENTELE_SMTP_PASSWORD": "secret"}))
