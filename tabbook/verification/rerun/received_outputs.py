"""Collect the outputs that a kernel sends, as Jupyter shows them in the end."""

from __future__ import annotations

from typing import Any

import nbformat
from nbformat import NotebookNode

OUTPUTS = ("stream", "display_data", "execute_result", "error")
"""Types of messages that become an output."""


class ReceivedOutputs:
    """The outputs of a notebook's cells; a later cell may update a display."""

    def __init__(self) -> None:
        """Start without a cell."""
        self.current: list[NotebookNode] = []
        self._clearing = False
        self._displays: dict[str, list[NotebookNode]] = {}

    def begin_cell(self) -> list[NotebookNode]:
        """Start the next cell; return the list that its outputs are added to."""
        self.current, self._clearing = [], False
        return self.current

    def receive(self, kind: str, content: dict[str, Any]) -> None:
        """Handle a message that belongs to the current cell."""
        if kind == "clear_output":
            self._clearing = True
        at_once = kind == "clear_output" and not content.get("wait")
        if self._clearing and (at_once or kind in OUTPUTS):
            self._clear()
        name = (content.get("transient") or {}).get("display_id", "")
        if kind == "update_display_data":
            for output in self._displays.get(name, ()):
                output.update(nbformat.from_dict(_shown(content)))
        if kind in OUTPUTS:
            header = {"msg_type": kind}
            message = {"header": header, "content": content}
            output = nbformat.v4.output_from_msg(message)
            self.current.append(output)
            if name:
                self._displays.setdefault(name, []).append(output)

    def _clear(self) -> None:
        cleared = list(map(id, self.current))
        for name, shown in self._displays.items():
            self._displays[name] = [each for each in shown if id(each) not in cleared]
        self.current.clear()
        self._clearing = False


def _shown(content: dict[str, Any]) -> dict[str, Any]:
    return {key: content[key] for key in ("data", "metadata")}
