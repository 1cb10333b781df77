"""Entry of build.sh: start the engine in its pinned environment.

Until that environment is ready, only the standard library is imported. If this process
already runs in it, it continues as the engine, so that Python starts only once.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tabbook import environments
from tabbook.base.errors import BookError


def main() -> int:
    """Run the engine; install its environment first if that is missing or stale.

    :returns: the exit status of the command.
    :raises SystemExit: the environment cannot be installed.
    """
    try:
        environment = environments.ready_engine()
        python = str((environment or environments.prepare_tool()).python)
    except BookError as error:
        sys.exit(f"tabbook: {error}")
    if environment is None or Path(sys.prefix) != environment.folder:
        os.execv(python, [python, "-P", "-m", "tabbook", *sys.argv[1:]])
    from tabbook.cli import main as cli

    return cli.main()


if __name__ == "__main__":
    sys.exit(main())
