"""Failures in words that say what to do; the rest goes to a log."""

from __future__ import annotations

import re
import traceback
from contextlib import suppress
from datetime import UTC, datetime

from clientele.settings import Settings
from orchestration import releases

_FULL = re.compile(
    r"no space left|disk i/o error|disk (is )?full|disk quota|file too large|database or disk is full", re.I
)
_DENIED = re.compile(
    r"permission denied|read-only file system|operation not permitted|readonly database", re.I
)
_MEMORY = re.compile(r"out of memory|could not allocate|failed to allocate", re.I)
_VANISHED = re.compile(r"no such file or directory|no files found that match|cannot open file", re.I)
_PLACE = re.compile(r"[\"'](/[^\"']+)[\"']")


def advice(settings: Settings, message: str) -> str:
    """What to do about a failure of the machine, from its message; empty for other failures.

    Libraries report the same failure as errors of many classes, and dbt as text, so the message decides.
    """
    found = _PLACE.search(message)
    place = found[1] if found else str(settings.home)
    if _FULL.search(message):
        return f"the disk is full at {place}: free space below {settings.home}, then run the refresh again"
    if _DENIED.search(message):
        return (
            f"{place} may not be read or written by this user: give access to it, then run the refresh again"
        )
    if _MEMORY.search(message):
        return (
            "not enough memory: close other programs or lower CLIENTELE_MEMORY_GB, then run the refresh again"
        )
    if _VANISHED.search(message):
        return f"{place} has disappeared: put it back if it was a delivery, then run the refresh again"
    return ""


def explained(settings: Settings, error: BaseException) -> str:
    """One message for an error that ended a command; the traceback of an unknown one goes to a log."""
    message = _said(error)
    if said := advice(settings, message):
        return said
    if type(error).__module__.startswith(("clientele.", "orchestration.", "expectations.", "seeds.")):
        return message
    log = settings.home / "logs" / "errors.log"
    with suppress(OSError):  # the log must not hide the failure
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a", encoding="utf-8") as file:
            file.write(
                f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC\n{''.join(traceback.format_exception(error))}\n"
            )
    first = message.partition("\n")[0] or "no message"
    return f"{type(error).__name__}: {first}; details are in {log}"


def still_shown(settings: Settings) -> str:
    """Which release readers still see after a failure."""
    shown = releases.current(settings)
    if shown is None:
        return "nothing is published yet"
    return f"readers still see release {shown.id}, data as of {shown.state.as_of}"


def _said(error: BaseException) -> str:
    """The message of an error with those of its causes; Dagster and SQLAlchemy wrap what matters."""
    messages = []
    link: BaseException | None = error
    while link is not None:
        messages.append(str(link).strip())
        link = link.__cause__ or link.__context__
    return "\n".join(dict.fromkeys(filter(None, messages)))
