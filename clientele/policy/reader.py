"""The one reader of ``seeds/policy``: a file is right, or an error lists all that is wrong.

Dated rows are handed out for a given day only: nobody can read them without naming one.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from clientele.contracts import contract_files
from clientele.policy.between_rows import problems_between
from clientele.policy.declarations import POLICY, Seed, declared
from clientele.policy.numbered import Numbered, Row
from clientele.policy.problems import PolicyError, Problem, messages, shown
from clientele.policy.text import fields_of
from clientele.policy.values import Value, Vocabularies, WrongValueError, typed

_LABELS = "labels"
_GATES = ("deliveries", "releases")
"""Folders with policy that decides what passes, not what a number is."""

_Stamps = tuple[tuple[str, int, int], ...]


@dataclass(frozen=True)
class DatedRows:
    """The dated rows of a file; they can only be read for a given day."""

    _rows: tuple[Row, ...]

    def on(self, day: date) -> list[Row]:
        """The rows that are in force on a day."""
        return [
            row
            for row in self._rows
            if row["effective_from"] <= day and (row["effective_to"] is None or day <= row["effective_to"])
        ]


def check(folder: Path = POLICY) -> dict[str, int]:
    """Check every policy file of a folder.

    Args:
        folder: Folder of the CSV files and of the YAML that declares them, or of folders of them.

    Returns:
        Number of rows, by file.

    Raises:
        PolicyError: Something is wrong; it lists all problems of all files.
    """
    return {name: len(found) for name, found in read(folder).items()}


def read(folder: Path = POLICY) -> Mapping[str, tuple[Row, ...]]:
    """The typed rows of every file, in force or not, by file name without the ending; for checks and tests.

    Raises:
        PolicyError: Something is wrong; it lists all problems of all files.
    """
    found: dict[str, tuple[Row, ...]] = {}
    problems: list[str] = []
    for name in sorted(set(csv_files(folder)) | set(declared(folder))):
        try:
            found[name] = _all_rows(name, folder)
        except PolicyError as error:
            problems += error.problems
    if problems:
        raise PolicyError(*problems)
    return found


def csv_files(folder: Path = POLICY) -> dict[str, Path]:
    """The policy files by name, wherever below the folder they lie."""
    return {file.stem: file for file in sorted(folder.rglob("*.csv"))}


def files_of_numbers() -> list[Path]:
    """The files that decide a number, not only what passes a gate."""
    return [file for file in csv_files().values() if file.relative_to(POLICY).parts[0] not in _GATES]


def rows(name: str, folder: Path = POLICY) -> tuple[Row, ...]:
    """The typed rows of a file whose rows always hold.

    Args:
        name: Name of the file without its ending.
        folder: Folder of the policy.

    Returns:
        The rows in the order of the file; an empty optional field is None.

    Raises:
        PolicyError: The file is missing, undeclared or malformed; it lists all problems of it.
        ValueError: Its rows are dated; use ``dated`` or ``in_force`` for those of a day.
    """
    found = _all_rows(name, folder)
    if declared(folder)[name].has_periods:
        raise ValueError(f"{name}.csv is dated: ask for the rows of a day")
    return found


def dated(name: str, folder: Path = POLICY) -> DatedRows:
    """The dated rows of a file.

    Raises:
        PolicyError: The file is missing, undeclared or malformed; it lists all problems of it.
    """
    return DatedRows(_all_rows(name, folder))


def in_force(name: str, on: date, folder: Path = POLICY) -> list[Row]:
    """The rows of a file that are in force on a day.

    Raises:
        PolicyError: The file is malformed.
    """
    return dated(name, folder).on(on)


def parameter(topic: str, name: str, on: date, folder: Path = POLICY) -> str:
    """The value of a parameter in force on a date.

    Args:
        topic: Topic of the parameter.
        name: Name of the parameter.
        on: The date.
        folder: Folder of the policy.

    Returns:
        The value as written.

    Raises:
        PolicyError: The file is malformed, or no row is in force on that date.
    """
    for row in in_force("policy_parameters", on, folder):
        if (row["topic"], row["parameter"]) == (topic, name):
            return str(row["value"])
    file = shown(_file("policy_parameters", folder))
    raise PolicyError(f"{file}: no row for {topic} / {name} in force on {on}; add one")


def line(name: str, values: Mapping[str, object], folder: Path = POLICY) -> str:
    """A line to add to a file.

    Args:
        name: Name of the file without its ending.
        values: Value of each column; columns without one stay empty.
        folder: Folder of the YAML that declares the file.

    Returns:
        The line without its end.

    Raises:
        PolicyError: The declaration is malformed.
    """
    text = io.StringIO()
    header = declared(folder)[name].header
    csv.writer(text, lineterminator="").writerow([values.get(column, "") for column in header])
    return text.getvalue()


def _file(name: str, folder: Path) -> Path:
    """Path of a file; beside the declarations of the folder when it is missing."""
    return csv_files(folder).get(name, folder / f"{name}.csv")


def _all_rows(name: str, folder: Path) -> tuple[Row, ...]:
    file = _file(name, folder)
    if name not in declared(folder):
        raise PolicyError(f"{shown(file)}: the YAML beside it declares no seed {name}; declare it")
    if not file.is_file():
        raise PolicyError(f"{shown(file)}: is missing, but declared in the YAML beside it")
    found, problems = _checked(name, folder, _stamps(folder, file))
    if problems:
        raise PolicyError(*problems)
    return found


@lru_cache(maxsize=256)
def _checked(name: str, folder: Path, _stamps: _Stamps) -> tuple[tuple[Row, ...], tuple[str, ...]]:
    """The rows of a file, and what is wrong with them."""
    file, seed = _file(name, folder), declared(folder)[name]
    fields, problems = fields_of(file, seed)
    vocabularies = _vocabularies(seed, folder)
    found = []
    for number, values in fields.items():
        row: dict[str, Value] = {}
        for column, field in zip(seed.columns, values, strict=True):
            try:
                row[column.name] = typed(field, column, vocabularies)
            except WrongValueError as error:
                problems.append(Problem(number, column.name, str(error)))
        if len(row) == len(seed.columns):
            found.append(Numbered(number, row))
    # A row that is not there would look like a gap, or like a parameter without a value.
    if not problems:
        problems += problems_between(seed, found)
    return tuple(numbered.row for numbered in found), tuple(messages(file, problems))


def _stamps(folder: Path, file: Path) -> _Stamps:
    """Changes with the file and with what it is checked against; a process may live for weeks."""
    against = [*sorted(folder.rglob("*.yml")), _file(_LABELS, folder)]
    return tuple(
        (str(path), path.stat().st_mtime_ns, path.stat().st_size)
        for path in (file, *against)
        if path.exists()
    )


def _vocabularies(seed: Seed, folder: Path) -> Vocabularies:
    """The values that columns of a file refer to; problems of the labels are reported for the labels."""
    found: Vocabularies = {}
    if any(column.format == "entity" for column in seed.columns):
        found["entity"] = ("*", *contract_files())
    for column in seed.columns:
        if column.vocabulary:
            try:
                labels = _all_rows(_LABELS, folder)
            except PolicyError:
                labels = ()
            codes = (row["code"] for row in labels if row["vocabulary"] == column.vocabulary)
            found[column.vocabulary] = tuple(dict.fromkeys(codes))
    return found
