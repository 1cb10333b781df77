"""Environments that are links to this interpreter: uv never runs."""

from __future__ import annotations

import sys
from pathlib import Path

from tabbook import environments
from tabbook.base.engine import engine_folder
from tabbook.environments import venv
from tabbook.environments.pins import requirements_digest

INSTALL = venv.install
"""The real function, which tests replace."""


def install_light(
    made: environments.Environment, file: Path, wanted: list[str], python: str
) -> None:
    if made.folder.is_relative_to(engine_folder()):
        INSTALL(made, file, wanted, python)  # a tool, which the tests really use
        return
    made.python.parent.mkdir(parents=True, exist_ok=True)
    made.python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n', "utf-8")
    made.python.chmod(0o755)
    made.mark_complete(requirements_digest(wanted, python), {"python": python})
