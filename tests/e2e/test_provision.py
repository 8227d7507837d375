"""Provisioning: idempotent, quick when nothing changed, and it prunes only what is ours."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import time
import uuid
from contextlib import closing
from pathlib import Path

from clientele.settings import ROOT
from orchestration.serve import SUPERSET_PYTHON
from tests.e2e.conftest import Superset

QUICK_SECONDS = 10


def test_doing_it_again_is_quick_and_changes_nothing(superset: Superset) -> None:
    started = time.monotonic()
    assert "nothing changed" in superset.provision()
    assert time.monotonic() - started < QUICK_SECONDS


def test_a_missing_chart_comes_back_and_a_stray_one_goes(superset: Superset) -> None:
    file = superset.home / "superset" / "superset.db"
    own, stray = uuid.uuid4().bytes, uuid.uuid4().bytes
    with closing(sqlite3.connect(file, timeout=30)) as metadata, metadata:
        charts = metadata.execute("select count(*) from slices").fetchone()[0]
        copied = "created_on, changed_on, slice_name, datasource_type, datasource_id, viz_type, params"
        for identity, managed in ((own, 0), (stray, 1)):
            metadata.execute(
                f"insert into slices ({copied}, uuid, is_managed_externally) "
                f"select {copied}, ?, ? from slices limit 1",
                (identity, managed),
            )
        metadata.execute("delete from slices where slice_name like 'NPS by wave%'")
    assert "provisioned in" in superset.provision()
    with closing(sqlite3.connect(file)) as metadata:
        present = {row[0] for row in metadata.execute("select uuid from slices")}
    assert own in present  # what people made stays
    assert stray not in present  # what files made and no file holds any more goes
    assert len(present) == charts + 1
    assert "nothing changed" in superset.provision()


def provision(home: Path) -> str:
    done = subprocess.run(
        [str(SUPERSET_PYTHON), str(ROOT / "superset" / "provision.py")],
        env={**os.environ, "CLIENTELE_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_what_was_ended_in_the_middle_or_cut_off_is_made_again(tiny_home: Path, tmp_path: Path) -> None:
    (tmp_path / "serving").symlink_to(tiny_home / "serving")
    state = tmp_path / "superset"
    state.mkdir()
    # A first migration that was killed: tables that the next one wants to create.
    with closing(sqlite3.connect(state / "superset.db")) as metadata:
        metadata.execute("create table ab_user (id integer)")
        metadata.execute("create table tasks (id integer)")
    assert "login analyst" in provision(tmp_path)
    logins = json.loads((state / "logins.json").read_text())
    for name in ("logins.json", "secrets.json", "provisioned.json"):
        (state / name).write_text((state / name).read_text()[:9])
    assert "login analyst" in provision(tmp_path)
    again = json.loads((state / "logins.json").read_text())
    assert again.keys() == logins.keys()
    assert not set(again.values()) & set(logins.values())
    assert "nothing changed" in provision(tmp_path)
