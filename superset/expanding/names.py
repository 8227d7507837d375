"""What an asset is called in Superset."""

from __future__ import annotations

import uuid

DATABASE = "clientele"
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "clientele/superset")


def asset_uuid(kind: str, name: str) -> str:
    """Return the stable UUID of an asset, e.g. ``asset_uuid("dashboards", "executive-overview")``."""
    return str(uuid.uuid5(NAMESPACE, f"{kind}/{name}"))
