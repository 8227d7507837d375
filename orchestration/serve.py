"""`make serve` and `make run`: Superset and Dagster on loopback, until Ctrl-C.

`make run` first fills an empty landing folder with the sample bank and refreshes what is due.

Exit codes: 0 stopped by a signal while serving; 1 a setting is wrong, a port is taken, nothing is published,
or a server did not start or stay; 75 the home is served already; the code of a step that failed; 128 and the
number of the signal that came before the servers answered.
"""

from __future__ import annotations

import argparse
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import yaml

from clientele.contracts import load_contracts
from clientele.private import PrivateError, protect
from clientele.settings import ROOT, Settings, SettingsError
from orchestration import releases
from orchestration.loading import landing
from orchestration.processes import child, kept
from orchestration.processes.kept import StoppedError, StopSignals
from orchestration.processes.locks import HeldError, file_lock
from orchestration.processes.refresh_lock import RefreshRunningError, refresh_lock

READY_SECONDS = 180
STOP_SECONDS = 15
"""What a server has to end in before it is killed."""
ALL_STOPPED_SECONDS = STOP_SECONDS + 5
SUPERSET_PYTHON = ROOT / ".venv-superset" / "bin" / "python"
START = ROOT / "superset" / "assets" / "start.yaml"
"""Names the dashboard that people are sent to."""
LOOPBACK = "127.0.0.1"
BUSY = 75


class ServeError(RuntimeError):
    """The servers cannot start or have not stayed; the message says why or where the log is."""


class StepError(RuntimeError):
    """A step before the servers has failed and said why.

    Attributes:
        exit_code: The exit code of the step.
    """

    def __init__(self, exit_code: int) -> None:
        super().__init__(f"exit code {exit_code}")
        self.exit_code = exit_code


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
    signals = StopSignals()
    try:
        settings = Settings.from_env()
        protect(settings)
        with _serving_alone(settings) as lock:
            _require_free_ports(settings)
            _prepare(settings, asked, signals, lock)
            return serve(settings, asked.stop_when_ready, signals, lock)
    except HeldError as error:
        print(f"error: {settings.home} is already served by {error.holder}", file=sys.stderr)
        return BUSY
    except (SettingsError, PrivateError, ServeError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except StepError as error:
        return error.exit_code
    except StoppedError as stopped:
        _say(f"\nstopped by {stopped}; nothing is left running")
        return stopped.exit_code


def serve(settings: Settings, stop_when_ready: bool, signals: StopSignals, lock: int) -> int:
    """Start the servers, say where they are, and wait for Ctrl-C.

    Args:
        settings: Home and ports.
        stop_when_ready: Stop as soon as both answer.
        signals: Who tells when to stop.
        lock: Descriptor of a lock that is held until nothing is left of the servers.

    Returns:
        0 after Ctrl-C.

    Raises:
        ServeError: A server did not start, or ended by itself.
        StoppedError: Told to stop before the servers answered.
    """
    logs = settings.home / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    # A keeper that is killed leaves what it kept to us.
    child.adopt_orphans()
    try:
        running = _start(settings, logs, lock)
        _await(running, settings, logs, signals)
        _say(_welcome(settings))
        while not stop_when_ready:
            _require_running(running, logs)
            time.sleep(kept.LOOK_SECONDS)
            try:
                signals.look()
            except StoppedError:
                _say("\nstopping")
                break
    finally:
        child.end_descendants(ALL_STOPPED_SECONDS, through_children=True)
    return 0


def _prepare(settings: Settings, asked: argparse.Namespace, signals: StopSignals, lock: int) -> None:
    def step(*command: str) -> None:
        if code := kept.run(command, signals, folder=ROOT, inherit=(lock,)):
            raise StepError(code)

    if asked.sample and not _has_deliveries(settings):
        step(sys.executable, "-m", "seeds.sample_bank")
    if asked.refresh:
        step(sys.executable, "-m", "orchestration.refresh")
    with suppress(RefreshRunningError), refresh_lock(settings):
        for said in releases.repair(settings):
            _say(said)
    if releases.current(settings) is None:
        raise ServeError("nothing is published yet; run `make refresh` first")
    step(str(SUPERSET_PYTHON), str(ROOT / "superset" / "provision.py"))
    step(sys.executable, "-m", "orchestration.manifest")


def _start(settings: Settings, logs: Path, lock: int) -> dict[str, subprocess.Popen[bytes]]:
    # Imported late: it brings Dagster with it, and a call that cannot serve answers at once.
    from orchestration.dagster_support import dagster_home

    dagster_home.prepare(settings)
    dagster = str(Path(sys.executable).parent / "dagster")
    module = ["-m", "orchestration.definitions"]
    commands = {
        "superset": [str(SUPERSET_PYTHON), str(ROOT / "superset" / "serve.py")],
        "dagster-ui": [f"{dagster}-webserver", *module, "-h", LOOPBACK, "-p", str(settings.dagster_port)],
        "dagster-daemon": [f"{dagster}-daemon", "run", *module],
    }
    running = {}
    for name, command in commands.items():
        # Dagster's servers import us; Superset must not: our superset folder would shadow its package.
        environment = {**os.environ, **({"PYTHONPATH": str(ROOT)} if name.startswith("dagster") else {})}
        with (logs / f"{name}.log").open("ab") as log:
            running[name] = kept.start(
                command, STOP_SECONDS, folder=ROOT, environment=environment, log=log, inherit=(lock,)
            )
    return running


def _await(
    running: dict[str, subprocess.Popen[bytes]], settings: Settings, logs: Path, signals: StopSignals
) -> None:
    superset, dagster = _addresses(settings)
    waiting = {"superset": f"{superset}/health", "dagster-ui": dagster}
    deadline = time.monotonic() + READY_SECONDS
    while waiting:
        for name, address in list(waiting.items()):
            if running[name].poll() is not None or time.monotonic() > deadline:
                raise ServeError(f"{name} did not start; see {logs / name}.log")
            if _answers(address):
                del waiting[name]
            signals.look()
        time.sleep(kept.LOOK_SECONDS)


def _require_running(running: dict[str, subprocess.Popen[bytes]], logs: Path) -> None:
    for name, server in running.items():
        if server.poll() is not None:
            raise ServeError(f"{name} has stopped; see {logs / name}.log")


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=2) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


