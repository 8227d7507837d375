"""``python -m orchestration.manifest``: parse the models if they have changed; a step of `make serve`."""

from __future__ import annotations

import sys

from clientele.private import protect
from clientele.settings import Settings
from orchestration.building import dbt_runner


def main() -> int:
    """Run the command.

    Returns:
        0, or 1 when dbt cannot parse the models.
    """
    settings = Settings.from_env()
    protect(settings)
    try:
        dbt_runner.manifest(settings)
    except dbt_runner.ManifestError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
