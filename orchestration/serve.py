"""`make serve` and `make run`: Superset and Dagster on loopback, until Ctrl-C.

`make run` first fills an empty landing folder with the sample bank and refreshes what is due.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path

from orchestration.lib import dagster_home, dbt_runner, landing, releases
from orchestration.lib.contracts import load_contracts
from orchestration.settings import ROOT, Settings, SettingsError

READY_SECONDS = 180
STOP_SECONDS = 20
SUPERSET_PYTHON = ROOT / ".venv-superset" / "bin" / "python"


class ServeError(RuntimeError):
    """A server did not start; the message says where its log is."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        arguments: Command line arguments; those of the process when omitted.

    Returns:
        The exit code.
    """
    parser = argparse.ArgumentParser(prog="make run", description=__doc__)
    parser.add_argument("--refresh", action="store_true", help="refresh what is due before serving")
    parser.add_argument("--sample", action="store_true", help="deliver the sample bank if landing is empty")
    parser.add_argument("--stop-when-ready", action="store_true", help="stop as soon as everything answers")
    asked = parser.parse_args(arguments)
    try:
        settings = Settings.from_env()
        if asked.sample and not _has_deliveries(settings):
            _step([sys.executable, "-m", "seeds.sample_bank"])
        if asked.refresh:
            _step([sys.executable, "-m", "orchestration.refresh"])
        if releases.current(settings) is None:
            print("error: nothing is published yet; run `make refresh` first", file=sys.stderr)
            return 1
        _step([str(SUPERSET_PYTHON), str(ROOT / "superset" / "provision.py")])
        return serve(settings, asked.stop_when_ready)
    except (SettingsError, ServeError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except subprocess.CalledProcessError as error:
        return int(error.returncode)


def serve(settings: Settings, stop_when_ready: bool) -> int:
    """Start the servers, say where they are, and wait for Ctrl-C.

    Args:
        settings: Home and ports.
        stop_when_ready: Stop as soon as both answer.

    Returns:
        0 after Ctrl-C; 1 when a server ended by itself.
    """
    dagster_home.prepare(settings)
    dbt_runner.manifest(settings)
    logs = settings.home / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    dagster = str(Path(sys.executable).parent / "dagster")
    module = ["-m", "orchestration.definitions"]
    commands = {
        "superset": [str(SUPERSET_PYTHON), str(ROOT / "superset" / "serve.py")],
        "dagster-ui": [f"{dagster}-webserver", *module, "-h", "127.0.0.1", "-p", str(settings.dagster_port)],
        "dagster-daemon": [f"{dagster}-daemon", "run", *module],
    }
    # A terminal's Ctrl-C, a supervisor's SIGTERM: both end here, also where a script has SIGINT ignored.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    running: dict[str, subprocess.Popen[bytes]] = {}
    try:
        for name, command in commands.items():
            # Dagster's servers import us; Superset must not: our superset folder would shadow its package.
            environment = {**os.environ, **({"PYTHONPATH": str(ROOT)} if name.startswith("dagster") else {})}
            with (logs / f"{name}.log").open("ab") as log:
                running[name] = subprocess.Popen(
                    command, cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True
                )
        addresses = {
            "superset": f"http://127.0.0.1:{settings.superset_port}",
            "dagster-ui": f"http://127.0.0.1:{settings.dagster_port}",
        }
        _await(
            running,
            {"superset": addresses["superset"] + "/health", "dagster-ui": addresses["dagster-ui"]},
            logs,
        )
        shown = releases.current(settings)
        assert shown is not None
        print(
            f"\nDashboards   {addresses['superset']}/superset/dashboard/executive-overview/\n"
            f"Dagster      {addresses['dagster-ui']}\n"
            f"Logins       {settings.superset_home / 'logins.json'} (only you can read it)\n"
            f"Data as of   {shown.state.as_of}, release {shown.id}\n\n"
            "Ctrl-C stops everything.",
            flush=True,
        )
        while not stop_when_ready:
            ended = [name for name, process in running.items() if process.poll() is not None]
            if ended:
                raise ServeError(f"{ended[0]} has stopped; see {logs / ended[0]}.log")
            time.sleep(1)
    except KeyboardInterrupt:
        print("\nstopping", flush=True)
    finally:
        _stop(running)
    return 0


def _await(running: dict[str, subprocess.Popen[bytes]], health: dict[str, str], logs: Path) -> None:
    deadline = time.monotonic() + READY_SECONDS
    waiting = dict(health)
    while waiting:
        for name, address in list(waiting.items()):
            if running[name].poll() is not None or time.monotonic() > deadline:
                raise ServeError(f"{name} did not start; see {logs / name}.log")
            if _answers(address):
                del waiting[name]
        time.sleep(0.5)


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=2) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


def _stop(running: dict[str, subprocess.Popen[bytes]]) -> None:
    for process in running.values():
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    for process in running.values():
        try:
            process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)


def _has_deliveries(settings: Settings) -> bool:
    return any(landing.deliveries(settings, contract) for contract in load_contracts().values())


def _step(command: list[str]) -> None:
    subprocess.run(command, cwd=ROOT, check=True)


if __name__ == "__main__":
    sys.exit(main())
