"""The steps of provisioning that speak to Superset's metadata; each needs an application context."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import runtime as clientele
from superset.commands.importers.v1.assets import ImportAssetsCommand
from superset.connectors.sqla.models import SqlaTable
from superset.models.core import Database
from superset.models.dashboard import Dashboard
from superset.models.slice import Slice
from superset.utils.core import override_user

from provisioning.access import Roles, with_included
from superset import db, security_manager

ADMINISTRATOR = "admin"
# Dependants first: a chart goes before its dataset, a dataset before its database.
MANAGED_MODELS = {"dashboards": Dashboard, "charts": Slice, "datasets": SqlaTable, "databases": Database}


class ProvisioningError(RuntimeError):
    """The reviewed files ask for something that Superset does not have."""


def ensure_roles_exist(roles: Roles) -> None:
    """Create the roles that are missing, still without permissions."""
    for name in roles:
        if security_manager.find_role(name) is None:
            security_manager.add_role(name)


def ensure_logins(logins: dict[str, Any], file: Path) -> dict[str, str]:
    """Create the missing logins with generated passwords, and see that each has exactly its role.

    A password is written down before it is set, so that none is lost with this process. A login whose
    password is not written down, as its file was lost, gets a new one.

    Args:
        logins: Name → role and names of the person.
        file: Where the passwords are kept, readable by the owner alone.

    Returns:
        The logins made now, with their passwords.
    """
    known: dict[str, str] = clientele.read_private(file) or {}
    made = {name: secrets.token_urlsafe(12) for name in logins if name not in known}
    passwords = {**known, **made}
    if made:
        clientele.write_private(file, passwords)
    for name, person in logins.items():
        role = security_manager.find_role(person["role"])
        user = security_manager.find_user(username=name)
        if user is None:
            user = security_manager.add_user(
                username=name,
                first_name=person["first_name"],
                last_name=person["last_name"],
                email=f"{name}@clientele.invalid",
                role=role,
                password=passwords[name],
            )
        elif name in made:
            security_manager.reset_password(user.id, made[name])
        user.roles = [role]
    db.session.commit()
    return made


def import_assets(contents: dict[str, str]) -> None:
    """Create or replace every database, dataset, chart and dashboard in ``contents``."""
    with override_user(security_manager.find_user(username=ADMINISTRATOR)):
        ImportAssetsCommand(contents).run()
    db.session.commit()


def prune(documents: dict[str, dict[str, Any]]) -> list[str]:
    """Delete what we once imported and no longer have a file for; return the names.

    What people made themselves is never touched: it is not marked as managed by files.
    """
    kept = {document["uuid"] for document in documents.values()}
    gone = []
    for model in MANAGED_MODELS.values():
        for item in db.session.query(model).filter_by(is_managed_externally=True):
            if str(item.uuid) not in kept:
                gone.append(str(item))
                db.session.delete(item)
        db.session.flush()
    db.session.commit()
    return gone


def show_dashboards(seen: Mapping[str, Iterable[str]]) -> None:
    """Let each dashboard be seen by its roles alone.

    Args:
        seen: The roles of each dashboard, by its slug.
    """
    for slug, names in seen.items():
        dashboard = db.session.query(Dashboard).filter_by(slug=slug, is_managed_externally=True).one()
        dashboard.roles = [security_manager.find_role(name) for name in names]
    db.session.commit()


def grant(roles: Roles, datasets: Mapping[str, set[str]]) -> None:
    """Give each role exactly the permissions it has in ``roles.yml``, and the public role none.

    Args:
        roles: The roles.
        datasets: The UUIDs of the datasets whose data each role may see.

    Raises:
        ProvisioningError: Superset has no permission of that name.
    """
    security_manager.find_role("Public").permissions = []
    for name in roles:
        wanted = _permissions(roles, name) | _data_permissions(datasets[name])
        security_manager.find_role(name).permissions = [
            _permission(*permission.split(" on ", 1)) for permission in sorted(wanted)
        ]
    db.session.commit()


def _permissions(roles: Roles, name: str) -> set[str]:
    own: set[str] = set()
    for included in with_included(roles, name):
        own |= set(roles[included]["permissions"])
        if roles[included].get("database"):
            managed = db.session.query(Database).filter_by(is_managed_externally=True)
            own |= {f"database_access on {database.perm}" for database in managed}
    return own


def _data_permissions(datasets: set[str]) -> set[str]:
    managed = db.session.query(SqlaTable).filter_by(is_managed_externally=True)
    return {f"datasource_access on {found.perm}" for found in managed if str(found.uuid) in datasets}


def _permission(permission: str, view: str) -> Any:
    found = security_manager.find_permission_view_menu(permission, view)
    if found is None:
        raise ProvisioningError(f"roles.yml: this Superset has no permission {permission!r} on {view!r}")
    return found
