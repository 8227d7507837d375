"""Provisioning: idempotent, quick when nothing changed, and it prunes only what is ours."""

from __future__ import annotations

import sqlite3
import time
import uuid
from contextlib import closing

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
