"""Makes Superset what the reviewed files say: metadata, roles, logins, assets.

Run by Superset's own Python: ``.venv-superset/bin/python superset/provision.py [--clear-cache]``.
Running it again changes nothing that is already right, and is quick when nothing changed.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.metadata
import json
import logging
import os
import sqlite3
import sys
import time
from contextlib import closing, redirect_stdout
from pathlib import Path
from typing import Any

import asset_files
import runtime as clientele
import yaml

LOG = "provision.log"
MARKER = "initialised"
"""Holds the version of Superset whose migrations are done."""
BEFORE = "superset.db.before"
"""The metadata as they were before the migrations of a newer version, until these are done."""
METADATA = "version: 1.0.0\ntype: assets\n"
PROVISIONED_BY = ("*.py", "roles.yml", "look.json", "assets/**/*")


def main(arguments: list[str] | None = None) -> int:
    """Provision Superset, or with ``--clear-cache`` only forget cached chart data."""
    parser = argparse.ArgumentParser(description="Set Superset up from the files in superset/.")
    parser.add_argument(
        "--clear-cache", action="store_true", help="only forget cached chart data (after a publish)"
    )
    parser.add_argument("--force", action="store_true", help="do all of it, even if nothing changed")
    options = parser.parse_args(arguments)
    runtime = clientele.load()
    if options.clear_cache:
        clear_cache(runtime)
        return 0
    if not runtime.serving_file.exists():
        print(f"There is no release at {runtime.serving_file}. Run `make refresh` first.", file=sys.stderr)
        return 2
    wanted = fingerprint(runtime)
    if not options.force and is_provisioned(runtime, wanted):
        print("Superset is provisioned; nothing changed.")
        return 0
    started = time.monotonic()
    provision(runtime, wanted)
    print(f"Superset provisioned in {time.monotonic() - started:.0f} s.")
    return 0


def fingerprint(runtime: clientele.Runtime) -> str:
    """Return a hash over everything that provisioning depends on."""
    digest = hashlib.sha256(
        json.dumps(
            [importlib.metadata.version("apache-superset"), _database_values(runtime), str(runtime.home)]
        ).encode()
    )
    files = [path for pattern in PROVISIONED_BY for path in clientele.HERE.glob(pattern) if path.is_file()]
    for file in [*sorted(files), asset_files.LABELS_FILE]:
        digest.update(str(file.relative_to(clientele.ROOT)).encode() + file.read_bytes())
    return digest.hexdigest()


def is_provisioned(runtime: clientele.Runtime, wanted: str) -> bool:
    """Say whether the last provisioning was this one and what it made is still there.

    Reads the metadata file itself: starting Superset to ask takes longer than the rest of this check.
    """
    if not (runtime.state_file.exists() and runtime.metadata_file.exists() and runtime.logins_file.exists()):
        return False
    state = clientele.read_private(runtime.state_file) or {}
    if state.get("fingerprint") != wanted or clientele.read_private(runtime.logins_file) is None:
        return False
    return bool(state.get("inventory") == inventory(runtime))


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
        order by 1, 2
    """
    with closing(sqlite3.connect(f"file:{runtime.metadata_file}?mode=ro", uri=True)) as connection:
        return [list(row) for row in connection.execute(query)]


def provision(runtime: clientele.Runtime, wanted: str) -> None:
    """Bring metadata, roles, logins and assets to what the files say."""
    for folder in (runtime.home, runtime.cache, runtime.spill):
        folder.mkdir(parents=True, exist_ok=True)
    os.environ.update(clientele.child_environment())
    _undo_half_a_migration(runtime)
    # Migrations say a great deal that nobody reads unless something fails.
    with (runtime.home / LOG).open("w", encoding="utf-8") as log, redirect_stdout(log):
        new_logins = _provision_metadata(runtime)
    clear_cache(runtime)
    clientele.write_private(runtime.state_file, {"fingerprint": wanted, "inventory": inventory(runtime)})
    _print_logins(runtime, new_logins)


def clear_cache(runtime: clientele.Runtime) -> None:
    """Forget all cached chart data; running servers simply ask again."""
    for file in runtime.cache.glob("*"):
        file.unlink(missing_ok=True)


def _provision_metadata(runtime: clientele.Runtime) -> dict[str, str]:
    from superset.app import create_app  # only now: importing Superset reads its configuration

    app = create_app()
    logging.captureWarnings(True)
    logging.getLogger().handlers = [logging.FileHandler(runtime.home / LOG, encoding="utf-8")]
    with app.app_context():
        _initialise(runtime)
        # Superset reads some permissions at start-up only, so everything below sees a finished schema.
        import provision_metadata

        roles = yaml.safe_load((clientele.HERE / "roles.yml").read_text(encoding="utf-8"))
        documents = asset_files.expand(clientele.ASSETS, _database_values(runtime))
        provision_metadata.ensure_roles_exist(roles)
        new_logins = provision_metadata.ensure_logins(roles["logins"], runtime.logins_file)
        provision_metadata.import_assets(_contents(documents))
        provision_metadata.prune(documents)
        provision_metadata.grant(roles)
    return new_logins


def _initialise(runtime: clientele.Runtime) -> None:
    from flask_migrate import upgrade

    from superset import appbuilder, security_manager

    version = importlib.metadata.version("apache-superset")
    marker = runtime.home / MARKER
    if marker.exists():
        if marker.read_text(encoding="utf-8") == version:
            return
        _keep(runtime.metadata_file, runtime.home / BEFORE)
    upgrade()
    appbuilder.add_permissions(update_perms=True)
    security_manager.sync_role_definitions()
    runtime.metadata_file.chmod(0o600)
    (runtime.home / BEFORE).unlink(missing_ok=True)
    marker.write_text(version, encoding="utf-8")


def _undo_half_a_migration(runtime: clientele.Runtime) -> None:
    """Go back to whole metadata: half a migration can be neither repeated nor continued."""
    before = runtime.home / BEFORE
    if before.exists():
        _forget_log(runtime.metadata_file)
        before.replace(runtime.metadata_file)
    elif not (runtime.home / MARKER).exists():
        # The first set-up did not come to its end, so there is nothing in it that anybody made.
        _forget_log(runtime.metadata_file)
        runtime.metadata_file.unlink(missing_ok=True)


def _forget_log(database: Path) -> None:
    for ending in ("-wal", "-shm", "-journal"):
        database.with_name(database.name + ending).unlink(missing_ok=True)


def _keep(database: Path, copy: Path) -> None:
    """Copy a database as it is, with what is still in its log; the copy is there whole or not at all."""
    draft = copy.with_name(copy.name + ".draft")
    draft.unlink(missing_ok=True)
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(draft)) as target:
        source.backup(target)
    draft.replace(copy)


def _database_values(runtime: clientele.Runtime) -> dict[str, str]:
    return {
        "serving_file": str(runtime.serving_file),
        "spill": str(runtime.spill),
        "threads": str(runtime.threads),
    }


def _contents(documents: dict[str, dict[str, Any]]) -> dict[str, str]:
    return {
        "metadata.yaml": METADATA,
        **{name: yaml.safe_dump(document, allow_unicode=True) for name, document in documents.items()},
    }


def _print_logins(runtime: clientele.Runtime, logins: dict[str, str]) -> None:
    for name, password in logins.items():
        print(f"login {name:<10} password {password}")
    if logins:
        print(f"(shown once; kept in {runtime.logins_file}, readable by you alone)")


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent))
    sys.exit(main())
