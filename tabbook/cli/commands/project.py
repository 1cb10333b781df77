"""Commands that look after the folder of a book: pins, build products, environments."""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from tabbook.base.engine import REPOSITORY
from tabbook.base.errors import BookError
from tabbook.cli.commands.command import command, option
from tabbook.cli.commands.options import (
    FRAMEWORKS,
    load_config,
    refuse_translation,
    selection,
)

if TYPE_CHECKING:
    from tabbook.base.config import Config


@command(
    "pin",
    "resolve environments/NAME.in to pinned NAME.txt; keep the releases that fit",
    option("names", nargs="*", metavar="NAME", help="only this environment"),
    FRAMEWORKS,
    option("--upgrade", action="store_true", help="take the newest releases of all"),
    option(
        "--upgrade-package",
        action="append",
        default=[],
        metavar="PACKAGE",
        help="take the newest release of this package; may be given several times",
    ),
    reads_sections=False,
    writes_output=False,
)
def pin(arguments: argparse.Namespace) -> int:
    """Resolve the requirements of every environment or of the named ones."""
    from tabbook import environments
    from tabbook.base import console

    config = load_config(arguments)
    refuse_translation(config, "pin")
    folder = config.root / "environments"
    files = {file.stem: file for file in _requirement_files(config)}
    names = [*arguments.names, *arguments.frameworks] or sorted(files)
    if not names:
        raise BookError(
            f"{folder}: there is no NAME.in; write the requirements of a framework "
            "there, one a line"
        )
    upgrade = environments.Upgrade(arguments.upgrade, tuple(arguments.upgrade_package))
    for name in dict.fromkeys(names):
        colab = name.endswith(environments.COLAB_SUFFIX) and config.colab_python
        file = files.get(name, folder / f"{name}.in")
        pinned = environments.pin(file, colab or config.python, upgrade)
        console.say(str(pinned))
    return 0


@command(
    "setup",
    "install the environments of the frameworks, which a run does when it needs them",
    FRAMEWORKS,
    reads_sections=False,
)
def setup(arguments: argparse.Namespace) -> int:
    """Install or update the environments; print the interpreter of each."""
    from tabbook import environments
    from tabbook.base import console
    from tabbook.execution.report import report_set_up

    config = load_config(arguments)
    for framework in selection(arguments).frameworks(config):
        environment = environments.prepare(config, framework, report_set_up)
        console.say(str(environment.python))
    return 0


@command(
    "clean",
    "delete _build/, and environments where --framework names one",
    FRAMEWORKS,
    reads_sections=False,
    writes_output=False,
)
def clean(arguments: argparse.Namespace) -> int:
    """Delete the build products, or the environments of the selected frameworks."""
    from tabbook.base import console
    from tabbook.base.files import disk_errors
    from tabbook.base.folders import output_folder

    config, selected = load_config(arguments), selection(arguments)
    if not selected:
        for path in output_folder.clean(config):
            console.say(f"kept {path}: no build wrote it")
        return 0
    for framework in selected.frameworks(config):
        name = framework.name  # those of Colab are called NAME-colab and NAME-newest
        for folder in [*config.venvs.glob(name), *config.venvs.glob(f"{name}-*/")]:
            with disk_errors(folder):
                shutil.rmtree(folder)
    return 0


def _requirement_files(config: Config) -> list[Path]:
    """Return the files to resolve: the book's, and in the repository the tools'."""
    from tabbook import environments

    folders = [config.root / "environments"]
    if config.root == REPOSITORY:
        folders.append(environments.TOOLS)
    return [file for folder in folders for file in sorted(folder.glob("*.in"))]
