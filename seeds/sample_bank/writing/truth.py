"""The labels of what was planted, and the arguments, beside the deliveries."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from seeds.sample_bank.arguments import Arguments
from seeds.sample_bank.basics.days import day_of
from seeds.sample_bank.customers.catalogue import PRODUCT_IDS
from seeds.sample_bank.customers.stories import Stories, Story
from seeds.sample_bank.writing.dirt import Planted
from seeds.sample_bank.writing.files import write_table

FOLDER = "_truth"
ARGUMENTS = "arguments.json"


def write_truth(arguments: Arguments, stories: Stories, planted: Sequence[Planted], landing: Path) -> None:
    """Write ``_truth/``: stories.csv, dirt.csv and arguments.json."""
    folder = landing / FOLDER
    folder.mkdir(parents=True)
    write_table(
        folder / "stories.csv",
        ("story", "subject_type", "subject_id", "starts_on", "ends_on", "note"),
        [
            (
                story.name,
                story.subject_type,
                _name(story),
                day_of(story.starts),
                day_of(story.ends),
                story.note,
            )
            for story in stories.planted
        ],
    )
    write_table(
        folder / "dirt.csv",
        ("entity", "business_date", "file", "line", "kind", "column_name"),
        [(line.entity, day_of(line.day), line.file, line.line, line.kind, line.column) for line in planted],
    )
    text = json.dumps(arguments.recorded(), indent=2, sort_keys=True)
    (folder / ARGUMENTS).write_text(f"{text}\n", encoding="utf-8")


def _name(story: Story) -> str:
    if story.subject_type == "branch":
        return f"B{1000 + story.subject}"
    if story.subject_type == "product":
        return PRODUCT_IDS[story.subject]
    return f"C{100_000_000 + story.subject}"
