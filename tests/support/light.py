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
    environment: environments.Environment, file: Path, wanted: list[str], python: str
) -> None:
    if environment.folder.is_relative_to(engine_folder()):
        INSTALL(environment, file, wanted, python)  # a tool, which the tests really use
        return
    environment.python.parent.mkdir(parents=True, exist_ok=True)
    environment.python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n', "utf-8")
    environment.python.chmod(0o755)
    environment.mark_complete(requirements_digest(wanted, python), {"python": python})
