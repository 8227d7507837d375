"""Counting what a command does to the files below its home, and killing it at one of these steps.

Python tells an audit hook about every file it opens for writing, renames or removes. What DuckDB and Arrow
write themselves it does not see, so their writing calls count as steps too. The count lies in shared memory:
a forked child, such as dbt, goes on counting. Standard library only: Superset's Python runs this as well.
"""

from __future__ import annotations

import mmap
import os
import re
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

STAGES = ("start", "history", "load", "records", "build", "publish", "prune", "rollback", "provision")
"""Parts of the work by what they write; history is Dagster's, records are ``lake/operations`` and pages."""
_FOLDERS = {
    "dagster": "history",
    "data_docs": "records",
    "lake": "load",
    "warehouse": "build",
    "dbt": "build",
    "serving": "publish",
    "superset": "publish",
}
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT
_PATH_OF = {  # which arguments of an event are the path and the folder it is relative to
    "os.rename": (1, 3), "os.mkdir": (0, 2), "os.rmdir": (0, 1), "os.remove": (0, 1), "os.symlink": (1, 2),
    "os.link": (1, 3), "os.chmod": (0, 2), "os.truncate": (0, None), "open": (0, None),
}  # fmt: skip
_STATEMENT = re.compile(r"(?:\s|/\*.*?\*/)*(\w+)", re.DOTALL)
_CHANGES = {"copy", "create", "insert", "delete", "update", "drop", "alter", "begin", "commit", "checkpoint"}


@dataclass(frozen=True)
class KillPoint:
    """The step before which to kill.

    Attributes:
        stage: One of ``STAGES``.
        step: Number of the step within the stage, from 1.
        victim: ``process`` kills who does the step (dbt, when it does), ``group`` all of the command.
    """

    stage: str
    step: int
    victim: str


class Steps:
    """Counts the steps of a command; create it before forking what shall be counted with it.

    Args:
        home: Files outside of it do not count.
        command: ``refresh`` has stages by folder; other commands are a stage of their own.
        log: Where to write one line per step, tab-separated: stage, event, path; nowhere when omitted.
        kill: Where to kill; nowhere when omitted.
    """

    def __init__(
        self, home: Path, command: str, log: Path | None = None, kill: KillPoint | None = None
    ) -> None:
        self._home = str(home) + os.sep
        self._command = command
        self._kill = kill
        self._log = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND) if log else None
        self._counts = memoryview(mmap.mmap(-1, 4 * len(STAGES))).cast("I")
        self.is_models = False
        """Whether this process is dbt."""

    def arm(self) -> None:
        """Begin to count in this process and in what it forks; there is no way back."""
        for name in ("duckdb", "pyarrow.parquet"):
            if name in sys.modules:
                self._wrap(name, sys.modules[name])
        sys.addaudithook(self._audit)

    def take(self, stage: str, event: str, path: str) -> None:
        """Count a step; does not return when it is the one to kill at."""
        number = STAGES.index(stage)
        self._counts[number] += 1
        if self._log is not None:
            os.write(self._log, f"{stage}\t{event}\t{path}\n".encode())
        kill = self._kill
        if kill and (stage, self._counts[number]) == (kill.stage, kill.step):
            # Nothing of Python runs after this: no finally, no flush, no exit handler.
            os.killpg(0, signal.SIGKILL) if kill.victim == "group" else os.kill(os.getpid(), signal.SIGKILL)

    def _audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        places = _PATH_OF.get(event)
        if places is None or (event == "open" and not arguments[2] & _WRITES):
            return
        path = _absolute(arguments[places[0]], arguments[places[1]] if places[1] is not None else -1)
        if path.startswith(self._home):
            inside = path[len(self._home) :]
            self.take(self._stage(inside, event), event, inside)

    def _stage(self, path: str, event: str) -> str:
        if self._command != "refresh":
            return self._command
        if path.startswith("lake/operations"):
            return "records"
        if path.startswith("serving/releases") and event in ("os.remove", "os.rmdir"):
            return "prune"
        return _FOLDERS.get(path.partition("/")[0], "start")

    def _statement(self, statement: object) -> None:
        found = _STATEMENT.match(str(statement)[:4000])
        word = found[1].lower() if found else ""
        if word == "copy":
            self.take("load", "duckdb", word)
        elif self.is_models and word in _CHANGES:
            self.take("build", "duckdb", word)
        elif word in _CHANGES and " main." in str(statement)[:100]:
            self.take("publish", "duckdb", word)

    def _wrap(self, name: str, module: Any) -> None:
        if name == "duckdb":
            connection = module.DuckDBPyConnection
            connection.execute = _announced(connection.execute, lambda call: self._statement(call[1]))
        else:
            module.write_table = _announced(
                module.write_table, lambda call: self._audit("open", (call[1], "w", os.O_WRONLY))
            )


def _announced(function: Callable[..., Any], tell: Callable[[tuple[Any, ...]], None]) -> Callable[..., Any]:
    def call(*arguments: Any, **named: Any) -> Any:
        if len(arguments) > 1:
            tell(arguments)
        return function(*arguments, **named)

    return call


def _absolute(path: Any, folder: int | None) -> str:
    if isinstance(path, int):
        return _opened(path)
    text = os.fsdecode(path)
    if text.startswith(os.sep):
        return text
    return f"{_opened(folder) if folder is not None and folder >= 0 else Path.cwd()}/{text}"


def _opened(descriptor: int) -> str:
    return str(Path(f"/proc/self/fd/{descriptor}").readlink())