@contextmanager
def _serving_alone(settings: Settings) -> Iterator[int]:
    """Hold the lock of this process; yields that of the servers, which outlive it a little when it is killed.

    Raises:
        HeldError: The home is served already; it says by whom.
    """
    superset, dagster = _addresses(settings)
    ours = f"process {os.getpid()}: dashboards {superset}, Dagster {dagster}"
    with (
        file_lock(settings.home / "serve.lock", holder=ours),
        file_lock(settings.home / "servers.lock", ALL_STOPPED_SECONDS + 5, holder=ours) as lock,
    ):
        yield lock


def _require_free_ports(settings: Settings) -> None:
    ports = {
        "CLIENTELE_SUPERSET_PORT": settings.superset_port,
        "CLIENTELE_DAGSTER_PORT": settings.dagster_port,
    }
    with ExitStack() as probes:
        for variable, port in ports.items():
            probe = probes.enter_context(socket.socket())
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the servers do
            try:
                probe.bind((LOOPBACK, port))
                probe.listen()
            except OSError as error:
                raise ServeError(
                    f"port {port} cannot be used ({error.strerror}); set {variable} to a free one"
                ) from error


def _addresses(settings: Settings) -> tuple[str, str]:
    return f"http://{LOOPBACK}:{settings.superset_port}", f"http://{LOOPBACK}:{settings.dagster_port}"


def _welcome(settings: Settings) -> str:
    superset, dagster = _addresses(settings)
    shown = releases.current(settings)
    assert shown is not None
    start = yaml.safe_load(START.read_text(encoding="utf-8"))["dashboard"]
    return (
        f"\nDashboards   {superset}/superset/dashboard/{start}/\n"
        f"Dagster      {dagster}\n"
        f"Logins       {settings.superset_home / 'logins.json'} (only you can read it)\n"
        f"Data as of   {shown.state.as_of}, release {shown.id}\n\n"
        "Ctrl-C stops everything."
    )


def _has_deliveries(settings: Settings) -> bool:
    return any(landing.deliveries(settings, contract) for contract in load_contracts().values())


def _say(text: str) -> None:
    # A terminal that was closed cannot be told, and what it does not hear must not keep us from stopping.
    with suppress(OSError):
        print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
