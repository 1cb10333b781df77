"""Edits of a text at places in it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Edit(NamedTuple):
    """Text that replaces a place in a text."""

    begin: int
    end: int
    text: str

    @classmethod
    def at(cls, place: tuple[int, int], text: str) -> Edit:
        """Return the edit that replaces a place by a text."""
        return cls(*place, text)


def apply(text: str, edits: Iterable[Edit]) -> str:
    """Return a text with edits applied.

    Of two that overlap, the one that begins earlier is applied; of two at one place,
    the first.
    """
    parts: list[str] = []
    at = 0
    for edit in sorted(dict.fromkeys(edits), key=lambda edit: (edit.begin, edit.end)):
        if edit.begin >= at:
            parts += [text[at : edit.begin], edit.text]
            at = edit.end
    return "".join([*parts, text[at:]])


def remove_line(text: str, place: tuple[int, int]) -> Edit:
    """Return the edit that removes a place, and its line if that is otherwise blank.

    At the end of a line, the spaces before the place go with it.
    """
    begin, end = place
    first = text.rfind("\n", 0, begin) + 1
    last = text.find("\n", end)
    last = len(text) if last < 0 else last
    before, after = text[first:begin], text[end:last]
    if before.strip() and not after.strip():
        return Edit(first + len(before.rstrip()), last, "")
    if before.strip() or after.strip():
        return Edit(begin, end, "")
    return Edit(first, min(last + 1, len(text)), "")
