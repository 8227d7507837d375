"""`make rollback`: go back to the previous release; dashboards follow at once."""

from __future__ import annotations

import sys

from clientele.private import PrivateError, protect
from clientele.settings import Settings, SettingsError
from orchestration.processes.refresh_lock import RefreshRunningError, refresh_lock
from orchestration.releases import ReleaseError, roll_back


def main() -> int:
    """Run the command.

    Returns:
        0 when rolled back, 1 when there is nothing to go back to, 75 when a refresh is running.
    """
    try:
        settings = Settings.from_env()
        protect(settings)
        with refresh_lock(settings):
            left, shown = roll_back(settings)
    except (ReleaseError, SettingsError, PrivateError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except RefreshRunningError as error:
        print(f"error: {error}", file=sys.stderr)
        return 75
    print(f"rolled back from {left.id} to {shown.id}, data as of {shown.state.as_of}")
    print("the next delivery is published as usual; `make refresh FROM=… TO=…` publishes one earlier")
    return 0


if __name__ == "__main__":
    sys.exit(main())
