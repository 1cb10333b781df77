"""Write text and code so that the dialect does not read marks into them."""

from __future__ import annotations

import re

from tabbook.source.cells.slide_marks import SLIDE_PAIRS

BOLD = re.compile(
    r"(?P<before>[\[(]?)\*\*(?=\S)(?P<text>.+?)(?<=\S)\*\*(?P<after>[\])]?)"
)
"""Bold text with the bracket around it that makes its asterisks a slide mark."""

CODE = re.compile(r"(?P<ticks>`+)(?!`).*?(?<!`)(?P=ticks)(?!`)", re.DOTALL)

PANDOC_SCRIPT = re.compile(r"(?<!\\)([~^])(?=[^\s~^]+\1)(?!\1)")
"""Characters that begin a subscript or a superscript for pandoc, text elsewhere."""

INDENTED = re.compile(r"(?: {4,}|\t)")
LIST_MARKER = re.compile(r"\s*(?:[-*+]|\d+[.)])\s")
STRUCTURE = ("$$", "```", "~~~", "|", ">", "<")


def without_slide_marks(text: str) -> str:
    """Return a text in which no bracket touches asterisks or tildes.

    ``(**word**)`` becomes ``(__word__)``; in code and elsewhere a space comes between.
    """
    if not any(mark in text for pair in SLIDE_PAIRS for mark in pair):
        return text
    parts, at = [], 0
    for code in CODE.finditer(text):
        parts += [BOLD.sub(_bold, text[at : code.start()]), code[0]]
        at = code.end()
    text = "".join([*parts, BOLD.sub(_bold, text[at:])])
    for opening, closing in SLIDE_PAIRS:
        text = text.replace(opening, f"{opening[0]} {opening[1:]}")
        text = text.replace(closing, f"{closing[:-1]} {closing[-1]}")
    return text


def _bold(match: re.Match[str]) -> str:
    if not (match["before"] or match["after"]):
        return match[0]
    around = match.string[: match.start()][-1:], match.string[match.end() :][:1]
    outside = match["before"] or around[0], match["after"] or around[1]
    inside = match["text"]
    if any(character.isalnum() for character in outside) or "__" in inside:
        marked = f"<strong>{inside}</strong>"
    else:
        marked = f"__{inside}__"
    return f"{match['before']}{marked}{match['after']}"


def without_scripts(text: str) -> str:
    """Return text with the tildes and carets escaped that pandoc would read."""
    return PANDOC_SCRIPT.sub(r"\\\1", text)


def without_indented_code(text: str) -> str:
    """Return a list without blank lines above lines that d2lbook takes for code."""
    lines: list[str] = []
    for line in text.split("\n"):
        if INDENTED.match(line) and lines and not lines[-1].strip():
            while lines and not lines[-1].strip():
                lines.pop()
            starts = LIST_MARKER.match(line) or line.lstrip().startswith(STRUCTURE)
            ends = lines and lines[-1].lstrip().startswith(STRUCTURE)
            if lines and not starts and not ends:
                lines[-1] += "\\"
        lines.append(line)
    return "\n".join(lines)
