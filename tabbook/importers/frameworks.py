"""Tell which framework the cells of a file are for."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from tabbook.base.config import Config
from tabbook.base.errors import UsageError
from tabbook.importers.conversion.pieces import Piece

IMPORT = re.compile(r"^\s*(?:import|from)\s+(?P<module>\w+)", re.MULTILINE)


def known(config: Config) -> dict[str, str]:
    """Return the names of the frameworks by their names and labels in small letters."""
    names = {each.name.lower(): each.name for each in config.frameworks}
    return {**{each.label.lower(): each.name for each in config.frameworks}, **names}


def checked(config: Config, name: str) -> str:
    """Return the name of a framework.

    :raises UsageError: config.ini describes none of that name.
    """
    if name and name not in {each.name for each in config.frameworks}:
        names = ", ".join(each.name for each in config.frameworks)
        raise UsageError(f"no framework is called {name!r}; there are: {names}")
    return name


def of_file(config: Config, path: Path, pieces: Iterable[Piece]) -> str:
    """Return the framework of a file that names none: by its folders, by its imports.

    The first framework gets the pieces that name no other.
    """
    names = {each.name for each in config.frameworks}
    for part in reversed(path.parts[:-1]):
        if part in names:
            return part
    code = "\n".join(piece.text for piece in pieces if piece.runs)
    imported = {match["module"] for match in IMPORT.finditer(code)}
    own = {each.name: _modules(config, each.name) for each in config.frameworks}
    matching = [name for name, modules in own.items() if modules & imported]
    return matching[0] if len(matching) == 1 else config.default.name


def _modules(config: Config, name: str) -> set[str]:
    """Return the modules that only one framework preloads, or that bear its name."""
    tops = {
        each.name: {module.partition(".")[0] for module in each.preload} | {each.name}
        for each in config.frameworks
    }
    others = set().union(*(each for other, each in tops.items() if other != name))
    return tops[name] - others
