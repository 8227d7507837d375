"""Columns whose codes are a closed list of policy: what is written is loaded as the code it stands for."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from clientele.contracts import Contract
from clientele.policy.delivered_codes import Spelling, spellings
from clientele.sql import literal, literals

_COMPARED = 20
"""Characters of a text that are compared with the spellings, to suggest one."""


@dataclass(frozen=True)
class CodeList:
    """A closed list on the business dates of a batch.

    Attributes:
        name: Its vocabulary.
        always: Spellings in force on all of the dates.
        sometimes: Spellings in force on some of them.
    """

    name: str
    always: tuple[Spelling, ...]
    sometimes: tuple[Spelling, ...]

    def code(self, text: str) -> str:
        """SQL of the code that a text stands for; null where it is not of the list.

        Nearly every text is a code of its own: the look-up of the others is not reached for it.
        """
        own = literals(spelling.code for spelling in self.always if spelling.written == spelling.code)
        written = literals(spelling.written for spelling in self.always)
        codes = literals(spelling.code for spelling in self.always)
        whens = " ".join(
            f"when upper({text}) = {literal(spelling.written)} "
            f"and business_date between date '{spelling.first}' and date '{spelling.last}' "
            f"then {literal(spelling.code)}"
            for spelling in self.sometimes
        )
        looked_up = f"[{codes}][enum_code(try_cast(upper({text}) as enum({written}))) + 1]"
        others = f"case {whens} else {looked_up} end" if whens else looked_up
        return f"case when {text} in ({own}) then {text} when {text} is not null then {others} end"

    def unknown(self, text: str) -> str:
        """SQL of what is wrong with a text that is not of the list."""
        near = f"damerau_levenshtein(word, upper(left({text}, {_COMPARED}))) = 1"
        found = f"list_filter([{literals(spelling.written for spelling in self.always)}], lambda word: {near})"
        hint = f"'; did you mean ' || nullif(array_to_string({found}[:3], ' or '), '') || '?'"
        said = literal(f" is not a {self.name} of delivered_codes.csv")
        return f"{said} || coalesce({hint}, '')"


def code_lists(contract: Contract, days: Collection[date]) -> dict[str, CodeList]:
    """The lists that the columns of a contract use, by name, on the business dates of a batch.

    Raises:
        PolicyError: A list is empty on one of the dates.
    """
    names = sorted({column.vocabulary for column in contract.columns if column.vocabulary})
    return {name: _code_list(name, days) for name in names}


def _code_list(name: str, days: Collection[date]) -> CodeList:
    found = spellings(name, days)
    whole = (min(days), max(days))
    always = tuple(spelling for spelling in found if (spelling.first, spelling.last) == whole)
    return CodeList(name, always, tuple(spelling for spelling in found if spelling not in always))
