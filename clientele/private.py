"""Who may read what Clientele writes: its owner, and the group of ``CLIENTELE_GROUP`` if there is one (D-32).

Each command and each server calls ``protect`` first; nothing else sets the rights of what is created.
Superset's processes load this file by its path, so it needs the standard library alone.
"""

from __future__ import annotations

import grp
import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clientele.settings import Settings

OURS = ("dagster", "data_docs", "dbt", "lake", "logs", "serving", "superset", "tmp", "warehouse")
"""Folders of a home that nobody else writes to; landing is the bank's."""
SECRET = 0o600
"""Rights of passwords and signing secrets: not even the group reads them."""
_SECRETS = ("secrets.json", "logins.json", "superset.db", "superset.db-wal", "superset.db-shm")
_SAMPLE = "_truth"
"""The sample bank's sign in a landing folder."""


class PrivateError(RuntimeError):
    """The home cannot be kept private; the message says what to do."""


def protect(settings: Settings) -> None:
    """Create private files and folders from now on, and close those that are open to others.

    Only what belongs to this user is changed, and below the top of a folder only when the top is not right:
    after an update, or after a change of the group.

    Args:
        settings: The home and its group.

    Raises:
        PrivateError: The home belongs to another user and to another group than the one to read it.
    """
    group = grp.getgrnam(settings.group).gr_gid if settings.group else None
    os.umask(0o077 if group is None else 0o027)
    if group is not None:
        _hand_to(settings, group)
    for name in OURS:
        folder = settings.home / name
        if _is_mine(folder) and not _is_right(folder, group):
            # The top last: it tells that everything below is right.
            for path in (*_below(folder), folder):
                _set(path, group)
    for lock in settings.home.glob("*.lock"):
        if _is_mine(lock) and not _is_right(lock, group):
            _set(lock, group)
    landing = settings.landing
    if _is_mine(landing) and (landing / _SAMPLE).exists():
        # A sample bank delivered before. What the group may do there is the bank's choice.
        landing.chmod(stat.S_IMODE(landing.stat().st_mode) & ~stat.S_IRWXO)


def _hand_to(settings: Settings, group: int) -> None:
    """Give the home to the group, and with it everything that is created there from now on."""
    home = settings.home
    home.mkdir(parents=True, exist_ok=True)
    if _is_mine(home):
        if home.stat().st_gid != group:
            os.chown(home, -1, group)
        home.chmod(stat.S_IMODE(home.stat().st_mode) | stat.S_ISGID | 0o050)
    elif home.stat().st_gid != group or not home.stat().st_mode & stat.S_ISGID:
        raise PrivateError(
            f"{home} belongs to another user; for CLIENTELE_GROUP its owner has to run: "
            f"chgrp {settings.group} {home} && chmod g+rwxs {home}"
        )


def _below(folder: Path) -> Iterator[Path]:
    for path, folders, files in os.walk(folder, topdown=False):
        yield from (Path(path) / name for name in (*files, *folders))


def _is_mine(path: Path) -> bool:
    return path.exists() and not path.is_symlink() and path.stat().st_uid == os.geteuid()


def _is_right(path: Path, group: int | None) -> bool:
    found = path.stat()
    return stat.S_IMODE(found.st_mode) == _rights(path, group) and group in (None, found.st_gid)


def _set(path: Path, group: int | None) -> None:
    # A server or a refresh may be at work: what it removes meanwhile needs no rights.
    with suppress(FileNotFoundError):
        if not _is_mine(path):
            return
        if group is not None:
            os.chown(path, -1, group)
        path.chmod(_rights(path, group))


def _rights(path: Path, group: int | None) -> int:
    if path.name in _SECRETS:
        return SECRET
    owner = stat.S_IMODE(path.stat().st_mode) & stat.S_IRWXU
    if group is None:
        return owner
    return owner | (owner & 0o500) >> 3 | (stat.S_ISGID if path.is_dir() else 0)
