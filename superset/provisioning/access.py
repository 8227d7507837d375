"""Which role sees which dashboard, and with it which data: as each dashboard says in its own file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from expanding.folder import AssetError, Assets
from expanding.names import asset_uuid

Roles = Mapping[str, Mapping[str, Any]]


def audience(assets: Assets, roles: Roles) -> dict[str, list[str]]:
    """Return the roles that see each dashboard, by the dashboard's slug.

    Args:
        assets: All short files.
        roles: The roles of ``roles.yml``; one that includes another sees what that one sees.

    Raises:
        AssetError: A dashboard names a role that is not there, or none.
    """
    seen: dict[str, list[str]] = {}
    for slug, dashboard in assets.dashboards.items():
        named = dashboard.document["roles"]
        if strange := sorted(set(named) - set(roles)) or not named:
            raise AssetError(f"dashboards/{slug}: its roles must be in roles.yml, not {strange or 'none'}")
        seen[slug] = [role for role in roles if with_included(roles, role) & set(named)]
    return seen


def datasets_seen(assets: Assets, roles: Roles) -> dict[str, set[str]]:
    """Return the UUIDs of the datasets whose data each role may see: those of its dashboards."""
    seen = audience(assets, roles)
    return {
        role: {
            asset_uuid("datasets", dataset)
            for slug, names in seen.items()
            if role in names
            for dataset in assets.datasets_of(slug)
        }
        for role in roles
    }


def with_included(roles: Roles, name: str) -> set[str]:
    """Return a role and all that it includes."""
    return {name}.union(*(with_included(roles, other) for other in roles[name]["includes"]))
