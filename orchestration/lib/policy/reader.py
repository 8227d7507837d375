"""The one reader of ``seeds/policy``: a file is right, or an error lists all that is wrong."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path

from orchestration.lib.policy.declarations import POLICY, Seed, declared
from orchestration.lib.policy.numbered import Numbered, Row
from orchestration.lib.policy.problems import PolicyError, Problem, messages, shown
from orchestration.lib.policy.rules import problems_between
from orchestration.lib.policy.text import fields_of
from orchestration.lib.policy.values import Value, Vocabularies, WrongValueError, typed
from orchestration.settings import ROOT

_CONTRACTS = ROOT / "expectations" / "contracts"
_LABELS = "labels"

_Stamps = tuple[tuple[str, int, int], ...]


def check(folder: Path = POLICY) -> None:
    """Check every policy file of a folder.

    Raises:
        PolicyError: Something is wrong; it lists all problems of all files.
    """
    read(folder)


def read(folder: Path = POLICY) -> Mapping[str, tuple[Row, ...]]:
    """The typed rows of every file, by its name without the ending.

    Args:
        folder: Folder of the CSV files and of the YAML that declares them.

    Returns:
        The rows in the order of the file; an empty optional field is None.

    Raises:
        PolicyError: Something is wrong; it lists all problems of all files.
    """
    found: dict[str, tuple[Row, ...]] = {}
    problems: list[str] = []
    for name in sorted({file.stem for file in folder.glob("*.csv")} | set(declared(folder))):
        try:
            found[name] = rows(name, folder)
        except PolicyError as error:
            problems += error.problems
    if problems:
        raise PolicyError(*problems)
    return found


def rows(name: str, folder: Path = POLICY) -> tuple[Row, ...]:
    """The typed rows of one file.

    Args:
        name: Name of the file without its ending.
        folder: Folder of the file and of the YAML that declares it.

    Returns:
        The rows in the order of the file; an empty optional field is None.

    Raises:
        PolicyError: The file is missing, undeclared or malformed; it lists all problems of it.
    """
    file = folder / f"{name}.csv"
    if name not in declared(folder):
        raise PolicyError(f"{shown(file)}: the YAML beside it declares no seed {name}; declare it")
    if not file.is_file():
        raise PolicyError(f"{shown(file)}: is missing, but declared in the YAML beside it")
    found, problems = _checked(name, folder, _stamps(folder, file))
    if problems:
        raise PolicyError(*problems)
    return found


def in_force(name: str, on: date, folder: Path = POLICY) -> list[Row]:
    """The rows of a file that are in force on a day.

    Raises:
        PolicyError: The file is malformed.
    """
    return [
        row
        for row in rows(name, folder)
        if row["effective_from"] <= on and (row["effective_to"] is None or on <= row["effective_to"])
    ]


def parameter(topic: str, name: str, on: date, folder: Path = POLICY) -> str:
    """The value of a parameter in force on a date.

    Args:
        topic: Topic of the parameter.
        name: Name of the parameter.
        on: The date.
        folder: Folder with ``policy_parameters.csv``.

    Returns:
        The value as written.

    Raises:
        PolicyError: The file is malformed, or no row is in force on that date.
    """
    for row in in_force("policy_parameters", on, folder):
        if (row["topic"], row["parameter"]) == (topic, name):
            return str(row["value"])
    file = shown(folder / "policy_parameters.csv")
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


@lru_cache(maxsize=256)
def _checked(name: str, folder: Path, _stamps: _Stamps) -> tuple[tuple[Row, ...], tuple[str, ...]]:
    """The rows of a file, and what is wrong with them."""
    file, seed = folder / f"{name}.csv", declared(folder)[name]
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
    against = [*sorted(folder.glob("*.yml")), folder / f"{_LABELS}.csv"]
    return tuple(
        (str(path), path.stat().st_mtime_ns, path.stat().st_size)
        for path in (file, *against)
        if path.exists()
    )


def _vocabularies(seed: Seed, folder: Path) -> Vocabularies:
    """The values that columns of a file refer to; what is wrong with the labels is said of the labels."""
    found: Vocabularies = {}
    if any(column.format == "entity" for column in seed.columns):
        found["entity"] = ("*", *sorted(file.stem for file in _CONTRACTS.glob("*.yml")))
    for column in seed.columns:
        if column.vocabulary:
            try:
                labels = rows(_LABELS, folder)
            except PolicyError:
                labels = ()
            codes = (row["code"] for row in labels if row["vocabulary"] == column.vocabulary)
            found[column.vocabulary] = tuple(dict.fromkeys(codes))
    return found
