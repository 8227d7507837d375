"""Another dashboard is a folder more: provisioned with the rest, seen by its roles, gone with its folder."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from tests.e2e.conftest import PYTHON, ROOT, Superset

FOLDER = ROOT / "tests" / "e2e" / "second-dashboard"
# Provisioning with other assets than those of the checkout. Run by Superset's Python.
ELSEWHERE = """
import pathlib, runtime, sys
runtime.ASSETS = pathlib.Path(sys.argv[1])
import provision
sys.exit(provision.main([]))
"""


def _slugs(superset: Superset, login: str) -> set[str]:
    dashboards = superset.get(superset.session(login), "/api/v1/dashboard/")["result"]
    return {dashboard["slug"] for dashboard in dashboards}


def test_a_folder_more_is_a_dashboard_more(superset: Superset, tmp_path: Path) -> None:
    before = _slugs(superset, "admin")
    shutil.copytree(ROOT / "superset" / "assets", tmp_path / "assets")
    shutil.copytree(FOLDER, tmp_path / "assets" / "dashboards" / "alert-desk")
    try:
        subprocess.run(
            [str(PYTHON), "-c", ELSEWHERE, str(tmp_path / "assets")],
            env={**superset.environment, "PYTHONPATH": str(ROOT / "superset")},
            check=True,
            timeout=600,
        )
        assert _slugs(superset, "admin") == before | {"alert-desk"}
        assert _slugs(superset, "analyst") == before | {"alert-desk"}
        # Its data are those of the overview as well, and yet it is not for executives.
        assert _slugs(superset, "executive") == before
        executive = superset.session("executive")
        for path in ("", "/charts", "/datasets"):
            answer = executive.get(f"{superset.url}/api/v1/dashboard/alert-desk{path}", timeout=30)
            assert answer.status_code in (403, 404), path
        analyst = superset.session("analyst")
        (chart,) = superset.get(analyst, "/api/v1/dashboard/alert-desk/charts")["result"]
        answer = analyst.get(f"{superset.url}/api/v1/chart/{chart['id']}/data/", timeout=60)
        assert answer.json()["result"][0]["rowcount"] > 0
    finally:
        superset.provision()
    assert _slugs(superset, "admin") == before
