"""What provisioning depends on, what it made, and whether both are unchanged.

Reads files alone: starting Superset to ask takes longer than everything here.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from typing import Any

import runtime as clientele

PROVISIONED_BY = ("*.py", "*/*.py", "roles.yml", "look.json")
"""What decides on the outcome besides the documents."""


def fingerprint(runtime: clientele.Runtime, documents: Mapping[str, Any]) -> str:
    """Return a hash over everything that provisioning depends on."""
    known = [importlib.metadata.version("apache-superset"), str(runtime.home), documents]
    digest = hashlib.sha256(json.dumps(known, sort_keys=True).encode())
    for file in sorted(path for pattern in PROVISIONED_BY for path in clientele.HERE.glob(pattern)):
        digest.update(str(file.relative_to(clientele.ROOT)).encode() + file.read_bytes())
    return digest.hexdigest()


def is_provisioned(runtime: clientele.Runtime, wanted: str) -> bool:
    """Say whether the last provisioning was this one and what it made is still there."""
    if not (runtime.state_file.exists() and runtime.metadata_file.exists() and runtime.logins_file.exists()):
        return False
    state = clientele.read_private(runtime.state_file) or {}
    if state.get("fingerprint") != wanted or clientele.read_private(runtime.logins_file) is None:
        return False
    return bool(state.get("inventory") == inventory(runtime))


def key_of_change(runtime: clientele.Runtime, wanted: str) -> str:
    """Return a key of what is to be done: another one whenever something else is."""
    found = inventory(runtime) if runtime.metadata_file.exists() else []
    return f"{wanted}-{hashlib.sha256(json.dumps(found).encode()).hexdigest()[:16]}"


def remember(runtime: clientele.Runtime, wanted: str) -> None:
    """Write down what was provisioned."""
    clientele.write_private(runtime.state_file, {"fingerprint": wanted, "inventory": inventory(runtime)})


def inventory(runtime: clientele.Runtime) -> list[list[str]]:
    """Return what provisioning made, as it stands in the metadata file."""
    query = """
        select 'schema', version_num from alembic_version
        union all select 'database', hex(uuid) from dbs where is_managed_externally
        union all select 'dataset', hex(uuid) from tables where is_managed_externally
        union all select 'chart', hex(uuid) from slices where is_managed_externally
        union all select 'dashboard', hex(uuid) from dashboards where is_managed_externally
        union all select 'login', username from ab_user
        union all select 'grant', ab_role.name || ' ' || permission_view_id
            from ab_permission_view_role join ab_role on ab_role.id = role_id
        union all select 'audience', dashboard_id || ' ' || role_id from dashboard_roles
        order by 1, 2
    """
    with closing(sqlite3.connect(f"file:{runtime.metadata_file}?mode=ro", uri=True)) as connection:
        return [list(row) for row in connection.execute(query)]
