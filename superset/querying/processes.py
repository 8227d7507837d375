"""DuckDB connections for Superset, each in a process of its own that can always be killed.

DuckDB has no limit of time, and some of its functions cannot be interrupted. So the web worker only
waits for an answer, and at the limit kills the process that works on it.
"""

from __future__ import annotations

import io
import os
import pickle
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import duckdb
import duckdb_engine
from sqlalchemy.dialects import registry

SERVER = Path(__file__).with_name("server.py")
PASSED_ON = ("TZ",)
NOWHERE = "/nonexistent"
PLAIN_VALUES = {
    "datetime": {"date", "datetime", "time", "timedelta", "timezone"},
    "decimal": {"Decimal"},
    "pytz": {"_UTC", "_p"},
    "uuid": {"UUID"},
}


class QueryEndedError(duckdb.OperationalError):
    """The process of the query is gone before it answered."""


class QueryServer:
    """Starts and ends processes through `server`; for one web worker, safe between its threads."""

    def __init__(self) -> None:
        """Start nothing yet: the server of a worker starts with its first query."""
        self._lock = threading.Lock()
        self._owner = 0

    def start(self, spill: str) -> tuple[int, Connection]:
        """Return the id of a new process and the channel to it; ``spill`` is where it may spill."""
        mine, theirs = socket.socketpair()
        with theirs:
            process = self._ask(f"start {spill}", [theirs.fileno()])
        return process, Connection(mine.detach())

    def kill(self, process: int) -> None:
        """End a process, whatever it is doing; nothing happens if it is gone."""
        self._ask(f"kill {process}")

    def _ask(self, message: str, channels: list[int] | None = None) -> int:
        with self._lock:
            # A forked worker must not speak through the socket of the process it was forked from.
            if self._owner != os.getpid() or self._process.poll() is not None:
                self._launch()
            socket.send_fds(self._control, [message.encode()], channels or [])
            answer = self._control.recv(64)
        if not answer:
            raise ConnectionResetError(f"{SERVER.name} has ended")
        return int(answer)

    def _launch(self) -> None:
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, str(SERVER), str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                env={name: os.environ[name] for name in PASSED_ON if name in os.environ},
                cwd="/",
                start_new_session=True,
            )
        self._owner = os.getpid()


class QueryConnection:
    """What `duckdb_engine` asks of a DuckDB connection, answered by the process of one query."""

    def __init__(self, process: int, channel: Connection, seconds: float, resources: ExitStack) -> None:
        """Speak to ``process`` for at most ``seconds``; closing ``resources`` ends it."""
        self.process = process
        self.description: Any = None
        self.rowcount = -1
        self._channel = channel
        self._seconds = seconds
        self._deadline = time.monotonic() + seconds
        self._resources = resources
        self._closed = False

    def connect(self, **arguments: Any) -> None:
        """Open the database; the arguments are those of ``duckdb.connect``, and ``yielding``."""
        self._call("connect", **arguments)

    def execute(self, statement: str, parameters: Any = None) -> None:
        """Run a statement."""
        self._call("execute", statement, parameters)

    def executemany(self, statement: str, parameters: Any = None) -> None:
        """Run a statement once for each set of parameters."""
        self._call("executemany", statement, parameters)

    def fetchone(self) -> Any:
        """Return the next row, or None."""
        return self._call("fetchone")

    def fetchmany(self, size: int = 1) -> Any:
        """Return up to ``size`` rows."""
        return self._call("fetchmany", size)

    def fetchall(self) -> Any:
        """Return the rows that are left."""
        return self._call("fetchall")

    def begin(self) -> None:
        """Begin a transaction."""
        self._call("begin")

    def commit(self) -> None:
        """Commit the transaction."""
        self._call("commit")

    def rollback(self) -> None:
        """Roll the transaction back; a process that was ended has nothing to roll back."""
        if not self._closed:
            self._call("rollback")

    def interrupt(self) -> None:
        """End the query."""
        self.close()

    def close(self) -> None:
        """End the process, whatever it is doing."""
        self._closed = True
        self._resources.close()

    def _call(self, name: str, *arguments: Any, **keywords: Any) -> Any:
        if self._closed:
            raise QueryEndedError("the connection is closed")
        try:
            answer = self._answer(pickle.dumps((name, arguments, keywords)))
        except (EOFError, ConnectionError) as error:
            self.close()
            raise QueryEndedError("The query was stopped, or ran out of memory.") from error
        except BaseException:
            self.close()  # an answer that is still on its way must not be taken for that of another call
            raise
        if answer[0]:
            _, value, description, self.rowcount = answer
            if name.startswith("execute"):
                self.description = description
            return value
        raise getattr(duckdb, answer[1], duckdb.Error)(answer[2])

    def _answer(self, message: bytes) -> tuple[Any, ...]:
        self._channel.send_bytes(message)
        if not self._channel.poll(max(0.0, self._deadline - time.monotonic())):
            raise QueryEndedError(
                f"Stopped after {self._seconds:g} s, the longest a query may take. "
                "Ask for fewer rows or a shorter period."
            )
        return load(self._channel.recv_bytes())


def load(answer: bytes) -> tuple[Any, ...]:
    """Return the answer of a query's process.

    Raises:
        pickle.UnpicklingError: It holds more than plain values, which could act here.
    """
    loaded: tuple[Any, ...] = _Unpickler(io.BytesIO(answer)).load()
    return loaded


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if name not in PLAIN_VALUES.get(module, ()):
            raise pickle.UnpicklingError(f"a query returned a {module}.{name}")
        return super().find_class(module, name)


class Dialect(duckdb_engine.Dialect):
    """`duckdb_engine`'s dialect, with each connection in a process of its own."""

    supports_statement_cache = False
    server = QueryServer()
    seconds = 60.0
    admit: Callable[[ExitStack], bool]

    def connect(self, *_: Any, **arguments: Any) -> Any:
        """Open the database in a new process.

        The configuration reaches DuckDB as it is; a setting that it does not know is an error.

        Raises:
            duckdb.Error: The database cannot be opened.
            Exception: What ``admit`` raises to refuse the query.
        """
        config = {**arguments.pop("config", {}), **arguments.pop("url_config", {})}
        resources = ExitStack()
        try:
            yielding = type(self).admit(resources)
            process, channel = self.server.start(config.get("temp_directory", NOWHERE))
            resources.callback(channel.close)
            resources.callback(self.server.kill, process)
            connection: Any = QueryConnection(process, channel, self.seconds, resources)
            connection.connect(yielding=yielding, config=config, **arguments)
        except BaseException:
            resources.close()
            raise
        return duckdb_engine.ConnectionWrapper(connection)


def install(seconds: float, admit: Callable[[ExitStack], bool]) -> None:
    """Let SQLAlchemy open ``duckdb://`` through this module.

    Args:
        seconds: How long a query may take, from connecting to closing.
        admit: Asked before each query. Says whether the query yields to others, puts what is to be done
            after it on the stack, or raises to refuse it.
    """
    Dialect.seconds = seconds
    Dialect.admit = staticmethod(admit)
    registry.register("duckdb", __name__, "Dialect")


def identity(process: int) -> str:
    """Return a name for a running process that no other process ever has."""
    # The 22nd field: when it started. Numbers come again, together with a time they do not.
    started = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[19]
    return f"{process}:{started}"


def stop(named: str) -> bool:
    """Kill the process of that `identity`; say whether it was still there."""
    process = int(named.partition(":")[0])
    try:
        if identity(process) != named:
            return False
        os.kill(process, signal.SIGKILL)
    except (FileNotFoundError, ProcessLookupError):
        return False
    return True
