"""Delivered text as staged rows: typed, judged by themselves, and finally in the form the lake holds."""

from __future__ import annotations

from clientele.contracts import Contract
from clientele.sql import identifier, identifiers, literal
from orchestration.loading.judging import column_rules, text_types


def staged(contract: Contract, source: str) -> str:
    """A query that types and judges records.

    Args:
        contract: The contract of the entity.
        source: Relation of ``streams.stream_schema``.

    Returns:
        SQL with ``file_id, business_date, line, raw, reason, waits_for`` and the typed contract columns;
        ``reason`` is null for an acceptable row, ``waits_for`` is set where the row itself is in order and
        others decide: those of another entity (reference), of another delivery (key) or of its own (line).
    """
    texts = [f"text_{number}" for number in range(len(contract.columns))]
    typed = [
        f"{text_types.typed(column, text)} as {identifier(column.name)}"
        for column, text in zip(contract.columns, texts, strict=True)
    ]
    reasons = [
        column_rules.reason(column, text) for column, text in zip(contract.columns, texts, strict=True)
    ]
    return f"""
        with typed as (
            select file_id, business_date, line, raw, malformed, {", ".join(texts)}, {", ".join(typed)}
            from {source}
        )
        select file_id, business_date, line, raw, {identifiers(contract.names)},
            coalesce(malformed, {", ".join(reason for reason in reasons if reason)}) as reason,
            null::varchar as waits_for
        from typed
    """


def loaded_rows(contract: Contract) -> str:
    """A query of the accepted rows, as they lie in the lake, with ``file_id`` to order them."""
    return f"""
        select file_id, staged.business_date, {identifiers(contract.names)},
            files.file as source_file, line as source_line
        from staged join files using (file_id)
        where reason is null
    """


def rejected_rows(contract: Contract) -> str:
    """A query of the rejected rows, as they lie in the lake, with ``file_id`` to order them."""
    return f"""
        select file_id, staged.business_date, {literal(contract.name)} as entity, files.file, line,
            case when contains(reason, ': ') then split_part(reason, ': ', 1) end as column_name,
            reason, rtrim(raw, chr(10)) as raw_text
        from staged join files using (file_id)
        where reason is not null
    """


def waiting_rows(contract: Contract) -> str:
    """A query of the rejected rows that another delivery may heal, typed, with ``file_id`` to order them."""
    return f"""
        select file_id, staged.business_date, {identifiers(contract.names)},
            files.file as source_file, line as source_line, waits_for, reason
        from staged join files using (file_id)
        where waits_for is not null
    """
