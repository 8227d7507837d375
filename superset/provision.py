"""Sets Superset up as the reviewed files say: metadata, roles, logins, assets.

Run by Superset's own Python: ``.venv-superset/bin/python superset/provision.py [--clear-cache | --pending]``.
Running it again changes nothing that is already right, and is quick when nothing changed.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import logging
import os
import sqlite3
import sys
import time
from contextlib import closing, redirect_stdout
from pathlib import Path
from typing import Any

import runtime as clientele
import yaml
from expanding import documents as asset_documents
from expanding import folder
from provisioning import access, state

LOG = "provision.log"
MARKER = "initialised"
"""Holds the version of Superset whose migrations are done."""
BEFORE = "superset.db.before"
"""The metadata as they were before the migrations of a newer version, until these are done."""
METADATA = "version: 1.0.0\ntype: assets\n"

Documents = dict[str, dict[str, Any]]


def main(arguments: list[str] | None = None) -> int:
    """Provision Superset, forget cached chart data, or say whether there is anything to provision."""
    parser = argparse.ArgumentParser(description="Set Superset up from the files in superset/.")
    only = parser.add_mutually_exclusive_group()
    only.add_argument("--clear-cache", action="store_true", help="only forget cached chart data")
    only.add_argument("--pending", action="store_true", help="only print a key of what is to be done, if any")
    only.add_argument("--force", action="store_true", help="do all of it, even if nothing changed")
    options = parser.parse_args(arguments)
    runtime = clientele.load()
    if options.clear_cache:
        clear_cache(runtime)
        return 0
    if not runtime.serving_file.exists():
        print(f"There is no release at {runtime.serving_file}. Run `make refresh` first.", file=sys.stderr)
        return 2
    documents = asset_documents.expand(clientele.ASSETS, _database_values(runtime), runtime.served_date())
    wanted = state.fingerprint(runtime, documents)
    done = state.is_provisioned(runtime, wanted)
    if options.pending:
        print("" if done else state.key_of_change(runtime, wanted))
        return 0
    if done and not options.force:
        print("Superset is provisioned; nothing changed.")
        return 0
    started = time.monotonic()
    new_logins = provision(runtime, documents)
    state.remember(runtime, wanted)
    _print_logins(runtime, new_logins)
    print(f"Superset provisioned in {time.monotonic() - started:.0f} s.")
    return 0


def provision(runtime: clientele.Runtime, documents: Documents) -> dict[str, str]:
    """Make metadata, roles, logins and assets match the files; return the logins made now."""
    for path in (runtime.home, runtime.cache, runtime.spill):
        path.mkdir(parents=True, exist_ok=True)
    os.environ.update(clientele.child_environment())
    _undo_half_a_migration(runtime)
    # Migrations say a great deal that nobody reads unless something fails.
    with (runtime.home / LOG).open("w", encoding="utf-8") as log, redirect_stdout(log):
        new_logins = _provision_metadata(runtime, documents)
    clear_cache(runtime)
    return new_logins


def clear_cache(runtime: clientele.Runtime) -> None:
    """Forget all cached chart data; running servers simply ask again."""
    for file in runtime.cache.glob("*"):
        file.unlink(missing_ok=True)


def _provision_metadata(runtime: clientele.Runtime, documents: Documents) -> dict[str, str]:
    from superset.app import create_app  # only now: importing Superset reads its configuration

    app = create_app()
    logging.captureWarnings(True)
    logging.getLogger().handlers = [logging.FileHandler(runtime.home / LOG, encoding="utf-8")]
    with app.app_context():
        _initialise(runtime)
        # Superset reads some permissions at start-up only, so everything below sees a finished schema.
        from provisioning import metadata

        told = yaml.safe_load((clientele.HERE / "roles.yml").read_text(encoding="utf-8"))
        roles, assets = told["roles"], folder.read(clientele.ASSETS)
        metadata.ensure_roles_exist(roles)
        new_logins = metadata.ensure_logins(told["logins"], runtime.logins_file)
        metadata.import_assets(_contents(documents))
        metadata.prune(documents)
        metadata.show_dashboards(access.audience(assets, roles))
        metadata.grant(roles, access.datasets_seen(assets, roles))
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
    """Restore the metadata: half a migration can be neither repeated nor continued."""
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
