"""End run, verify, html, serve and cluster 200 times at random moments.

``python -m benchmarks.kills [COUNT [SEED]]`` prints what was damaged, hung or was left.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from tests.support.book_to_kill import book_to_kill
from tests.support.kills import Kills


def main(count: int = 200, seed: int = 0) -> int:
    """Run that many attempts; return 1 if any shows a problem."""
    with tempfile.TemporaryDirectory(prefix="k-", dir="/tmp") as folder:
        root, temporary = Path(folder, "book"), Path(folder, "t")
        temporary.mkdir()
        book_to_kill(root)
        kills = Kills(root, temporary, seed)
        began = time.monotonic()
        for number in range(1, count + 1):
            known = len(kills.problems)
            kills.attempt(number)
            lines = [f"{number} of {count}", *kills.problems[known:]]
            sys.stdout.write("\n".join(lines) + "\n")
            sys.stdout.flush()
    seconds = time.monotonic() - began
    sys.stdout.write(
        f"{count} attempts in {seconds:.0f} s, {kills.ended_by_signal} ended by their "
        f"signal, {len(kills.problems)} problems\n"
    )
    return 1 if kills.problems else 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
