"""What the checks of the last refreshes found, as pages that need no script and no network.

``index.html`` lists the refreshes; the folder of each holds its page and, for other tools, what Great
Expectations wrote down (``validations.json``). Great Expectations draws pages of its own; D-40 says why not.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from html import escape
from pathlib import Path
from typing import Any

from clientele import state_files
from expectations.results import CheckResult, Status

INDEX = "index.html"
VALIDATIONS = "validations.json"
_SUMMARY = "summary.json"
_REMOVED = ".removed"
_STATUSES: tuple[Status, ...] = ("failed", "warned", "passed", "not_applicable")
"""Worst first, as on the pages."""
_GATES = {
    "gate_1": "Gate 1: what was loaded 装载检查",
    "dbt": "Models and their tests 模型检查",
    "gate_2": "Gate 2: what was to be published 发布检查",
}
_STYLE = """
body { font: 15px/1.5 system-ui, "Noto Sans CJK SC", sans-serif; color: #222; max-width: 75rem;
  margin: 2rem auto; padding: 0 1rem }
h1, h2 { font-weight: 600 } a { color: #1f5a92 }
table { border-collapse: collapse; width: 100%; margin-bottom: 2rem }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem; border-bottom: 1px solid #ddd;
  overflow-wrap: anywhere }
pre { margin: .3rem 0 0; white-space: pre-wrap; font-size: 13px }
.failed { color: #b3261e; font-weight: 600 } .warned { color: #8a5a00; font-weight: 600 }
.passed { color: #2e6b34 } .not_applicable { color: #777 }
"""


@dataclass(frozen=True)
class RefreshRecord:
    """A refresh and what its checks found; the time is UTC.

    Attributes:
        refresh_id: Identifier of the refresh.
        started_at: When it began.
        as_of: The date of its numbers; None when it ended before that was known.
        release_id: The release it published; None when it published none.
        results: The checks.
        validations: What Great Expectations wrote down, by stage.
    """

    refresh_id: str
    started_at: datetime
    as_of: date | None
    release_id: str | None
    results: Sequence[CheckResult]
    validations: Mapping[str, Sequence[Mapping[str, Any]]]

    @property
    def name(self) -> str:
        """Name of its folder; sorts by time."""
        return f"{self.started_at:%Y%m%d-%H%M%S}-{self.refresh_id[:8]}"


def write(folder: Path, record: RefreshRecord, kept: int) -> None:
    """Write the pages of a refresh and the list of all; the oldest refreshes beyond ``kept`` go.

    Args:
        folder: Where the pages are.
        record: The refresh.
        kept: How many refreshes stay.
    """
    own = folder / record.name
    # The summary comes last: a folder without one was cut off, and goes with the next refresh.
    state_files.write_json(own / VALIDATIONS, record.validations)
    state_files.write_text(own / INDEX, _page(record))
    state_files.write_json(own / _SUMMARY, _summary(record))
    _sweep(folder, kept)
    state_files.write_text(folder / INDEX, _index(folder))


def _sweep(folder: Path, kept: int) -> None:
    if (folder / _REMOVED).exists():
        shutil.rmtree(folder / _REMOVED)
    entries = sorted(entry for entry in folder.iterdir() if entry.is_dir())
    whole = [entry for entry in entries if state_files.read_json(entry / _SUMMARY)]
    for entry in entries:
        if entry not in whole[-kept:]:
            entry.rename(folder / _REMOVED)
            shutil.rmtree(folder / _REMOVED)


def _summary(record: RefreshRecord) -> dict[str, Any]:
    statuses = [result.status for result in record.results]
    return {
        "started_at": f"{record.started_at:%Y-%m-%d %H:%M} UTC",
        "as_of": str(record.as_of or ""),
        "release": record.release_id or "",
        **{status: statuses.count(status) for status in _STATUSES},
    }


def _index(folder: Path) -> str:
    rows = []
    for entry in sorted((entry for entry in folder.iterdir() if entry.is_dir()), reverse=True):
        said = state_files.read_json(entry / _SUMMARY) or {}
        published = said.get("release") or "not published 未发布"
        rows.append(
            [
                f'<a href="{escape(entry.name)}/{INDEX}">{escape(said.get("started_at", entry.name))}</a>',
                escape(said.get("as_of", "")),
                escape(published),
                *(_marked(status, str(said.get(status, ""))) for status in _STATUSES),
            ]
        )
    head = ["started 开始", "data as of 数据日期", "release 版本", *map(_words, _STATUSES)]
    return _document("Checks of the last refreshes 数据检查", _table(head, rows))


def _page(record: RefreshRecord) -> str:
    said = _summary(record)
    published = f"release {record.release_id}" if record.release_id else "nothing was published"
    parts = [
        f'<p><a href="../{INDEX}">all refreshes</a></p>',
        f"<p>Refresh {escape(record.refresh_id)}, data as of {said['as_of'] or 'no date'}: "
        f"{escape(published)}. "
        + ", ".join(_marked(status, f"{said[status]} {_words(status)}") for status in _STATUSES)
        + f'. For other tools: <a href="{VALIDATIONS}">{VALIDATIONS}</a>, by Great Expectations.</p>',
    ]
    for gate, title in _GATES.items():
        results = [result for result in record.results if result.gate == gate]
        if results:
            ordered = sorted(
                results, key=lambda item: (_STATUSES.index(item.status), item.entity, item.check_name)
            )
            head = ["", "table 表", "check 检查", "found 结果", "expected 要求"]
            parts += [f"<h2>{escape(title)}</h2>", _table(head, map(_row, ordered))]
    return _document(f"Checks of the refresh of {said['started_at']}", "\n".join(parts))


def _row(result: CheckResult) -> list[str]:
    examples = f"<pre>{escape(chr(10).join(result.examples))}</pre>" if result.examples else ""
    return [
        _marked(result.status, _words(result.status)),
        escape(result.entity),
        escape(result.check_name),
        escape(result.observed) + examples,
        escape(result.expected),
    ]


def _words(status: Status) -> str:
    return status.replace("_", " ")


def _marked(status: Status, text: str) -> str:
    return f'<span class="{status}">{escape(text)}</span>'


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; cells are HTML already."""
    lines = [f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows]
    names = "".join(f"<th>{escape(name)}</th>" for name in head)
    return f"<table>\n<tr>{names}</tr>\n{chr(10).join(lines)}\n</table>"


def _document(title: str, body: str) -> str:
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n"
        f"<body>\n<h1>{escape(title)}</h1>\n{body}\n</body>\n</html>\n"
    )
