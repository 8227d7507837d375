"""Where Clientele keeps its data and how much of the machine it may use.

The environment is read here, once, and nowhere else. A name or value that is not known is an
error that lists the valid ones: a typing mistake must never select a default (D-05).
"""

from __future__ import annotations

import grp
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
"""The checkout."""

TARGETS = ("duckdb",)
"""Engines that the models can be built with."""
WAREHOUSE_FILE = "warehouse.duckdb"
"""One file stem everywhere: it is the catalog name in dbt's manifest and in SQL."""


class SettingsError(ValueError):
    """An environment variable has a name or a value that Clientele does not know."""


@dataclass(frozen=True)
class Settings:
    """Typed settings; every path below is derived from ``home``.

    Attributes:
        home: Directory of all state (``CLIENTELE_HOME``, default ``var/`` in the checkout).
        target: Engine that runs the models (``CLIENTELE_TARGET``; so far there is duckdb).
        threads: Worker threads of the engines (``CLIENTELE_THREADS``, default 2).
        memory_limit_gb: Memory the warehouse engine may use, GiB (``CLIENTELE_MEMORY_GB``, default 6).
        releases_kept: Published releases that stay on disk (``CLIENTELE_RELEASES_KEPT``, default 7).
        superset_port: Loopback port of Superset (``CLIENTELE_SUPERSET_PORT``, default 8088).
        dagster_port: Loopback port of Dagster's UI (``CLIENTELE_DAGSTER_PORT``, default 3000).
        group: Unix group that may read what we write (``CLIENTELE_GROUP``); empty means the owner alone.
        smtp_host: Mail relay for run failures (``CLIENTELE_SMTP_HOST``); empty means no mail.
        smtp_user: Login at the relay (``CLIENTELE_SMTP_USER``).
        smtp_password: Password at the relay (``CLIENTELE_SMTP_PASSWORD``).
        mail_from: Sender of failure mails (``CLIENTELE_MAIL_FROM``).
        mail_to: Comma-separated recipients of failure mails (``CLIENTELE_MAIL_TO``).
    """

    home: Path
    target: str = "duckdb"
    threads: int = 2
    memory_limit_gb: int = 6
    releases_kept: int = 7
    superset_port: int = 8088
    dagster_port: int = 3000
    group: str = ""
    smtp_host: str = ""
    smtp_user: str = ""
    smtp_password: str = field(default="", repr=False)
    mail_from: str = ""
    mail_to: str = ""

    @cached_property
    def landing(self) -> Path:
        """Deliveries exactly as they came: ``<entity>/<business_date>/``. Never written by us."""
        return self.home / "landing"

    @cached_property
    def archive(self) -> Path:
        """Deliveries that were moved out of landing after they had been loaded, laid out alike."""
        return self.home / "archive"

    @cached_property
    def lake(self) -> Path:
        """Typed deliveries, rejects and the load audit, as partitioned Parquet."""
        return self.home / "lake"

    @cached_property
    def warehouse(self) -> Path:
        """The DuckDB file in which dbt builds."""
        return self.home / "warehouse" / WAREHOUSE_FILE

    @cached_property
    def scratch(self) -> Path:
        """Temporary files of a run; emptied when the next one starts."""
        return self.home / "tmp"

    @cached_property
    def serving(self) -> Path:
        """``releases/<id>/`` and the ``current`` link that readers follow."""
        return self.home / "serving"

    @cached_property
    def data_docs(self) -> Path:
        """Pages about the checks of the last refreshes."""
        return self.home / "data_docs"

    @cached_property
    def superset_home(self) -> Path:
        """Superset's metadata, secrets and logs."""
        return self.home / "superset"

    @cached_property
    def dagster_home(self) -> Path:
        """Dagster's run history."""
        return self.home / "dagster"

    @cached_property
    def dbt_target(self) -> Path:
        """Manifest, compiled SQL and logs of dbt."""
        return self.home / "dbt"

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> Settings:
        """Read the settings from the environment.

        Args:
            env: The variables to read; the process environment when omitted.

        Returns:
            The settings.

        Raises:
            SettingsError: A ``CLIENTELE_*`` name is unknown, or a value is not valid.
        """
        values = {
            name.removeprefix("CLIENTELE_"): value
            for name, value in (os.environ if env is None else env).items()
            if name.startswith("CLIENTELE_")
        }
        unknown = sorted(set(values) - set(_VARIABLES))
        if unknown:
            raise SettingsError(
                f"unknown variable CLIENTELE_{unknown[0]}; known: "
                + ", ".join(f"CLIENTELE_{name}" for name in sorted(_VARIABLES))
            )
        target = values.get("TARGET", "duckdb")
        if target not in TARGETS:
            raise SettingsError(
                f"CLIENTELE_TARGET is {target!r}, which does not exist here; valid: {', '.join(TARGETS)}"
            )
        home = Path(values.get("HOME") or ROOT / "var").expanduser().resolve()
        numbers = {
            field: _whole_number(name, values[name], low, high)
            for name, (field, low, high) in _NUMBERS.items()
            if name in values
        }
        texts = {field: values[name] for name, field in _TEXTS.items() if name in values}
        _check_group(values.get("GROUP", ""))
        return cls(home=home, target=target, **numbers, **texts)  # type: ignore[arg-type]


_NUMBERS = {
    "THREADS": ("threads", 1, 256),
    "MEMORY_GB": ("memory_limit_gb", 1, 4096),
    "RELEASES_KEPT": ("releases_kept", 2, 1000),
    "SUPERSET_PORT": ("superset_port", 1, 65535),
    "DAGSTER_PORT": ("dagster_port", 1, 65535),
}
_TEXTS = {
    "GROUP": "group",
    "SMTP_HOST": "smtp_host",
    "SMTP_USER": "smtp_user",
    "SMTP_PASSWORD": "smtp_password",
    "MAIL_FROM": "mail_from",
    "MAIL_TO": "mail_to",
}
_VARIABLES = {"HOME", "TARGET", *_NUMBERS, *_TEXTS}


def _whole_number(name: str, value: str, low: int, high: int) -> int:
    if not value.isdecimal() or not low <= int(value) <= high:
        raise SettingsError(f"CLIENTELE_{name} is {value!r}; valid: a whole number from {low} to {high}")
    return int(value)


def _check_group(name: str) -> None:
    if not name:
        return
    try:
        group = grp.getgrnam(name).gr_gid
    except KeyError:
        raise SettingsError(f"CLIENTELE_GROUP is {name!r}; this machine has no such group") from None
    if os.geteuid() != 0 and group not in {os.getegid(), *os.getgroups()}:
        raise SettingsError(f"CLIENTELE_GROUP is {name!r}; only a member of the group can hand files to it")
