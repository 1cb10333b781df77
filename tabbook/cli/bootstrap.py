"""What build.sh runs: the engine, in its own environment as it is pinned.

Only the standard library is imported before that environment stands. Where it does, the
process that found it so goes on as the engine: Python starts once.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tabbook import environments
from tabbook.base.errors import BookError


def main() -> int:
    """Run the engine; make its environment first where it is missing or stale."""
    try:
        own = environments.ready_engine()
        python = str((own or environments.prepare_tool()).python)
    except BookError as problem:
        sys.exit(f"tabbook: {problem}")
    if own is None or Path(sys.prefix) != own.folder:
        os.execv(python, [python, "-P", "-m", "tabbook", *sys.argv[1:]])
    from tabbook.cli import main as cli

    return cli.main()


if __name__ == "__main__":
    sys.exit(main())
