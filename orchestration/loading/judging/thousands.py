"""Amounts such as ``12.000``: twelve with three decimals, or twelve thousand as German and Indonesian exports write it.

The column of the file decides. Where another of its values has more than three digits before the point, or none but
zero, the point groups nothing and such values are decimals; else they are rejected. Only columns with fewer than three
decimals are in doubt: in a rate of eight, ``1.230`` is an ordinary value.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from clientele.contracts import Column, Contract
from clientele.sql import identifier, literal

_GROUP = 3
"""Digits between separators of thousands."""
_GROUPED = rf"[+-]?[1-9][0-9]{{0,2}}\.[0-9]{{{_GROUP - 1}}}0"
"""A value of one group: without a leading zero, and with a last zero, else it has too many decimals anyway."""


def doubts(contract: Contract, texts: Sequence[str]) -> str:
    """SQL of the columns of a row that may hold thousands, as bits by their position; null without any.

    Args:
        contract: The contract of the entity.
        texts: Columns of the delivered texts, in the order of the contract.
    """
    bits = [
        # Nearly every text has fewer decimals, and is spared the regular expression.
        f"case when {texts[number]}[-{_GROUP + 1}] = '.' "
        f"then case when regexp_full_match({texts[number]}, {literal(_GROUPED)}) then {1 << number} end end"
        for number, _ in _doubtful(contract)
    ]
    whole = " | ".join(f"coalesce({bit}, 0)" for bit in bits)
    return f"nullif(({whole})::bigint, 0)" if bits else "null::bigint"


def settle(engine: duckdb.DuckDBPyConnection, contract: Contract) -> None:
    """Reject the staged rows in doubt whose file does not show that its points are decimal points."""
    (found,) = engine.execute("select coalesce(bit_or(doubts), 0) from staged").fetchall()[0]
    for number, column in _doubtful(contract):
        if found & 1 << number:
            engine.execute(_rejected(column, f"doubts & {1 << number} <> 0"))


def _rejected(column: Column, in_doubt: str) -> str:
    value = identifier(column.name)
    whole = f"split_part(abs({value})::varchar, '.', 1)"
    decimals = f"{value}::decimal(38, {_GROUP})"
    shown = "the value" if column.classification == "C2" else f"'''' || {decimals}::varchar || ''''"
    thousands = f" may be thousands written with a point: no other {column.name} of the file has more than three digits before it"
    return f"""
        update staged set reason = {literal(column.name + ": ")} || {shown} || {literal(thousands)}
        where reason is null and {in_doubt} and file_id not in (
            select file_id from staged
            where (abs({value}) >= 1000 and contains(raw, {whole} || '.'))
                or (abs({value}) < 1 and contains(raw, abs({decimals})::varchar))
        )
    """


def _doubtful(contract: Contract) -> list[tuple[int, Column]]:
    return [
        (number, column)
        for number, column in enumerate(contract.columns)
        if column.type.startswith("decimal") and _scale(column) < _GROUP
    ]


def _scale(column: Column) -> int:
    return int(column.type[:-1].partition(",")[2])
