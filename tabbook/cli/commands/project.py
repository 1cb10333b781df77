"""Commands that look after the folder of a book: pins, build products, environments."""

from __future__ import annotations

import argparse
import shutil

from tabbook.cli.commands.command import command
from tabbook.cli.commands.options import FRAMEWORKS, load_config, selection


@command("pin", "resolve environments/NAME.in to pinned NAME.txt", FRAMEWORKS)
def pin(arguments: argparse.Namespace) -> int:
    """Resolve the requirements of every environment or of the named ones."""
    from tabbook import environments
    from tabbook.base import console

    config = load_config(arguments)
    folder = config.root / "environments"
    names = arguments.frameworks or sorted(file.stem for file in folder.glob("*.in"))
    for name in names:
        colab = name.endswith(environments.COLAB_SUFFIX) and config.colab_python
        python = colab or config.python
        console.say(str(environments.pin(folder / f"{name}.in", python)))
    return 0


@command(
    "clean",
    "delete _build/, and environments where --framework names one",
    FRAMEWORKS,
)
def clean(arguments: argparse.Namespace) -> int:
    """Delete the build products, or the environments of the selected frameworks."""
    config, selected = load_config(arguments), selection(arguments)
    frameworks = selected.frameworks(config) if selected else ()
    environments = [
        folder
        for framework in frameworks
        for folder in config.venvs.glob(f"{framework.name}*")
    ]
    for folder in environments or [config.output]:
        shutil.rmtree(folder, ignore_errors=True)
    return 0
