"""Superset's configuration: loopback only, locked SQL, nothing public, no calls to the outside.

Loaded through ``SUPERSET_CONFIG_PATH``; every path and port comes from the ``CLIENTELE_*`` environment.
"""

from __future__ import annotations

import json
import logging
import sqlite3
from datetime import timedelta
from typing import Any

import runtime as clientele
import serve
from expanding import folder
from flask import Flask
from pages import data_docs, offered
from querying import processes, slots, sql_guard, sql_lab
from sqlalchemy import event
from sqlalchemy.engine import Engine

_runtime = clientele.load()
_secrets = clientele.read_secrets(_runtime)
_look = json.loads((clientele.HERE / "look.json").read_text(encoding="utf-8"))

# --- State and secrets
SECRET_KEY = _secrets["secret_key"]
GUEST_TOKEN_JWT_SECRET = _secrets["guest_token_secret"]
GLOBAL_ASYNC_QUERIES_JWT_SECRET = _secrets["async_token_secret"]
DATA_DIR = str(_runtime.home)
SQLALCHEMY_DATABASE_URI = f"sqlite:///{_runtime.metadata_file}?check_same_thread=false&timeout=30"
SQLALCHEMY_EXAMPLES_URI = SQLALCHEMY_DATABASE_URI  # required by Superset; no examples are ever loaded
UPLOAD_FOLDER = str(_runtime.home / "uploads")


@event.listens_for(Engine, "connect")
def _let_readers_and_a_writer_work_side_by_side(connection: Any, _: Any) -> None:
    # Otherwise the workers wait for each other, and each of some 300 migrations for the disk.
    if isinstance(connection, sqlite3.Connection):
        connection.execute("pragma journal_mode = wal")
        connection.execute("pragma synchronous = normal")


LOG_LEVEL = logging.WARNING
ALEMBIC_SKIP_LOG_CONFIG = True

# --- Who gets in. People without a login see nothing, and nobody can register.
AUTH_USER_REGISTRATION = False
PUBLIC_ROLE_LIKE = None
AUTH_RATE_LIMITED = True
AUTH_RATE_LIMIT = "30 per minute"
RATELIMIT_ENABLED = True
RATELIMIT_APPLICATION = "200 per second"  # one dashboard asks for some thirty things at once
RATELIMIT_STORAGE_URI = "memory://"
SESSION_COOKIE_SAMESITE = "Strict"
SESSION_COOKIE_NAME = "clientele_session"
PERMANENT_SESSION_LIFETIME = timedelta(hours=12)
WTF_CSRF_ENABLED = True

# --- Only our own pages: what is not listed here the browser refuses to fetch, telemetry included.
TALISMAN_ENABLED = True
TALISMAN_CONFIG = {
    "content_security_policy": {
        "base-uri": ["'self'"],
        "default-src": ["'self'"],
        "img-src": ["'self'", "blob:", "data:"],
        "worker-src": ["'self'", "blob:"],
        "connect-src": ["'self'"],
        "object-src": "'none'",
        "frame-ancestors": ["'none'"],
        "form-action": ["'self'"],
        "style-src": ["'self'", "'unsafe-inline'"],
        "font-src": ["'self'", "data:"],
        "script-src": ["'self'", "'strict-dynamic'"],
    },
    "content_security_policy_nonce_in": ["script-src"],
    "referrer_policy": "no-referrer",
    "force_https": False,  # a loopback server; put TLS in front of it before it leaves the machine
    "session_cookie_secure": False,
}
MAPBOX_API_KEY = ""
THEME_FONT_URL_ALLOWED_DOMAINS: list[str] = []
DATASET_IMPORT_ALLOWED_DATA_URLS: list[str] = []
FAB_API_SWAGGER_UI = False

# --- The one database, and what may be asked of it.
# duckdb:// stays usable because superset/assets/databases opens it read-only and locked: keep this override.
PREVENT_UNSAFE_DB_CONNECTIONS = True
DBS_AVAILABLE_DENYLIST: dict[str, set[str]] = {}
SQL_QUERY_MUTATOR = sql_guard.guard
MUTATE_AFTER_SPLIT = False
DISALLOWED_SQL_FUNCTIONS = {"duckdb": set(sql_guard.FORBIDDEN_FUNCTIONS)}
ALLOWED_EXTENSIONS: set[str] = set()
ROW_LIMIT = 10_000
SAMPLES_ROW_LIMIT = 1_000
SQL_MAX_ROW = 50_000
DEFAULT_SQLLAB_LIMIT = 1_000
SQLLAB_TIMEOUT = 60
SQLLAB_CTAS_NO_LIMIT = False
SUPERSET_WEBSERVER_TIMEOUT = 90

# --- Each query has a process that is ended at the limit, and dashboards half of the threads for themselves.
_slots = slots.Slots(serve.THREADS // 2)
processes.install(SQLLAB_TIMEOUT, _slots.admit)


def _add_ours(app: Flask) -> None:
    offered.install(app)
    data_docs.install(app, _runtime.data_docs)
    _slots.install(app)
    sql_lab.install()


FLASK_APP_MUTATOR = _add_ours


# --- Cache: chart data on disk, per release; filter states stay in the metadata database.
DATA_CACHE_CONFIG = {
    "CACHE_TYPE": "querying.release_cache.factory",
    "CACHE_DIR": str(_runtime.cache),
    "CACHE_SERVING": str(_runtime.serving_file.parent),
    "CACHE_THRESHOLD": 5_000,
    "CACHE_DEFAULT_TIMEOUT": int(timedelta(days=1).total_seconds()),
}

# --- No side doors: no workers, uploads, mails, embedding, templates or browser-side code.
CELERY_CONFIG = None
DASHBOARD_AUTO_REFRESH_MODE = "fetch"  # an open dashboard follows each publish; the cache is per release
FEATURE_FLAGS = {
    "ALERT_REPORTS": False,
    "ALLOW_ADHOC_SUBQUERY": False,
    "DASHBOARD_RBAC": True,  # each dashboard is seen by the roles it names
    "EMBEDDABLE_CHARTS": False,
    "EMBEDDED_SUPERSET": False,
    "ENABLE_JAVASCRIPT_CONTROLS": False,
    "ENABLE_TEMPLATE_PROCESSING": False,
    "THUMBNAILS": False,
}

# --- Language and look
BABEL_DEFAULT_LOCALE = "en"
LANGUAGES = {"en": {"flag": "us", "name": "English"}, "zh": {"flag": "cn", "name": "中文"}}
APP_NAME = "Clientele"
LOGO_TARGET_PATH = f"/superset/dashboard/{folder.read(clientele.ASSETS).start}/"
ENVIRONMENT_TAG_CONFIG: dict[str, Any] = {"variable": "SUPERSET_ENV", "values": {}}
THEME_DEFAULT = _look["theme"]
THEME_DARK = None
ENABLE_UI_THEME_ADMINISTRATION = False
EXTRA_CATEGORICAL_COLOR_SCHEMES = [_look["categorical"]]
EXTRA_SEQUENTIAL_COLOR_SCHEMES = [_look["sequential"]]
D3_FORMAT = {"decimal": ".", "thousands": ",", "grouping": [3], "currency": ["¥", ""]}
