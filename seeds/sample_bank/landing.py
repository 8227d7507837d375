"""Brings a bank into the landing folder as a whole, or not at all."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

from seeds.sample_bank.arguments import Arguments, SampleBankError
from seeds.sample_bank.simulation import build
from seeds.sample_bank.writing.truth import ARGUMENTS, FOLDER


def fill_landing(arguments: Arguments, landing: Path, progress: Callable[[str], None]) -> bool:
    """Build the bank beside the landing folder and move it in.

    Args:
        arguments: What to build.
        landing: The landing folder; created if missing.
        progress: Receives a line of text now and then.

    Returns:
        False if exactly this bank is already there.

    Raises:
        SampleBankError: The folder holds another sample bank or deliveries of the same dates.
    """
    recorded = landing / FOLDER / ARGUMENTS
    if recorded.exists():
        if json.loads(recorded.read_text()) == arguments.recorded():
            progress(f"{landing} already holds this sample bank; nothing to do")
            return False
        raise SampleBankError(
            f"{landing} holds a sample bank of other arguments ({recorded}); "
            "choose another CLIENTELE_HOME or --landing, or delete that folder"
        )
    _refuse_delivered_days(arguments, landing)
    building = landing.with_name(f".{landing.name}.building")
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir(parents=True)
    build(arguments, building, progress)
    _move_in(building, landing)
    progress(f"the sample bank is in {landing}")
    return True


def _refuse_delivered_days(arguments: Arguments, landing: Path) -> None:
    first, last = str(arguments.first), str(arguments.last)
    for folder in sorted(landing.glob("*/*/")):
        if first <= folder.name <= last:
            raise SampleBankError(
                f"{folder} is already delivered; choose other dates, another CLIENTELE_HOME or --landing"
            )


def _move_in(building: Path, landing: Path) -> None:
    """Day by day into the folders of other deliveries; the truth last, as the sign of completeness."""
    landing.mkdir(parents=True, exist_ok=True)
    for folder in sorted(building.glob("*/*/")):
        target = landing / folder.parent.name
        target.mkdir(exist_ok=True)
        folder.replace(target / folder.name)
    (building / FOLDER).replace(landing / FOLDER)
    shutil.rmtree(building)
