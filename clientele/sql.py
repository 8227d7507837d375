"""Names, strings and files, quoted for SQL."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path


def identifier(name: str) -> str:
    """A SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def identifiers(names: Iterable[str]) -> str:
    """SQL identifiers, separated by commas."""
    return ", ".join(identifier(name) for name in names)


def literal(text: object) -> str:
    """A SQL string."""
    return "'" + str(text).replace("'", "''") + "'"


def literals(texts: Iterable[object]) -> str:
    """SQL strings, separated by commas."""
    return ", ".join(literal(text) for text in texts)


def files_like(folder: Path, pattern: str) -> str:
    """A SQL string that names files to read: a folder, taken literally, and a pattern below it."""
    escaped = re.sub(r"[\[*?]", r"[\g<0>]", str(folder))
    return literal(f"{escaped}/{pattern}")


def files(paths: Iterable[Path]) -> str:
    """A SQL list of files to read, each taken literally."""
    return "[" + ", ".join(files_like(path.parent, path.name) for path in paths) + "]"
