"""Pages and interfaces of Superset that this installation does not offer: 404 for everybody."""

from __future__ import annotations

import re

from flask import Flask, abort, request

NOT_OFFERED = {
    "registration": r"/register/.*|/registrations/.*|/api/v1/security/user_registrations/.*",
    "description of the interfaces": r"/swagger/.*|/api/[^/]+/_openapi",
    "other ways to log in": r"/login/[^/]+/?(?<!/logout/)|/oauth.*|/api/v1/database/oauth2/.*",
    "embedding": r"/embedded/.*|/dashboard/[^/]+/embedded|/api/v1/(dashboard/[^/]+/embedded|embedded_dashboard/.*"
    r"|security/guest_token/.*)",
    "alerts and reports": r"/(alert|report)/.*|/api/v1/report/.*",
    "uploads": r"/api/v1/database/(\d+/upload|upload_metadata|\d+/schemas_access_for_file_upload)/.*",
    "thumbnails and screenshots": r"/api/v1/(chart|dashboard)/[^/]+/(thumbnail|screenshot|cache_\w*screenshot)/.*",
    "plugins, extensions and tasks": r"/(dynamic-plugins|extensions|tasks)/.*",
    "tags": r"/tagview/.*|/superset/(tags|all_entities)/.*|/api/v1/tag/.*",
    "queries in the background": r"/api/v1/async_event/.*",
    "files from the browser": r"/superset/file-handler.*",
    "themes": r"/theme/.*",
}
_NOT_OFFERED = re.compile("|".join(f"(?:{pattern})" for pattern in NOT_OFFERED.values()))


def is_offered(path: str) -> bool:
    """Say whether this installation has something at ``path``."""
    return not _NOT_OFFERED.fullmatch(path)


def install(app: Flask) -> None:
    """Answer 404 before anybody is asked who they are."""

    @app.before_request
    def _refuse() -> None:
        if not is_offered(request.path):
            abort(404)
