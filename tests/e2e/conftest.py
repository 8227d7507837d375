"""One Superset for all browser and API tests: provisioned and served over the tiny bank's release."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest
import requests
from playwright.sync_api import Browser, sync_playwright

if TYPE_CHECKING:
    from tests.e2e.opened import Opened

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".venv-superset" / "bin" / "python"
CHROMIUM = "/usr/bin/chromium"
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
READY_SECONDS = 240
HURRIED_SECONDS = 30
CANARY = "canary-7f3a-do-not-leak"


@dataclass(frozen=True)
class Superset:
    """A running Superset.

    Attributes:
        url: Its address, without a trailing slash.
        process: Its first process.
        home: The ``CLIENTELE_HOME`` it serves.
        logins: Login → password.
        environment: The environment of its processes.
        provisioned: What provisioning printed.
    """

    url: str
    process: int
    home: Path
    logins: dict[str, str]
    environment: dict[str, str]
    provisioned: str

    def session(self, login: str) -> requests.Session:
        """Return an API session of one login."""
        session = requests.Session()
        answer = session.post(
            f"{self.url}/api/v1/security/login",
            json={"username": login, "password": self.logins[login], "provider": "db"},
            timeout=30,
        )
        answer.raise_for_status()
        session.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        session.headers["Referer"] = self.url
        # A kept connection may be closed by the server just when the next request is sent.
        session.headers["Connection"] = "close"
        session.headers["X-CSRFToken"] = self.get(session, "/api/v1/security/csrf_token/")["result"]
        return session

    def get(self, session: requests.Session, path: str) -> Any:
        """Return the JSON of a successful GET."""
        answer = session.get(self.url + path, timeout=60)
        answer.raise_for_status()
        return answer.json()

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query on the served file itself."""
        file = self.home / "serving" / "current" / "warehouse.duckdb"
        with duckdb.connect(str(file), read_only=True) as connection:
            rows: list[tuple[Any, ...]] = connection.execute(sql).fetchall()
        return rows

    def provision(self, *arguments: str) -> str:
        """Run the provisioning command; return what it printed."""
        return _provision(self.environment, *arguments)


@pytest.fixture(scope="session")
def superset(tiny_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Superset]:
    """A Superset of its own: its state is new, the release is the tiny bank's."""
    home = tmp_path_factory.mktemp("superset-home")
    releases = home / "serving" / "releases"
    releases.mkdir(parents=True)
    served = (tiny_home / "serving" / "current").resolve()
    (releases / served.name).symlink_to(served)
    (home / "serving" / "current").symlink_to(f"releases/{served.name}")
    environment = {
        **os.environ,
        "CLIENTELE_HOME": str(home),
        "CLIENTELE_SUPERSET_PORT": str(_free_port()),
        "E2E_CANARY": CANARY,
    }
    printed = _provision(environment)
    logins = json.loads((home / "superset" / "logins.json").read_text(encoding="utf-8"))
    with _served([str(PYTHON), "superset/serve.py"], environment, home / "server.log") as (url, process):
        yield Superset(
            url=url, process=process, home=home, logins=logins, environment=environment, provisioned=printed
        )


# Superset as it is, but for the limit of time. Run by Superset's Python in place of superset/serve.py.
HURRIED_CONFIG = """
import importlib.util, sys
import runtime
from querying import processes
spec = importlib.util.spec_from_file_location("configuration", runtime.HERE / "superset_config.py")
configuration = importlib.util.module_from_spec(spec)
spec.loader.exec_module(configuration)
globals().update({name: value for name, value in vars(configuration).items() if name.isupper()})
SQLLAB_TIMEOUT = {seconds}
processes.install(SQLLAB_TIMEOUT, processes.Dialect.admit)
"""
HURRIED_SERVER = """
import os, sys
import runtime, serve
place = runtime.load()
line = serve.command(place)
os.chdir(place.home)
os.execve(line[0], line, {**runtime.child_environment(), "SUPERSET_CONFIG_PATH": sys.argv[1]})
"""


@pytest.fixture(scope="session")
def hurried(superset: Superset, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Superset]:
    """A second server on the same state, where queries may take `HURRIED_SECONDS` only."""
    config = tmp_path_factory.mktemp("hurried") / "hurried_config.py"
    config.write_text(HURRIED_CONFIG.replace("{seconds}", str(HURRIED_SECONDS)), encoding="utf-8")
    environment = {
        **superset.environment,
        "CLIENTELE_SUPERSET_PORT": str(_free_port()),
        "PYTHONPATH": str(ROOT / "superset"),
    }
    command = [str(PYTHON), "-c", HURRIED_SERVER, str(config)]
    with _served(command, environment, config.with_name("server.log")) as (url, process):
        yield replace(superset, url=url, process=process, environment=environment)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium, calling nobody."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def dashboard(browser: Browser, superset: Superset) -> Callable[[str], Opened]:
    """Opens a dashboard by its slug, once for all tests."""
    from tests.e2e.opened import open_dashboard  # which knows a Superset

    return cache(lambda slug: open_dashboard(browser, superset, slug))


def _provision(environment: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [str(PYTHON), "superset/provision.py", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@contextmanager
def _served(command: list[str], environment: dict[str, str], log: Path) -> Iterator[tuple[str, int]]:
    """Run a server; give its address and its process."""
    with log.open("w", encoding="utf-8") as output:
        server = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=output, stderr=output, start_new_session=True
        )
        try:
            url = f"http://127.0.0.1:{environment['CLIENTELE_SUPERSET_PORT']}"
            _wait_until_ready(url, server, log)
            yield url, server.pid
        finally:
            os.killpg(server.pid, signal.SIGTERM)
            server.wait(timeout=30)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_ready(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        assert server.poll() is None, log.read_text(encoding="utf-8")
        try:
            if requests.get(f"{url}/health", timeout=10).ok:
                return
        except (requests.ConnectionError, requests.Timeout):
            pass  # not listening yet
        time.sleep(0.5)
    raise AssertionError(f"Superset is not ready after {READY_SECONDS} s: {log.read_text(encoding='utf-8')}")
