"""Show committed outputs on pages that run nothing."""

from __future__ import annotations

import base64
import posixpath
from collections.abc import Iterator
from dataclasses import dataclass

from nbformat import NotebookNode

from tabbook.notebooks.outputs.visible import strip_ansi

PICTURES = {
    "image/svg+xml": "svg",
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/gif": "gif",
}
"""The endings of pictures by their types, the first choice first."""

FOLDER = "outputs"


@dataclass(frozen=True)
class Outputs:
    """The outputs of one notebook."""

    section: str
    framework: str
    pictures: dict[str, bytes]
    """Gets the content of each picture by its path."""

    def of_cell(self, cell: NotebookNode, number: int) -> Iterator[str]:
        """Yield the outputs of a cell in MyST's syntax."""
        for at, output in enumerate(cell.get("outputs", ())):
            data = output.get("data", {})
            kind = next((kind for kind in PICTURES if kind in data), "")
            if kind:
                yield self._picture(kind, data[kind], f"{number}-{at}")
            elif text := _text(output).strip("\n"):
                yield f"```text\n{text}\n```"

    def _picture(self, kind: str, data: object, name: str) -> str:
        text = "".join(data) if isinstance(data, (str, list)) else ""
        content = text.encode() if kind.endswith("xml") else base64.b64decode(text)
        ending = PICTURES[kind]
        path = f"{FOLDER}/{self.section}/{self.framework}-{name}.{ending}"
        self.pictures[path] = content
        folder = posixpath.dirname(self.section) or "."
        return f"![]({posixpath.relpath(path, folder)})"


def _text(output: NotebookNode) -> str:
    """Return an output as a terminal would show it."""
    if output.output_type == "error":
        return f"{output.get('ename', '')}: {output.get('evalue', '')}"
    plain = output.get("data", {}).get("text/plain", output.get("text", ""))
    return strip_ansi("".join(plain))
