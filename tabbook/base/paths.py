"""Where the engine lies, and where it keeps what it installs for itself."""

from __future__ import annotations

import os
import sys
from pathlib import Path

PACKAGE = Path(__file__).parent.parent
"""The folder of the package ``tabbook``."""

REPOSITORY = PACKAGE.parent
"""The engine's repository in a checkout; elsewhere the folder of installed packages."""

IN_CHECKOUT = (REPOSITORY / "build.sh").is_file()
"""Whether the engine runs from its repository, with the pins of its environment."""


def engine_folder() -> Path:
    """Return the folder of the engine's own environments and downloads.

    ``.venvs/`` in a checkout; elsewhere a folder of the user's cache, since everything
    in it can be installed again. ``TABBOOK_HOME`` names another.
    """
    if chosen := os.environ.get("TABBOOK_HOME"):
        return Path(chosen).expanduser().resolve()
    return REPOSITORY / ".venvs" if IN_CHECKOUT else user_cache() / "tabbook"


def user_cache() -> Path:
    """Return the user's folder for caches, by the rules of the operating system."""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData/Local")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
