"""What Superset's processes share: settings, paths, secrets and the environment of a child.

This folder goes on ``sys.path``, the checkout never does: a ``superset`` folder on the path would
shadow the package of that name. Settings and rights are therefore loaded from their files.
"""

from __future__ import annotations

import importlib.util
import json
import os
import secrets
import sys
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
ASSETS = HERE / "assets"
SECRET_NAMES = ("secret_key", "guest_token_secret", "async_token_secret")


@dataclass(frozen=True)
class Runtime:
    """Where Superset keeps its state and what it reads.

    Attributes:
        home: Superset's own directory, ``$CLIENTELE_HOME/superset``.
        serving_file: The released DuckDB file, through the link that every publish flips.
        port: Loopback port of the server.
        threads: Threads one query may use.
        data_docs: Where the pages about the checks of the data lie.
    """

    home: Path
    serving_file: Path
    port: int
    threads: int
    data_docs: Path

    @cached_property
    def metadata_file(self) -> Path:
        """Superset's own database."""
        return self.home / "superset.db"

    @cached_property
    def cache(self) -> Path:
        """Cached chart data, one folder for all workers."""
        return self.home / "cache"

    @cached_property
    def spill(self) -> Path:
        """Where a large query may write temporary data."""
        return self.home / "spill"

    @cached_property
    def logins_file(self) -> Path:
        """Generated logins, readable by the owner alone."""
        return self.home / "logins.json"

    @cached_property
    def state_file(self) -> Path:
        """What the last provisioning established."""
        return self.home / "provisioned.json"

    def served_date(self) -> date:
        """The date of the served data."""
        state = self.serving_file.with_name("state.json")
        return date.fromisoformat(json.loads(state.read_text(encoding="utf-8"))["as_of"])


def load() -> Runtime:
    """Read the settings from the environment, and keep private what this process writes.

    Raises:
        SystemExit: A ``CLIENTELE_*`` variable is unknown or not valid; the message names the valid ones.
    """
    module, private = _module("clientele/settings.py"), _module("clientele/private.py")
    try:
        settings = module.Settings.from_env()
        private.protect(settings)
    except (module.SettingsError, private.PrivateError) as error:
        raise SystemExit(str(error)) from error
    return Runtime(
        home=settings.superset_home,
        serving_file=settings.serving / "current" / "warehouse.duckdb",
        port=settings.superset_port,
        threads=settings.threads,
        data_docs=settings.home / "data_docs",
    )


def read_secrets(runtime: Runtime) -> dict[str, str]:
    """Return the signing secrets, generated on first use and kept in a 0600 file.

    A file that was cut off is made again; who was signed in signs in once more.
    """
    file = runtime.home / "secrets.json"
    if not set(SECRET_NAMES) <= set(read_private(file) or {}):
        write_private(file, {name: secrets.token_urlsafe(48) for name in SECRET_NAMES})
    return read_private(file) or {}


def read_private(file: Path) -> dict[str, Any] | None:
    """Read what ``write_private`` wrote; None if it is not there or not whole."""
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return content if isinstance(content, dict) else None


def write_private(file: Path, values: dict[str, Any]) -> None:
    """Write JSON that only the owner may read, whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(file.name + ".draft")
    draft.unlink(missing_ok=True)
    draft.touch(mode=_module("clientele/private.py").SECRET, exist_ok=False)
    draft.write_text(json.dumps(values, indent=2, ensure_ascii=False), encoding="utf-8")
    draft.replace(file)


def child_environment() -> dict[str, str]:
    """Return the environment in which Superset finds its configuration and nothing shadows it."""
    return {
        **os.environ,
        "PYTHONPATH": str(HERE),
        "SUPERSET_CONFIG_PATH": str(HERE / "superset_config.py"),
        "FLASK_APP": "superset.app:create_app()",
    }


def _module(path: str) -> Any:
    name = f"clientele_{Path(path).stem}"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, ROOT / path)
        assert spec
        assert spec.loader
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]
