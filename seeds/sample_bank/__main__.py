"""Command line of the sample bank: ``python -m seeds.sample_bank --customers 20000 --seed 7``."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from clientele.private import PrivateError, protect
from clientele.settings import Settings, SettingsError
from seeds.sample_bank.arguments import Arguments, SampleBankError
from seeds.sample_bank.landing import fill_landing


def main(command_line: Sequence[str] | None = None) -> int:
    """Build a sample bank in the landing folder; returns the exit code."""
    options = _parser().parse_args(command_line)
    started = time.monotonic()

    def progress(message: str) -> None:
        print(f"[{time.monotonic() - started:6.1f} s] {message}", flush=True)

    try:
        settings = Settings.from_env()
        protect(settings)
        arguments = Arguments(
            customers=options.customers,
            first=options.first,
            last=options.last,
            seed=options.seed,
            transactions_per_month=options.transactions_per_month,
            stories=options.stories,
            dirt=not options.no_dirt,
        )
        fill_landing(arguments, options.landing or settings.landing, progress)
    except (SampleBankError, SettingsError, PrivateError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m seeds.sample_bank", description=__doc__)
    parser.add_argument("--customers", type=int, default=20_000, help="customers at the end (default 20000)")
    parser.add_argument(
        "--from", dest="first", type=date.fromisoformat, default=date(2024, 1, 1), metavar="DATE"
    )
    parser.add_argument(
        "--to", dest="last", type=date.fromisoformat, default=date(2025, 12, 31), metavar="DATE"
    )
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument(
        "--transactions-per-month", type=float, default=4.0, metavar="N", help="per customer, 2 to 60"
    )
    parser.add_argument(
        "--stories", type=int, metavar="N", help="customers per story (default 0.5 %%, at least 3)"
    )
    parser.add_argument("--landing", type=Path, metavar="DIR", help="default: landing/ of CLIENTELE_HOME")
    parser.add_argument("--no-dirt", action="store_true", help="plant no broken lines")
    return parser


if __name__ == "__main__":
    sys.exit(main())
