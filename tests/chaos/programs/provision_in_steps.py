"""Run by Superset's Python: ``superset/provision.py`` with its steps written down, or killed at one.

The checkout must not be on the path, where its folder ``superset`` would hide the package.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import runpy
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROVISION = HERE.parents[2] / "superset" / "provision.py"

parser = argparse.ArgumentParser()
parser.add_argument("--log", type=Path)
parser.add_argument("--kill", type=int)
asked = parser.parse_args()

spec = importlib.util.spec_from_file_location("steps", HERE / "steps.py")
assert spec
assert spec.loader
steps = importlib.util.module_from_spec(spec)
sys.modules["steps"] = steps
spec.loader.exec_module(steps)
kill = steps.KillPoint("provision", asked.kill, "process") if asked.kill else None
if asked.log or kill:
    steps.Steps(Path(os.environ["CLIENTELE_HOME"]), "provision", asked.log, kill).arm()
sys.argv = [str(PROVISION)]
sys.path[0] = str(PROVISION.parent)
runpy.run_path(str(PROVISION), run_name="__main__")
