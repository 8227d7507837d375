"""What can be told from the text of the models: no clock, no business number, and words for everything."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from clientele.settings import ROOT

DBT = ROOT / "dbt_project"
MODELS = sorted((DBT / "models").rglob("*.sql"))
MARTS = DBT / "models" / "marts"

CLOCK = re.compile(
    r"\b(current_date|current_timestamp|current_time|localtimestamp|now|today|getdate|sysdate|utcnow)\b\s*(\(|\b)",
    re.IGNORECASE,
)

STRUCTURE = (
    (r"--[^\n]*", "a comment"),
    (r"\{#.*?#\}", "a comment"),
    (r"'[^'\d\n][^'\n]*'", "a name or a literal text; one that begins with a digit is looked at"),
    (r"\bref\([^)]*\)", "the name of a model"),
    (r"decimal\(\d+, ?\d+\)", "the precision of a type"),
    (r"[a-z]+_\d+[a-z_]*\b", "part of a column's name"),
    (r",\s*6\s*\)", "floats are rounded to six digits, so that the same input gives the same bytes"),
)

LONGEST, NINE_OF_TEN = 100, 90
"""Lines of a model."""
MOST_FILES = 12
"""Of a kind in a folder."""

ALLOWED = {"0", "0.0", "1", "1.0", "2", "100"}
"""Nothing, one, twice and per cent."""

ALLOWED_IN = {
    "int_rfm__cutpoints": {"3", "4", "5"},  # quintiles: four cuts make five scores
    "int_rfm__cuts": {"3", "4"},  # the four cuts
    "int_rfm__scores": {"3", "4"},  # the four cuts
    "int_lifecycle__conditions": {"12", "13"},  # the best month of a year; one more month to look back on
    "int_alerts__branch_quarters": {"3", "6"},  # months of one and two quarters
    "int_rfm__customers": {"000"},  # the cell of customers who are not scored
    "int_alerts__rule_versions": {"8"},  # characters of a version
    "int_complaints__measured": {"3600", "3600.0"},  # seconds of an hour
    "int_satisfaction__scores": {"4.0"},  # Wilson's formula
    "int_classes__rules": {"8"},  # characters of a version
}


@cache
def nodes(folder: Path) -> dict[str, dict[str, Any]]:
    """The models described below a folder, by name."""
    return {
        node["name"]: node
        for file in sorted(folder.rglob("*.yml"))
        for node in yaml.safe_load(file.read_text(encoding="utf-8")).get("models", [])
    }


def mart_columns() -> list[tuple[str, dict[str, Any]]]:
    return [(name, column) for name, node in nodes(MARTS).items() for column in node["columns"]]


@pytest.mark.parametrize(
    "file", [*MODELS, *sorted((DBT / "macros").rglob("*.sql"))], ids=lambda file: file.stem
)
def test_no_model_reads_the_wall_clock(file: Path) -> None:
    assert not CLOCK.search(file.read_text(encoding="utf-8"))


@pytest.mark.parametrize("text", ["current_date", "NOW()", "today()", "getdate()", "current_timestamp"])
def test_a_wall_clock_would_be_seen(text: str) -> None:
    assert CLOCK.search(f"select {text} as as_of_date")


def numbers(sql: str) -> set[str]:
    """The numbers of a model that are not structure."""
    for pattern, _ in STRUCTURE:
        sql = re.sub(pattern, " ", sql, flags=re.DOTALL)
    return set(re.findall(r"(?<![\w.])\d+(?:\.\d+)?(?![\w.])", sql))


@pytest.mark.parametrize("file", MODELS, ids=lambda file: file.stem)
def test_no_model_holds_a_business_number(file: Path) -> None:
    surplus = numbers(file.read_text(encoding="utf-8")) - ALLOWED - ALLOWED_IN.get(file.stem, set())
    assert not surplus, f"{file.name} holds {sorted(surplus)}; numbers people decide belong in seeds/policy/"


def test_every_exception_is_still_needed() -> None:
    by_name = {file.stem: file for file in MODELS}
    for name, allowed in ALLOWED_IN.items():
        assert allowed <= numbers(by_name[name].read_text(encoding="utf-8")), name


def test_a_business_number_would_be_seen() -> None:
    assert numbers("select case when aum_amount >= 500000 then 'vip_1' end -- 7") == {"500000"}
    assert numbers("cast(x as decimal(18, 2)), round(y * 0.4, 6)") == {"0.4"}
    assert numbers("interval '90 days'") == {"90"}


@pytest.mark.parametrize("file", MODELS, ids=lambda file: file.stem)
def test_every_model_says_what_a_row_is(file: Path) -> None:
    described = nodes(DBT / "models")
    assert file.stem in described, f"{file.name} has no YAML"
    assert described[file.stem]["description"].startswith("One row per "), file.name


def test_every_description_belongs_to_a_model() -> None:
    assert set(nodes(DBT / "models")) == {file.stem for file in MODELS}


def test_a_column_has_its_label_in_its_doc_block_alone() -> None:
    assert [f"{model}.{column['name']}" for model, column in mart_columns() if "meta" in str(column)] == []


def test_every_column_of_a_mart_takes_its_wording_from_its_doc_block() -> None:
    blocks = set(
        re.findall(r"\{% docs (\w+) %\}", (DBT / "models" / "columns.md").read_text(encoding="utf-8"))
    )
    for model, column in mart_columns():
        name = column["name"]
        assert name in blocks, f"{model}.{name} has no doc block in columns.md"
        assert column["description"] == f"{{{{ doc('{name}') }}}}", f"{model}.{name}"
    assert blocks <= {column["name"] for _, column in mart_columns()}, "a doc block describes no column"


def test_no_number_of_policy_stands_in_a_name_or_a_label() -> None:
    text = (DBT / "models" / "columns.md").read_text(encoding="utf-8")
    labels = re.findall(r"\{% docs \w+ %\}\n(.+)", text)
    assert labels
    named = [column["name"] for _, column in mart_columns()]
    assert [name for name in (*named, *labels) if re.search(r"\d", name)] == []


def test_a_model_is_a_page() -> None:
    lengths = {file.stem: len(file.read_text(encoding="utf-8").splitlines()) for file in MODELS}
    assert {name: length for name, length in lengths.items() if length > LONGEST} == {}
    assert sorted(lengths.values())[len(lengths) * 9 // 10] <= NINE_OF_TEN


@pytest.mark.parametrize("kind", ["sql", "yml"])
def test_a_folder_can_be_taken_in_at_a_glance(kind: str) -> None:
    found = Counter(file.parent for file in DBT.rglob(f"*.{kind}") if "target" not in file.parts)
    assert {str(folder): files for folder, files in found.items() if files > MOST_FILES} == {}


JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
TEXT = re.compile(r"\"([^\"]*)\"|'([^']*)'")
SQL = re.compile(r"[()+*/<>=]|(^|\s)-|\b(case|when|then|else|cast|coalesce|over|filter|select)\b")


def sql_in_texts(code: str) -> list[str]:
    """Texts in Jinja that hold an operator, a call or a word of SQL, so more than a name; types are names."""
    code = re.sub(r"\{#.*?#\}", "", code, flags=re.DOTALL)
    texts = (double or single for block in JINJA.findall(code) for double, single in TEXT.findall(block))
    return [text for text in texts if SQL.search(re.sub(r"decimal\(\d+, ?\d+\)", "decimal", text))]


@pytest.mark.parametrize(
    "file", [*MODELS, *sorted((DBT / "macros").rglob("*.sql"))], ids=lambda file: file.stem
)
def test_sql_stands_in_no_text(file: Path) -> None:
    assert sql_in_texts(file.read_text(encoding="utf-8")) == []


def test_sql_in_a_text_would_be_seen() -> None:
    assert sql_in_texts('{{ add_days("a.day", "1 - b.days") }}') == ["1 - b.days"]
    assert sql_in_texts("{{ money('case when ' ~ x ~ ' end') }}") == ["case when "]
    assert sql_in_texts('{{ add_days("a.day", -1) }} + {{ ref("x") }} -- "a + b"') == []
