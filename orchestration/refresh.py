"""`make refresh`: refresh business dates without servers; the exit code gives the outcome.

Exit codes: 0 published or nothing to do, 1 a delivery was refused, a gate or a model failed, or the machine
did not do its part, 2 the call or the environment is wrong, 75 another refresh is running, 130 Ctrl-C.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
import time
import warnings
from collections.abc import Sequence
from datetime import date

from clientele import policy
from clientele.contracts import load_contracts
from clientele.private import PrivateError, protect
from clientele.settings import Settings, SettingsError
from orchestration import releases
from orchestration.loading import landing
from orchestration.processes.refresh_lock import RefreshRunningError, refresh_lock
from orchestration.refreshes import scratch
from orchestration.refreshes.due import DueWindow, complete_dates, due_window
from orchestration.refreshes.failures import explained, still_shown

REFUSED, USAGE, BUSY, STOPPED = 1, 2, 75, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        arguments: Command line arguments; those of the process when omitted.

    Returns:
        The exit code.
    """
    parser = argparse.ArgumentParser(prog="make refresh", description=__doc__)
    parser.add_argument("--from", dest="first", type=_date, help="first business date, YYYY-MM-DD")
    parser.add_argument("--to", dest="last", type=_date, help="last business date, YYYY-MM-DD")
    parser.add_argument("--wait", type=int, default=0, help="seconds to wait for another refresh")
    asked = parser.parse_args(arguments)
    settings = None
    try:
        settings = Settings.from_env()
        protect(settings)
        with refresh_lock(settings, asked.wait):
            return refresh(settings, asked.first, asked.last)
    except (SettingsError, PrivateError) as error:
        return _failed(str(error), USAGE)
    except RefreshRunningError as error:
        return _failed(str(error), BUSY)
    except KeyboardInterrupt:
        return _failed("stopped; the next refresh continues from here", STOPPED)
    except Exception as error:
        # The last place where a failure is met: whatever it is, people get one message and not a traceback.
        if settings is None:
            raise
        return _failed(f"{explained(settings, error)}\n{still_shown(settings)}", REFUSED)


def refresh(settings: Settings, first: date | None, last: date | None) -> int:
    """Refresh a window, or whatever is due.

    Args:
        settings: The home to refresh; the caller holds its lock.
        first: First business date; the first that is due when omitted.
        last: Last business date; the last that is delivered when omitted.

    Returns:
        The exit code.
    """
    started = time.monotonic()
    policy.check()
    scratch.sweep(settings)
    for said in releases.repair(settings):
        print(said, flush=True)
    contracts = load_contracts()
    problems = landing.problems(settings.landing, contracts)
    if problems:
        return _failed("what lies in landing cannot be loaded:\n  " + "\n  ".join(problems), REFUSED)
    growing = landing.await_settled(settings, contracts, lambda text: print(text, flush=True))
    window = _window(settings, first, last)
    if isinstance(window, str):
        return _failed(window, USAGE)
    if window is None:
        print("nothing to do: every delivered day is published")
        code = 0
    else:
        print(f"refresh {window.first} to {window.last}: {window.reason}", flush=True)
        code = _run(settings, window, started)
    for folder in growing:
        print(f"not loaded: {folder} is still being written; run the refresh again when it is complete")
    for folder in landing.removed(settings, contracts):
        print(f"warning: {folder} was loaded and is gone; use `make archive` to move deliveries away")
    return code


def _failed(message: str, code: int) -> int:
    print(f"error: {message}", file=sys.stderr)
    return code


def _window(settings: Settings, first: date | None, last: date | None) -> DueWindow | str | None:
    contracts = load_contracts()
    if first is None and last is None:
        return due_window(settings, contracts)
    complete = complete_dates(settings, contracts)
    inside = [day for day in complete if (first is None or first <= day) and (last is None or day <= last)]
    if not inside:
        required = ", ".join(contract.name for contract in contracts.values() if contract.is_required)
        between = f"between {first or 'the beginning'} and {last or 'today'}"
        return f"{settings.landing} holds no day {between} for which all of {required} were delivered"
    return DueWindow(first or inside[0], last or inside[-1], "as asked", "")


def _run(settings: Settings, window: DueWindow, started: float) -> int:
    # Imported late: a refresh with nothing to do answers at once.
    warnings.filterwarnings("ignore", module="dagster")
    import dagster as dg

    from orchestration.dagster_support import dagster_home
    from orchestration.dagster_support.summary import explain_failure, summarise
    from orchestration.definitions import REFRESH_JOB, clientele

    dagster_home.prepare(settings)
    logging.getLogger("dagster").setLevel(logging.CRITICAL)
    definitions = clientele()
    with dg.DagsterInstance.get() as instance:
        dagster_home.close_killed_runs(instance)
        result = definitions.get_job_def(REFRESH_JOB).execute_in_process(
            instance=instance,
            raise_on_error=False,
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
            tags={
                "dagster/asset_partition_range_start": str(window.first),
                "dagster/asset_partition_range_end": str(window.last),
                dagster_home.PROCESS_TAG: str(os.getpid()),
            },
        )
        seconds = time.monotonic() - started
        if not result.success:
            print(explain_failure(settings, instance, result), file=sys.stderr)
            return REFUSED
        print(summarise(settings, instance, result, seconds))
    return 0


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date as YYYY-MM-DD") from None


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # DuckDB's bindings print pages about other libraries' leaks while modules are torn down.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
    sys.exit(code)
