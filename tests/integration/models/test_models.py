"""The models' own unit tests: rules at their edges, run by dbt on made-up rows."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

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


CLOCK = "macro.clientele.refreshed"


def without_a_date(manifest: Mapping[str, Any]) -> list[str]:
    """Unit tests of models that read the clock (D-27) and do not set it: no refresh does it for them."""

    def called(macros: Iterable[str]) -> set[str]:
        return {*macros}.union(*(called(manifest["macros"][name]["depends_on"]["macros"]) for name in macros))

    return [
        test["name"]
        for test in manifest["unit_tests"].values()
        if CLOCK in called(manifest["nodes"][test["depends_on"]["nodes"][0]]["depends_on"]["macros"])
        and not {"as_of_date", "window_start", "deliveries"} <= set((test["overrides"] or {}).get("vars", {}))
    ]


def test_unit_tests_set_the_clock_they_read(fresh_home: Path) -> None:
    manifest = dbt_runner.manifest(Settings(home=fresh_home)).content
    assert without_a_date(manifest) == []
    forgetful = {
        name: {**test, "overrides": None}
        for name, test in manifest["unit_tests"].items()
        if test["name"] == "a_rule_that_waits_is_pending_first"
    }
    found = without_a_date({**manifest, "unit_tests": {**manifest["unit_tests"], **forgetful}})
    assert found == ["a_rule_that_waits_is_pending_first"]
