"""`make check`: is every policy file right? Says what is wrong with file, line and column; changes nothing.

Exit codes: 0 the policy is valid, 1 it is not.
"""

from __future__ import annotations

import sys

from clientele import policy


def main() -> int:
    """Run the command.

    Returns:
        The exit code.
    """
    try:
        rows = policy.check()
    except policy.PolicyError as error:
        count = len(error.problems)
        print(f"error: policy has {count} problem{'s' if count > 1 else ''}\n{error}", file=sys.stderr)
        return 1
    print(f"policy is valid: {len(rows)} files, {sum(rows.values()):,} rows")
    return 0


if __name__ == "__main__":
    sys.exit(main())
