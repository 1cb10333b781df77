"""Where the engine lies."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).parent.parent
"""The folder of the package ``tabbook``."""

REPOSITORY = PACKAGE.parent
"""The engine's repository, with the pins of its own environments."""
