"""Problems of a policy file, worded so that its owner can fix them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from clientele.settings import ROOT


class PolicyError(ValueError):
    """Policy is malformed, or has no value in force where one is needed.

    Attributes:
        problems: One message per problem; the text of the error has one per line.
    """

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong in a file.

    Attributes:
        line: Line in the file, the header being 1; 0 when it is the file as a whole.
        column: Name of the column; empty when it is the line as a whole.
        text: The value, why it is wrong and what is allowed.
    """

    line: int
    column: str
    text: str

    def at(self, file: Path) -> str:
        """The message with the place in front."""
        place = shown(file)
        if self.line:
            place += f" line {self.line}"
        if self.column:
            place += f", column {self.column}"
        return f"{place}: {self.text}"


def shown(file: Path) -> str:
    """A file as people know it: relative to the checkout when it is inside."""
    return str(file.relative_to(ROOT) if file.is_relative_to(ROOT) else file)


def messages(file: Path, problems: Iterable[Problem]) -> list[str]:
    """The messages of a file in the order of its lines."""
    return [problem.at(file) for problem in sorted(problems, key=lambda problem: problem.line)]
