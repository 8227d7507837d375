"""Pages and interfaces of Superset that this installation does not offer: 404 for everybody."""

from __future__ import annotations

import re
from typing import Any

NOT_OFFERED = {
    "registration": r"/register|/registrations|/api/v1/security/user_registrations",
    "other ways to log in": r"/login/(?!logout)[^/]+|/oauth[^/]*|/api/v1/database/oauth2",
    "descriptions of the interfaces": r"/swagger|/api/[^/]+/_openapi",
    "embedding": r"/embedded|/dashboard/[^/]+/embedded|/api/v1/dashboard/[^/]+/embedded"
    r"|/api/v1/embedded_dashboard|/api/v1/security/guest_token",
    "alerts and reports": r"/alert|/report|/api/v1/report",
    "uploads": r"/api/v1/database/(\d+/upload|upload_metadata|\d+/schemas_access_for_file_upload)",
    "pictures of pages": r"/api/v1/(chart|dashboard)/[^/]+/(thumbnail|screenshot|cache_\w*screenshot)",
    "plugins, extensions and tasks": r"/dynamic-plugins|/extensions|/tasks",
    "tags": r"/tagview|/superset/(tags|all_entities)|/api/v1/tag",
    "queries in the background": r"/api/v1/async_event",
    "files handed over by the browser": r"/superset/file-handler",
    "administration of themes": r"/theme",
}
_NOT_OFFERED = re.compile(f"(?:{'|'.join(NOT_OFFERED.values())})(?:/.*)?")


def is_offered(path: str) -> bool:
    """Say whether this installation may have something at ``path``."""
    return not _NOT_OFFERED.fullmatch(path)


def install(app: Any) -> None:
    """Answer 404 before anybody is asked to log in."""
    from flask import abort, request  # in Superset's environment only

    @app.before_request  # type: ignore[untyped-decorator]
    def _refuse() -> None:
        if not is_offered(request.path):
            abort(404)
