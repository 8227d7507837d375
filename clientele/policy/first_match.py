"""What must hold between rules of which the first that holds decides.

On every day, everybody is decided about once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from clientele.policy.declarations import FirstMatch
from clientele.policy.numbered import Numbered, grouped
from clientele.policy.problems import Problem


def problems(rules: FirstMatch, rows: Sequence[Numbered]) -> Iterator[Problem]:
    """Problems of the rules of a file; each is reported once, for the first day on which it occurs."""
    for group in grouped(rows, lambda row: tuple(row[column] for column in rules.among)):
        about = " ".join(str(group[0].row[column]) for column in rules.among)
        told: set[tuple[int, str]] = set()
        for day in _days_of_change(group):
            for problem in _on(rules, about, day, group):
                if (problem.line, problem.column) not in told:
                    told.add((problem.line, problem.column))
                    yield problem


def _days_of_change(group: Sequence[Numbered]) -> list[date]:
    """The days on which another set of rules comes into force."""
    ends = {numbered.last + timedelta(days=1) for numbered in group if numbered.last < date.max}
    return sorted(ends | {numbered.first for numbered in group})


def _on(rules: FirstMatch, about: str, day: date, group: Sequence[Numbered]) -> Iterator[Problem]:
    found = sorted(
        (numbered for numbered in group if numbered.first <= day <= numbered.last),
        key=lambda numbered: int(numbered.row[rules.rank]),
    )
    column, value = rules.catch_all
    if not found:
        yield Problem(
            0, rules.rank, f"no rule for {about} in force from {day} on; add one with the {column} {value}"
        )
        return
    for rank, numbered in enumerate(found, start=1):
        if numbered.row[rules.rank] != rank:
            text = f"{about} has no rank {rank} in force from {day} on; ranks are counted without a gap"
            yield Problem(numbered.line, rules.rank, text)
            break
    for numbered in found:
        name, first = numbered.row[rules.named], found[0].row[rules.named]
        if name != first:
            text = f"{about} has two policies in force from {day} on, {first} and {name}; end one of them"
            yield Problem(numbered.line, rules.named, text)
            break
    for numbered in found[:-1]:
        if numbered.row[column] == value:
            text = f"{value} always holds, so no rule of {about} after it is reached; give it the last rank"
            yield Problem(numbered.line, column, text)
    if found[-1].row[column] != value:
        text = f"the last rule of {about} in force from {day} on may fail to hold; end with a rule of {value}"
        yield Problem(found[-1].line, column, text)
