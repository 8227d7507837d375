"""`make archive BEFORE=…`: move deliveries out of landing that are in the lake.

They stay deliveries: what is loaded or judged again is read from `archive/` as from `landing/`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import date

from clientele.contracts import load_contracts
from clientele.private import PrivateError, protect
from clientele.settings import Settings, SettingsError
from orchestration import lake
from orchestration.loading import landing
from orchestration.processes.refresh_lock import RefreshRunningError, refresh_lock
from orchestration.refreshes.failures import explained


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        arguments: Command line arguments; those of the process when omitted.

    Returns:
        0 when done, 1 when a folder could not be moved, 2 for a wrong call, 75 when a refresh is running.
    """
    parser = argparse.ArgumentParser(prog="make archive", description=__doc__)
    parser.add_argument("--before", type=date.fromisoformat, required=True, help="first date that stays")
    before = parser.parse_args(arguments).before
    try:
        settings = Settings.from_env()
        protect(settings)
    except (SettingsError, PrivateError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    try:
        with refresh_lock(settings):
            moved, left = archive(settings, before)
    except RefreshRunningError as error:
        print(f"error: {error}", file=sys.stderr)
        return 75
    except OSError as error:
        print(f"error: {explained(settings, error)}", file=sys.stderr)
        return 1
    print(f"moved {moved:,} deliveries before {before} to {settings.archive}")
    if left:
        print(f"left {left:,} that are not in the lake, or were refused; `make refresh` loads what is due")
    return 0


def archive(settings: Settings, before: date) -> tuple[int, int]:
    """Move the deliveries before a date that the lake holds.

    Args:
        settings: Where landing and archive are; the caller holds the refresh lock.
        before: First business date that stays.

    Returns:
        How many were moved, and how many stay since the lake does not hold them.
    """
    moved = left = 0
    for entity, contract in load_contracts().items():
        loaded, refused = lake.committed(settings, entity), lake.refused_dates(settings, entity)
        for delivery in landing.deliveries(settings, contract):
            if delivery.business_date >= before or settings.archive in delivery.folder.parents:
                continue
            if delivery.business_date in refused or not landing.is_loaded(delivery, loaded):
                left += 1
                continue
            # What was archived for the date before is an older version, which the lake has superseded.
            lake.move(delivery.folder, settings.archive / entity / str(delivery.business_date))
            moved += 1
    return moved, left


if __name__ == "__main__":
    sys.exit(main())
