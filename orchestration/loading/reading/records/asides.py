"""Lines of a table that are no records: headers, labels and types below them, totals.

They are named for what they are. Almost all lines are told from them by one look at one column, so that
the others need not be read as text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from clientele.contracts import Column, Contract
from orchestration.loading.reading.records.fields import split
from orchestration.loading.reading.records.layouts import Layout
from orchestration.loading.reading.records.trailing import without_trailing

AGAIN = "the header once more"
SECTION = "another header; the lines after it are read by it"
LABELS = "a line of labels, no record"
TYPES = "a line of types, no record"
TOTAL = "a line of totals, no record"

_TYPE = re.compile(
    r"(?:n?var)?(?:char|binary)2?|character varying|n?clob|blob|string|text|"
    r"date|datetime|time|timestamp(?:tz)?|bool(?:ean)?|bit|uuid|object|"
    r"decimal|numeric|number|money|(?:tiny|small|medium|big)?int(?:eger)?|int(?:16|32|64)|long|"
    r"double(?: precision)?|float(?:32|64)?|real"
)
_BETWEEN = re.compile(r"[\W_]+")
_SIZE = re.compile(r"\([^()]*\)")
_NUMBER = re.compile(r"[^\w\s]?\s*[-+(]?\s*[0-9][0-9,. ]*\)?\s*%?\s*[^\W\d]{0,4}")
_DAY = re.compile(r"[0-9]{4}[-/.年]?[0-9]{1,2}[-/.月]?(?:[0-9]{1,2}日?)?(?:[ T][0-9:.]+)?")
BELOW = 2
"""Lines below a header that may explain it."""


@dataclass(frozen=True)
class Asides:
    """Tells lines that are no records.

    Attributes:
        contract: The contract of the file.
        totals: Words that begin a line of totals, as policy has them.
        section: The layout below a header of these names, in this line, after lines of another layout; an
            error where it does not fit the contract.
    """

    contract: Contract
    totals: Sequence[str]
    section: Callable[[Sequence[str], int, Layout], Layout]

    def suspects(self, columns: Sequence[pa.Array], raw: pa.Array, layout: Layout) -> npt.NDArray[np.int64]:
        """The lines that ``told`` has to look at.

        Args:
            columns: Their fields, those of ``layout.used``.
            raw: The lines.
            layout: Their layout.
        """
        if not len(raw):
            return np.array([], np.int64)
        kept = [
            column
            for column in zip(self.contract.columns, layout.positions, strict=True)
            if column[1] is not None
        ]
        values = {column.name: texts for (column, _), texts in zip(kept, columns, strict=True)}
        found = np.zeros(len(raw), bool)
        for column in self.contract.columns:
            if column.required and values[column.name].null_count:
                found |= values[column.name].is_null().to_numpy(zero_copy_only=False)
        if self._probe:
            found |= _begins(values[self._probe.name], _NOT_DIGITS)
        else:
            for name in self.contract.key[:1]:
                found |= _begins(values[name], self._begins)
        places = np.flatnonzero(found)
        if len(places):
            words = pc.match_substring_regex(raw.take(pa.array(places)), self._pattern)
            places = places[words.to_numpy(zero_copy_only=False)]
        return places

    def told(self, text: str, number: int, layout: Layout, header: int) -> str | Layout | None:
        """What a line is if it is no record: the reason, or the layout of the section that it begins.

        Args:
            text: The line without its end.
            number: Its number.
            layout: By which it was read.
            header: The number of the header above.

        Raises:
            RefusedError: It is a header that does not fit the contract.
        """
        fields = [_bare(field) for field in split(text) or text.split(",")]
        filled = [field for field in fields if field]
        if not filled:
            return None
        names = [field.lower() for field in fields]
        if _most(filled, lambda field: field.lower() in self.contract.names):
            return AGAIN if without_trailing(names) == layout.names else self.section(fields, number, layout)
        if _is_types(text):
            return TYPES
        if _most(filled, lambda field: _named(field) in self._labels) and not any(map(_is_value, filled)):
            if self._in_order(fields, layout):
                return LABELS
            # An error: what follows would be read by the wrong order.
            return self.section(fields, number, layout)
        if number - header <= BELOW and (self._explains(fields, layout) or self._resembles(fields, layout)):
            return LABELS
        return TOTAL if self._is_total(fields, layout) else None

    @cached_property
    def _probe(self) -> Column | None:
        """A column that every file has, and whose values begin with a digit."""
        dates = [c for c in self.contract.columns if c.required and c.type in ("date", "timestamp")]
        return dates[0] if dates else None

    @cached_property
    def _labels(self) -> dict[str, set[str]]:
        """What a line of labels may call the columns: their business names, or their names in words."""
        found: dict[str, set[str]] = {}
        for column in self.contract.columns:
            for label in filter(None, (column.label, column.name)):
                found.setdefault(_named(label), set()).add(column.name)
        return found

    @cached_property
    def _words(self) -> frozenset[str]:
        return frozenset(_folded(word) for word in self.totals)

    @cached_property
    def _begins(self) -> npt.NDArray[np.bool_]:
        """By their first two bytes, the values that may be a word of these lines."""
        table = np.zeros(1 << 16, bool)
        for word in (*self._words, *self._labels, *_TYPE_WORDS):
            for cased in {word, word.upper(), word.title(), word.capitalize()}:
                start = (cased.encode() + b"\0")[:2]
                table[start[0] << 8 | start[1]] = True
        return table

    @cached_property
    def _pattern(self) -> str:
        """For lines with such a word anywhere; the blanks inside of words vary."""
        words = {*self._words, *(name.replace("_", "") for name in self._labels)}
        spaced = [r"[\W_]*".join(re.escape(character) for character in word) for word in sorted(words)]
        return f"(?i){'|'.join(spaced)}|^[^0-9]*$|(?:char|int|date|string|text)"

    def _in_order(self, fields: Sequence[str], layout: Layout) -> bool:
        """Whether the labels of a line stand where the columns are."""
        placed = zip(self.contract.columns, layout.positions, strict=True)
        called = {at: column.name for column, at in placed}
        return all(
            called.get(at) in self._labels[_named(field)]
            for at, field in enumerate(fields)
            if _named(field) in self._labels
        )

    def _resembles(self, fields: Sequence[str], layout: Layout) -> bool:
        """Whether most fields share most of their characters with the business names of their columns."""
        if len(fields) != layout.width or any(character.isdigit() for field in fields for character in field):
            return False
        placed = zip(self.contract.columns, layout.positions, strict=True)
        pairs = [(set(c.label), set(fields[at])) for c, at in placed if at is not None and fields[at]]
        alike = sum(len(one & other) * 2 >= max(len(one), len(other)) for one, other in pairs)
        return alike >= 2 and alike * 2 >= len(pairs)

    def _explains(self, fields: Sequence[str], layout: Layout) -> bool:
        """Whether a line fills the required columns, with words where numbers, dates and codes are."""
        if len(fields) != layout.width or any(character.isdigit() for field in fields for character in field):
            return False
        placed = list(zip(self.contract.columns, layout.positions, strict=True))
        typed = [
            c for c, at in placed if at is not None and c.type not in ("varchar", "boolean") and fields[at]
        ]
        filled = all(fields[at] for c, at in placed if c.required and at is not None)
        # One code of the contract, such as a currency, makes it a record with wrong numbers.
        return (
            bool(typed) and filled and not any(_is_code(c, fields[at]) for c, at in placed if at is not None)
        )

    def _is_total(self, fields: Sequence[str], layout: Layout) -> bool:
        filled = [field for field in fields if field]
        rest = [field for field in filled if not _is_value(field)]
        if not rest or not self._is_total_word(rest[0]):
            return False
        if len(fields) != layout.width:
            return True
        placed = zip(self.contract.columns, layout.positions, strict=True)
        lacks = any(column.required and at is not None and not fields[at] for column, at in placed)
        # A record may hold such a word behind its key, as the name of a company.
        return lacks or (len(rest) == 1 and rest[0] == filled[0])

    def _is_total_word(self, field: str) -> bool:
        folded = _folded(field)
        if folded in self._words:
            return True
        begun = [word for word in self._words if folded.startswith(word)]
        # Without a colon only in Chinese, where no key looks like that.
        return any(
            _NUMBER.fullmatch(folded[len(word) :].removeprefix(":"))
            for word in begun
            if folded[len(word)] == ":" or not word.isascii()
        )


_TYPE_WORDS = (
    "varchar", "nvarchar", "char", "string", "text", "date", "datetime", "timestamp", "decimal", "numeric",
    "number", "int", "integer", "bigint", "double", "float", "boolean", "object",
)  # fmt: skip
_NOT_DIGITS = np.isin(np.arange(1 << 16) >> 8, list(b"0123456789"), invert=True)


def _begins(column: pa.Array, table: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """By value, whether its first two bytes are among those of a table."""
    offsets = np.frombuffer(column.buffers()[1], np.int32)[column.offset : column.offset + len(column) + 1]
    data = np.frombuffer(column.buffers()[2] or b"", np.uint8)
    if not len(data):
        return np.zeros(len(column), bool)
    last = len(data) - 1
    starts, lengths = np.minimum(offsets[:-1], last), np.diff(offsets)
    first = data[starts].astype(np.uint16) << 8
    second = np.where(lengths > 1, data[np.minimum(starts + 1, last)], 0)
    begins: npt.NDArray[np.bool_] = table[first | second] & (lengths > 0)
    return begins


def _most(fields: Sequence[str], test: Callable[[str], bool]) -> bool:
    times = sum(map(test, fields))
    return times >= 2 and times * 2 >= len(fields)


def _is_code(column: Column, value: str) -> bool:
    if column.allowed:
        return value in column.allowed
    if column.type == "boolean":
        return value.lower() in ("true", "false", "yes", "no", "t", "f", "y", "n")
    return column.pattern is not None and bool(re.search(column.pattern, value))


def _is_value(field: str) -> bool:
    """Whether a field is a number or a day, as no label is."""
    return bool(_NUMBER.fullmatch(field) or _DAY.fullmatch(field))


def _is_types(text: str) -> bool:
    fields = [_bare(field).lower() for field in _SIZE.sub("", text.replace('"', "")).split(",")]
    filled = [field for field in fields if field]
    return len(filled) >= 2 and all(_TYPE.fullmatch(field) for field in filled)


def _named(label: str) -> str:
    return _BETWEEN.sub("_", label.strip().lower())


def _bare(field: str) -> str:
    return field.strip("\ufeff\u200b\u200e\u200f \t\u00a0\u3000").strip()


def _folded(text: str) -> str:
    """A word without what is written one way or another: case, width, blanks, a colon after it."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().replace("-", " ").split()).rstrip(":")
