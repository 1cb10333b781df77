"""Replace this machine's paths in outputs by paths that are the same everywhere.

A kernel works in a temporary folder whose name is new each time, and its environment
lies somewhere else on every machine. Cells print such paths: ``os.getcwd()``, the file
of a warning, a traceback. Stored outputs and compared outputs name them as Colab would.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

WORKING_FOLDER = "/content"
"""Name of the book's folder in outputs; Colab starts notebooks in it."""

HOME = "/root"
"""Name of the user's folder in outputs, as on Colab."""

COLOUR_END = r"(?<=\dm)"
"""A path directly behind a terminal's colour code begins there, though behind an m."""


class MachinePaths:
    """Paths of this machine and their names in outputs."""

    def __init__(self, names: Mapping[str, str]) -> None:
        """Replace each key by its value; longer paths go first.

        :param names: absolute paths; a file system's root is ignored.
        """
        self.names = {path: name for path, name in names.items() if len(path) > 1}
        paths = "|".join(map(re.escape, sorted(self.names, key=len, reverse=True)))
        self._pattern = re.compile(
            rf"(?:(?<![\w.-])|{COLOUR_END})(?:{paths})(?![\w-]|\.\w)"
        )

    def replace(self, text: str) -> str:
        """Return a text with the names in place of the paths."""
        if not self.names:
            return text
        return self._pattern.sub(lambda match: self.names[match[0]], text)

    def replace_in(self, outputs: list[NotebookNode]) -> None:
        """Replace the paths in all texts of a cell's outputs."""
        for output in outputs:
            for key in ("text", "evalue", "traceback"):
                if key in output:
                    output[key] = self._replaced(output[key])
            for kind, value in output.get("data", {}).items():
                if not kind.startswith("image/") or kind == "image/svg+xml":
                    output["data"][kind] = self._replaced(value)

    def _replaced(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.replace(value)
        if isinstance(value, list):
            return [self._replaced(item) for item in value]
        if isinstance(value, dict):
            return type(value)(
                {key: self._replaced(item) for key, item in value.items()}
            )
        return value


def home() -> dict[str, str]:
    """Return the user's folder with its name in outputs."""
    return {str(Path.home()): HOME}
