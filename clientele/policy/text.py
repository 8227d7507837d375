"""The lines of a policy file as fields, or why they cannot be read.

A file is read line by line: a quote that is not closed spoils its own line and no other. Tolerated is
what dbt's loader reads the same: a byte order mark, Windows line ends, a last line without an end,
empty lines at the end and quotes that are not needed.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from clientele.policy.declarations import Seed
from clientele.policy.problems import Problem

BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"

Fields = dict[int, list[str]]
"""The fields of each line, by its number."""


def fields_of(file: Path, seed: Seed) -> tuple[Fields, list[Problem]]:
    """Split a file into fields.

    Args:
        file: The CSV file.
        seed: What it must look like.

    Returns:
        The fields of each line that has as many as the header, and what is wrong with the others.
    """
    text, problems = _text(file.read_bytes())
    if problems:
        return {}, problems
    lines = text.removeprefix(BOM).removesuffix("\n").split("\n")
    while len(lines) > 1 and not lines[-1]:
        lines.pop()
    header, *body = lines
    problems = list(_header_problems(header, seed))
    if problems:
        return {}, problems
    found: Fields = {}
    for number, line in enumerate(body, start=2):
        try:
            found[number] = _split(line, seed)
        except _LineError as error:
            problems.append(Problem(number, "", str(error)))
    return found, problems


class _LineError(Exception):
    """A line that cannot be split; the text says why."""


def _text(content: bytes) -> tuple[str, list[Problem]]:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        return "", [Problem(line, "", f"is not UTF-8{_guess(content)}; save the file as UTF-8")]
    unix = text.replace("\r\n", "\n")
    for character, what in (("\0", "a zero byte"), ("\r", "a carriage return without a line feed")):
        if character in unix:
            line = unix.partition(character)[0].count("\n") + 1
            return "", [Problem(line, "", f"holds {what}; save the file as CSV in UTF-8")]
    ends = [line.endswith("\r") for line in text.split("\n")[:-1]]
    if len(set(ends)) > 1:
        line = ends.index(not ends[0]) + 1
        return "", [Problem(line, "", "ends unlike the lines before; use one kind of line end in a file")]
    return unix, []


def _guess(content: bytes) -> str:
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return " but UTF-16"
    try:
        content.decode("gb18030")
    except UnicodeDecodeError:
        return ""
    return " but looks like GBK or GB18030"


def _header_problems(line: str, seed: Seed) -> Iterator[Problem]:
    expected = ",".join(seed.header)
    try:
        found = next(csv.reader([line], strict=True), [])
    except csv.Error:
        yield Problem(1, "", f"the header cannot be read; it must be {expected}")
        return
    for name in dict.fromkeys(name for name in found if found.count(name) > 1 and name):
        yield Problem(1, name, f"is in the header twice; the header must be {expected}")
    for name in seed.header:
        if name not in found:
            yield Problem(1, name, f"is missing in the header; the header must be {expected}")
    for name in dict.fromkeys(found):
        if name not in seed.header:
            what = f"{name!r} is not a column" if name else "a column without a name"
            yield Problem(1, "", f"{what}; the header must be {expected}")
    if sorted(found) == sorted(seed.header) and found != list(seed.header):
        yield Problem(1, "", f"the columns are in another order; the header must be {expected}")


def _split(line: str, seed: Seed) -> list[str]:
    if not line.strip(" \t,，"):
        raise _LineError("is empty; remove it" if not line else "has no values; remove it")
    # dbt's loader guesses what quotes and comments look like, from the beginnings of fields and lines.
    if line.startswith("#"):
        raise _LineError("begins with #, which dbt may take for a comment; a line must be a row")
    try:
        fields = next(csv.reader([line], strict=True))
    except csv.Error:
        raise _LineError(
            'has a quote that is not closed on the line; a value with , or " stands in quotes and doubles '
            "the quotes inside"
        ) from None
    if any(field.startswith("'") for field in fields):
        raise _LineError("has a value that begins with ', which dbt may take for a quote; write it without")
    if len(fields) != len(seed.header):
        hint = "; a Chinese comma ， is not a separator" if "，" in line else ""
        raise _LineError(
            f"has {len(fields)} fields instead of {len(seed.header)} ({','.join(seed.header)}){hint}; "
            "a value with a comma stands in quotes"
        )
    return fields
