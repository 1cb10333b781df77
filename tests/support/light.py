"""Environments that are links to this interpreter: uv never runs."""

from __future__ import annotations

import sys
from pathlib import Path

from tabbook import environments
from tabbook.environments.pins import requirements_digest


def install_light(
    made: environments.Environment, file: Path, wanted: list[str], python: str
) -> None:
    made.python.parent.mkdir(parents=True, exist_ok=True)
    made.python.unlink(missing_ok=True)  # of a real environment it is a link
    made.python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n', "utf-8")
    made.python.chmod(0o755)
    made.mark_complete(requirements_digest(wanted, python), {"python": python})
