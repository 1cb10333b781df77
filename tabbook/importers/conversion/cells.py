"""Turn the options and tags of a cell into the dialect's marks."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from tabbook.importers.conversion.pieces import Losses
from tabbook.source.cells.expected_error import expected_error

TAG_MARKS = {
    **dict.fromkeys(("hide-input", "hide_input"), "#@fold_code"),
    **dict.fromkeys(("hide-output", "hide_output"), "#@fold_output"),
    **dict.fromkeys(("hide-cell", "hide_cell"), "#@fold"),
    **dict.fromkeys(("remove-input", "remove_input", "hide_code"), "#@hide_code"),
    **dict.fromkeys(("remove-output", "remove_output"), "#@hide_output"),
    **dict.fromkeys(("remove-cell", "remove_cell"), "#@hide"),
}
"""The mark that has the meaning of a tag of Jupyter Book or nbconvert."""

RAISES = frozenset({"raises-exception", "raises_exception"})
"""Tags of a cell that goes on after an exception."""

OPTION_MARKS = {
    ("echo", False): "#@hide_code",
    ("output", False): "#@hide_output",
    ("include", False): "#@hide",
    ("code-fold", True): "#@fold_code",
    ("code-fold", "show"): "",
}
"""The mark that has the meaning of an option of Quarto."""

SILENT = frozenset({"echo", "output", "include", "eval", "error", "warning", "message"})
"""Options of Quarto that are dropped without a message where they have no mark."""

MAGIC = re.compile(r"%%(?P<name>\w+)")
COMMENTED = frozenset(
    {"bash", "capture", "perl", "prun", "python", "python3", "ruby", "sh", "time"}
    | {"timeit"}
)
"""Cell magics below which a line that begins with ``#`` is a comment."""

RAISED = re.compile(r"^\s*raise (?P<type>\w+)", re.MULTILINE)


def marked(code: str, marks: Collection[str], losses: Losses, line: int) -> str:
    """Return code with marks at its top, below a cell magic."""
    lines = code.strip("\n").split("\n")
    wanted = [mark for mark in dict.fromkeys(marks) if mark and mark not in lines]
    magic = MAGIC.match(lines[0])
    if magic and wanted and magic["name"] not in COMMENTED:
        shown = ", ".join(wanted)
        what = f"a cell of {magic[0]} has no comments, so that {shown} is left out"
        losses.left_out(line, what)
        return "\n".join(lines)
    at = 1 if magic else 0
    return "\n".join([*lines[:at], *wanted, *lines[at:]])


def tag_marks(
    tags: Collection[str], code: str, losses: Losses, line: int, raised: str = ""
) -> Iterator[str]:
    """Yield the marks that tags stand for, and record tags that have none.

    :param raised: name of the exception among the cell's outputs, if there is one.
    """
    for tag in tags:
        if mark := TAG_MARKS.get(tag):
            yield mark
        elif tag not in RAISES:
            losses.left_out(line, f"the tag {tag!r} has no meaning in the dialect")
    if (RAISES.intersection(tags) or raised) and not expected_error(code):
        yield from raises_mark(code, losses, line, raised)


def raises_mark(
    code: str, losses: Losses, line: int, raised: str = ""
) -> Iterator[str]:
    """Yield the mark of a cell that is meant to raise an exception."""
    if name := raised or next((match["type"] for match in RAISED.finditer(code)), ""):
        yield f"# raises: {name}"
        return
    losses.left_out(
        line,
        "the cell may raise an exception, and nothing says which; if it does, write "
        "'# raises: NAME' with the exception's class above its code",
    )


def option_marks(
    options: Mapping[str, Any], code: str, losses: Losses, line: int
) -> Iterator[str]:
    """Yield the marks that Quarto's options stand for, and record the others.

    ``label`` and captions are the caller's, who puts them below the cell.
    """
    for key, value in options.items():
        if isinstance(value, (str, bool)) and (key, value) in OPTION_MARKS:
            yield OPTION_MARKS[key, value]
        elif key == "error" and value is True:
            yield from raises_mark(code, losses, line)
        elif key == "tags":
            tags = value if isinstance(value, list) else [value]
            yield from tag_marks([str(tag) for tag in tags], code, losses, line)
        elif key not in SILENT and key not in ("label", "fig-cap", "tbl-cap"):
            what = f"the option {key!r} of the cell is left out"
            losses.left_out(line, what)
