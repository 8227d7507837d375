"""`make bench`: times and peak memory of what users wait for, on this machine, as they would run it.

Each measurement is a command of its own, so that start-up counts and memory is the command's own.
Results go to the screen; figures worth keeping go to benchmarks/README.md with the machine they are from.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

from clientele.settings import ROOT

BANK = ("20000", date(2024, 1, 1), date(2025, 12, 31))
MILLION = ("1000000", date(2025, 8, 1), date(2025, 12, 31))
"""Five months at four transactions a customer and month: 20 million transactions."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmarks asked for."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("which", nargs="?", default="bank", choices=["bank", "million"])
    parser.add_argument("--home", type=Path, help="keep the data there instead of a temporary folder")
    asked = parser.parse_args(arguments)
    print(f"{os.cpu_count()} cores, {_memory_gb():.0f} GiB\n")
    print("| what | seconds | CPU seconds | peak MiB |\n|---|---|---|---|")
    with _home(asked.home, asked.which) as home:
        (bank if asked.which == "bank" else million)(home)
    return 0


def bank(home: Path) -> None:
    """The default bank: its generation, the first refresh, one more day, and a refresh with nothing to do."""
    customers, first, last = BANK
    _sample(home, customers, first, last)
    eve = str(last - timedelta(days=1))
    _measure(home, f"first refresh, {customers} customers, 24 months", "orchestration.refresh", "--to", eve)
    _measure(home, "one more day", "orchestration.refresh")
    _measure(home, "nothing to do", "orchestration.refresh")


def million(home: Path) -> None:
    """A million customers: load and full build of five months."""
    customers, first, last = MILLION
    _sample(home, customers, first, last)
    _measure(home, "first refresh, 1,000,000 customers, 5 months", "orchestration.refresh")


def _sample(home: Path, customers: str, first: date, last: date) -> None:
    _measure(
        home, f"sample bank, {customers} customers, {first} to {last}",
        "seeds.sample_bank", "--customers", customers, "--from", str(first), "--to", str(last),
    )  # fmt: skip


def _measure(home: Path, what: str, module: str, *arguments: str) -> None:
    """Run a command; print wall seconds, CPU seconds and the peak memory of its largest process."""
    log = home / "bench.log"
    environment = {**os.environ, "CLIENTELE_HOME": str(home), "CLIENTELE_MEMORY_GB": "8"}
    started = time.monotonic()
    with log.open("ab") as output:
        child = os.posix_spawn(
            sys.executable,
            [sys.executable, "-m", module, *arguments],
            environment,
            file_actions=[
                (os.POSIX_SPAWN_DUP2, output.fileno(), 1),
                (os.POSIX_SPAWN_DUP2, output.fileno(), 2),
            ],
        )
        _, status, usage = os.wait4(child, 0)
    seconds = time.monotonic() - started
    if status:
        raise SystemExit(f"{module} failed:\n{log.read_text(errors='replace')[-4000:]}")
    cpu = usage.ru_utime + usage.ru_stime
    print(f"| {what} | {seconds:.0f} | {cpu:.0f} | {usage.ru_maxrss / 1024:.0f} |", flush=True)


@contextmanager
def _home(kept: Path | None, which: str) -> Iterator[Path]:
    home = kept / which if kept else Path(tempfile.mkdtemp(prefix=f"clientele-bench-{which}-"))
    home.mkdir(parents=True, exist_ok=True)
    os.chdir(ROOT)
    try:
        yield home
    finally:
        if not kept:
            shutil.rmtree(home)


def _memory_gb() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30


if __name__ == "__main__":
    sys.exit(main())
