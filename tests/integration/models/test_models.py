"""The models' own unit tests: rules at their edges, run by dbt on made-up rows."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from clientele.settings import Settings
from orchestration.building import dbt_runner


def test_dbt_unit_tests_pass(fresh_home: Path) -> None:
    done = subprocess.run(
        [dbt_runner.executable(), "test", "--select", "test_type:unit"],
        cwd=dbt_runner.PROJECT,
        env={**os.environ, **dbt_runner.environment(Settings(home=fresh_home))},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-6000:]
    passed = re.search(r"PASS=(\d+)", done.stdout)
    assert passed is not None
    assert int(passed[1]) >= 60
