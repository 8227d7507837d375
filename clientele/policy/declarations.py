"""What the policy files must look like, as the dbt YAML beside them declares it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from clientele.policy.problems import PolicyError, shown
from clientele.settings import ROOT

POLICY = ROOT / "seeds" / "policy"
DATES = ("effective_from", "effective_to")

_TYPE = re.compile(r"varchar|integer|boolean|date|decimal\([0-9]+,[0-9]+\)")
_SEED_META = {
    "optional", "gapless", "exceptions", "every", "every_year", "units", "parameters", "first_match",
}  # fmt: skip
_COLUMN_META = {"pattern", "minimum", "format", "vocabulary"}


@dataclass(frozen=True)
class PolicyColumn:
    """One column of a policy file.

    Attributes:
        name: As in the header.
        type: varchar, integer, boolean, date or decimal(p,s).
        required: Every row needs a value.
        allowed: The closed list of values; empty means any.
        pattern: Regular expression that a value must match as a whole.
        minimum: Smallest allowed number.
        format: ``entity`` (a contracted entity or ``*``) or ``regular expression`` (RE2).
        vocabulary: Vocabulary of ``labels.csv`` whose codes are allowed.
    """

    name: str
    type: str
    required: bool
    allowed: tuple[str, ...] = ()
    pattern: str | None = None
    minimum: int | None = None
    format: str | None = None
    vocabulary: str | None = None


@dataclass(frozen=True)
class FirstMatch:
    """How the rows of a file are rules, of which the first that holds decides.

    Attributes:
        among: Columns that say whom a rule is about; each value needs a complete set of rules on every day.
        named: Column with the name of the set.
        rank: Column with the order of the rules, counted from 1.
        catch_all: Column and value of the rule that always holds.
    """

    among: tuple[str, ...]
    named: str
    rank: str
    catch_all: tuple[str, str]


@dataclass(frozen=True)
class Seed:
    """One policy file.

    Attributes:
        name: Name of the file without its ending.
        columns: In the order of the header.
        key: Columns that say what a row is about.
        is_gapless: From the first row of a key until the last one ends, some row is in force on every day.
        exceptions: Column that narrows the days of a row; rows with a value in it, and rows of a
            single day, override the others.
        every: Column whose allowed values must all have a row with the values of ``among``.
        among: See ``every``.
        every_year: Date column that needs a row in every year from its first to its last.
        units: Type of a value in a unit, for the file of parameters.
        parameters: Unit of each (topic, parameter) that the project reads, for the file of parameters.
        first_match: How the rows are rules, for a file of rules.
    """

    name: str
    columns: tuple[PolicyColumn, ...]
    key: tuple[str, ...]
    is_gapless: bool = False
    exceptions: str | None = None
    every: str | None = None
    among: Mapping[str, str | None] = field(default_factory=dict)
    every_year: str | None = None
    units: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[tuple[str, str], str] = field(default_factory=dict)
    first_match: FirstMatch | None = None

    @property
    def header(self) -> tuple[str, ...]:
        """Names of the columns."""
        return tuple(column.name for column in self.columns)

    @property
    def has_periods(self) -> bool:
        """Whether rows are in force from a day on."""
        return DATES[0] in self.header

    def column(self, name: str) -> PolicyColumn:
        """The column of a name."""
        return next(column for column in self.columns if column.name == name)


def declared(folder: Path) -> Mapping[str, Seed]:
    """The files that the YAML of a folder declares, by name.

    Raises:
        PolicyError: A declaration is malformed.
    """
    files = sorted(folder.rglob("*.yml"))
    return _declared(tuple((file, file.stat().st_mtime_ns, file.stat().st_size) for file in files))


@lru_cache(maxsize=8)
def _declared(stamps: tuple[tuple[Path, int, int], ...]) -> Mapping[str, Seed]:
    found: dict[str, Seed] = {}
    problems = []
    for file, _, _ in stamps:
        try:
            seeds = yaml.safe_load(file.read_text(encoding="utf-8"))["seeds"]
        except (yaml.YAMLError, UnicodeDecodeError, KeyError, TypeError) as error:
            raise PolicyError(f"{shown(file)}: cannot be read as dbt YAML of seeds: {error}") from error
        for seed in seeds:
            wrong = list(_problems(seed))
            problems += [f"{shown(file)}, seed {seed.get('name')}: {problem}" for problem in wrong]
            if not wrong:
                found[seed["name"]] = _seed(seed)
    if problems:
        raise PolicyError(*problems)
    return found


def _problems(seed: dict[str, Any]) -> Iterator[str]:
    types = seed.get("config", {}).get("column_types", {})
    meta = seed.get("config", {}).get("meta", {})
    if not types:
        yield "declares no column_types; name every column with its type"
    for name, kind in types.items():
        if not _TYPE.fullmatch(kind):
            yield f"column {name} has the type {kind}; valid: varchar, integer, boolean, date, decimal(p,s)"
    if not _key(seed):
        yield "has no test unique_combination; it says what a row is about"
    if unknown := set(meta) - _SEED_META:
        yield f"meta knows no {', '.join(sorted(unknown))}; valid: {', '.join(sorted(_SEED_META))}"
    named = {column["name"]: column.get("config", {}).get("meta", {}) for column in seed.get("columns", [])}
    for name, said in named.items():
        if unknown := set(said) - _COLUMN_META:
            valid = ", ".join(sorted(_COLUMN_META))
            yield f"meta of {name} knows no {', '.join(sorted(unknown))}; valid: {valid}"
    for name in {*named, *meta.get("optional", []), *_key(seed)} - set(types):
        yield f"column {name} has no type in column_types"


def _seed(seed: dict[str, Any]) -> Seed:
    meta = seed["config"].get("meta", {})
    columns = {column["name"]: column for column in seed.get("columns", [])}
    every = meta.get("every", {})
    return Seed(
        name=seed["name"],
        columns=tuple(
            PolicyColumn(
                name=name,
                type=kind,
                required=name not in meta.get("optional", []),
                allowed=_allowed(columns.get(name, {})),
                **columns.get(name, {}).get("config", {}).get("meta", {}),
            )
            for name, kind in seed["config"]["column_types"].items()
        ),
        key=_key(seed),
        is_gapless=meta.get("gapless", False),
        exceptions=meta.get("exceptions"),
        every=every.get("column"),
        among=every.get("among", {}),
        every_year=meta.get("every_year"),
        units=meta.get("units", {}),
        parameters={
            (topic, parameter): unit
            for topic, named in meta.get("parameters", {}).items()
            for parameter, unit in named.items()
        },
        first_match=_first_match(meta.get("first_match")),
    )


def _first_match(said: dict[str, Any] | None) -> FirstMatch | None:
    if said is None:
        return None
    ((column, value),) = said["catch_all"].items()
    return FirstMatch(tuple(said["among"]), said["named"], said["rank"], (column, value))


def _key(seed: dict[str, Any]) -> tuple[str, ...]:
    columns = _arguments(seed, "unique_combination").get("columns", [])
    return tuple(column for column in columns if column not in DATES)


def _allowed(column: dict[str, Any]) -> tuple[str, ...]:
    return tuple(_arguments(column, "accepted_values").get("values", []))


def _arguments(node: dict[str, Any], test: str) -> dict[str, Any]:
    for found in node.get("data_tests", []):
        if isinstance(found, dict) and test in found:
            arguments: dict[str, Any] = found[test]["arguments"]
            return arguments
    return {}
