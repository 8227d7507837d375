"""Serves Superset on the loopback interface: ``.venv-superset/bin/python superset/serve.py``.

Ready when ``GET /health`` answers. Ctrl-C or SIGTERM stops it.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import runtime as clientele

WORKERS = 2
THREADS = 8
TIMEOUT_SECONDS = 120
STOP_SECONDS = 5


def command(runtime: clientele.Runtime) -> list[str]:
    """Return the server's command line."""
    return [
        str(Path(sys.executable).with_name("gunicorn")),
        f"--bind=127.0.0.1:{runtime.port}",
        f"--workers={WORKERS}",
        "--worker-class=gthread",
        f"--threads={THREADS}",
        f"--timeout={TIMEOUT_SECONDS}",
        f"--graceful-timeout={STOP_SECONDS}",
        "--preload",
        "--log-level=warning",
        "--no-control-socket",
        "superset.app:create_app()",
    ]


def main() -> int:
    """Replace this process by the server."""
    runtime = clientele.load()
    if not runtime.state_file.exists():
        print(
            "Superset is not set up here. Run `make serve`, or superset/provision.py first.", file=sys.stderr
        )
        return 2
    # Not the checkout: its superset/ folder would shadow the package.
    os.chdir(runtime.home)
    line = command(runtime)
    os.execve(line[0], line, clientele.child_environment())  # noqa: S606 (our own server)
    return 0


if __name__ == "__main__":
    sys.exit(main())
