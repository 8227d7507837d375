"""Who may read what the commands write; the shared homes are built by callers with umask 0."""

from __future__ import annotations

import grp
import os
import stat
from pathlib import Path

from tests.conftest import open_to_others, run_module
from tests.deliveries import deliver_empty_day

NEXT_DAY = "2026-01-01"


def another_group() -> grp.struct_group:
    """A group of this user that is not the one new files get."""
    if os.geteuid() == 0:
        return next(group for group in grp.getgrall() if group.gr_gid != os.getegid())
    return grp.getgrgid(next((gid for gid in os.getgroups() if gid != os.getegid()), os.getegid()))


def test_only_the_owner_reads_what_sample_bank_and_refresh_write(tiny_home: Path) -> None:
    assert open_to_others(tiny_home) == []


def test_a_group_reads_everything_and_changes_nothing_until_it_is_unset(fresh_home: Path) -> None:
    group = another_group()
    deliver_empty_day(fresh_home, NEXT_DAY)
    run_module("orchestration.refresh", home=fresh_home, CLIENTELE_GROUP=group.gr_name)
    wrong = []
    for path in (fresh_home, *fresh_home.rglob("*")):
        if path.is_symlink() or (fresh_home / "landing") in (path, *path.parents):
            continue
        found = path.stat()
        readable = {0o2750} if path.is_dir() else {0o640, 0o440}
        if found.st_gid != group.gr_gid or stat.S_IMODE(found.st_mode) not in readable:
            wrong.append(f"{found.st_mode:o} {found.st_gid} {path.relative_to(fresh_home)}")
    assert wrong == []
    run_module("orchestration.rollback", home=fresh_home)
    (home, *rest) = (line for line in open_to_others(fresh_home) if "landing" not in line)
    assert (home, rest) == ("2750 .", [])
