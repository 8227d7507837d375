"""Small state files: complete or absent, and never a reason to stop.

They are written aside and renamed. One that cannot be read (a full disk, an editor) counts as not there:
everything in them can be made again.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

UNFINISHED = ".*.unfinished"
"""Pattern of the names under which they are written."""


def write_text(file: Path, text: str) -> None:
    """Write a file in one step; readers see the old text or the new one."""
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_name(f".{file.name}.unfinished")
    with unfinished.open("w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    unfinished.replace(file)


def write_json(file: Path, content: Mapping[str, Any]) -> None:
    """Write a JSON object in one step."""
    write_text(file, json.dumps(content, indent=1, ensure_ascii=False))


def read_json(file: Path) -> dict[str, Any] | None:
    """Read a JSON object; None if the file is absent, cut off or not one."""
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return None
    return content if isinstance(content, dict) else None
