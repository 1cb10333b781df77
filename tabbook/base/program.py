"""The name under which users run the engine."""

from __future__ import annotations

from tabbook.base.paths import REPOSITORY

PROGRAM = "./build.sh" if (REPOSITORY / "build.sh").is_file() else "tabbook"
"""The command in messages: the script in a checkout, the console script elsewhere."""
