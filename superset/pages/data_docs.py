"""The pages about the checks of the last refreshes (Data Docs), for whoever is logged in: ``/data-docs/``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

URL = "/data-docs/"
START = "index.html"
ABSENT = (
    "There is no page here. The pages about the checks of the data are written by a refresh; if none has run "
    "since they were introduced, run `make refresh` when something is due."
)
POLICY = "default-src 'none'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; font-src 'self' data:"
"""They are read, nothing else: no script of theirs runs under the name of our server."""


def found(pages: Path, name: str) -> Path | None:
    """Return the page of that name; None if there is none below ``pages``, whatever the name says."""
    file = (pages / name).resolve()
    if file.is_dir():
        file /= START
    return file if file.is_file() and file.is_relative_to(pages.resolve()) else None


def install(app: Any, pages: Path) -> None:
    """Add the pages to Superset's server."""
    from flask import Blueprint, Response, redirect, request, send_file  # in Superset's environment only
    from flask_login import current_user
    from superset.extensions import talisman

    def show(name: str = START) -> Any:
        if not current_user.is_authenticated:
            return redirect(f"/login/?next={request.path}")
        file = found(pages, name)
        return send_file(file) if file else Response(ABSENT, status=404, mimetype="text/plain")

    locked = talisman(content_security_policy=POLICY, content_security_policy_nonce_in=[])(show)
    blueprint = Blueprint("data_docs", __name__)
    blueprint.add_url_rule(URL, view_func=locked)
    blueprint.add_url_rule(f"{URL}<path:name>", view_func=locked)
    app.register_blueprint(blueprint)
