"""Read the options at the top of a directive, a cell or a page."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import yaml

from tabbook.importers.conversion.pieces import Origin

COLON_OPTION = re.compile(r":(?P<key>[\w-]+):\s*(?P<value>.*)")
OPTION_LINE = re.compile(r":[\w\s]")
"""The beginning of an option, or of the next line of one; three begin a fence."""
CELL_OPTION = re.compile(r"\s*(?:#|//|--)\|\s?(?P<text>.*)")
PAIR = re.compile(r"(?P<key>[\w-]+)=(?P<value>\"[^\"]*\"|'[^']*'|[^\s}]+)")
IDENTITY = re.compile(r"#(?P<id>[\w:.-]+)")
INFO = re.compile(r"\{(?P<name>[A-Za-z][\w:+.-]*)\}\s*(?P<argument>.*)")


class Directive(NamedTuple):
    """A directive of MyST."""

    name: str
    argument: str
    """The rest of the line after the name."""
    options: dict[str, str]
    nested: dict[str, Any]
    """Options whose values are mappings."""
    body: str
    line: int
    """Line of the imported file."""
    origin: Origin
    """Returns the line of the imported file of a line of the body."""

    def option(self, *names: str) -> str:
        """Return the first of some options that is given; empty for none."""
        return next((self.options[name] for name in names if name in self.options), "")


def directive(info: str, content: str, line: int, origin: Origin) -> Directive | None:
    """Return the directive of a fence; None for a fence of code.

    :param line: of the text, where the fence begins.
    """
    match = INFO.fullmatch(info.strip())
    if not match:
        return None
    read, height = _options(content)
    nested = {key: each for key, each in read.items() if isinstance(each, dict)}
    options = {key: _text(each) for key, each in read.items() if key not in nested}
    body = "\n".join(content.split("\n")[height:]).rstrip("\n")

    def body_origin(at: int) -> int:
        """Return the line of the file for a line of the directive's body."""
        return origin(line + 1 + height + at)

    name, argument = match["name"], match["argument"].strip()
    return Directive(name, argument, options, nested, body, origin(line), body_origin)


def _options(content: str) -> tuple[dict[str, Any], int]:
    """Return the options at the top of a directive, and how many lines they take."""
    lines = content.split("\n")
    if lines[0].strip() == "---":
        ends = [at for at, text in enumerate(lines) if at and text.strip() == "---"]
        if ends:
            return mapping("\n".join(lines[1 : ends[0]])), ends[0] + 1
    height = next(
        (at for at, text in enumerate(lines) if not OPTION_LINE.match(text)), len(lines)
    )
    options: dict[str, Any] = {}
    below: list[str] = []
    for text in reversed(lines[:height]):
        if match := COLON_OPTION.fullmatch(text.strip()):
            nested = mapping("\n".join(reversed(below)))
            options[match["key"]] = nested or match["value"].strip()
            below = []
        else:
            below.append(text[1:])
    if options and lines[height : height + 1] == [""]:
        height += 1
    return options, height


def cell_options(code: str) -> tuple[dict[str, Any], str]:
    """Return Quarto's options of a cell, and its code without their lines."""
    lines = code.split("\n")
    head = []
    for line in lines:
        match = CELL_OPTION.fullmatch(line)
        if not match:
            break
        head.append(match["text"])
    return mapping("\n".join(head)), "\n".join(lines[len(head) :]).strip("\n")


def tags(value: str) -> list[str]:
    """Return the tags in an option, such as ``[hide-input, remove-output]``."""
    return [
        tag for tag in re.split(r"[\s,\[\]'\"-]*[,\s\[\]][\s'\"-]*|^-\s*", value) if tag
    ]


def front_matter(text: str) -> tuple[dict[str, Any], dict[str, int], int]:
    """Return the front matter of a page, the line of each key, and its height.

    :returns: lines are counted from 1; the height counts the rules around it.
    """
    lines = text.split("\n")
    if lines[0].rstrip() != "---":
        return {}, {}, 0
    ends = [
        at for at, line in enumerate(lines) if at and line.rstrip() in ("---", "...")
    ]
    if not ends:
        return {}, {}, 0
    keys = {}
    for number, line in enumerate(lines[1 : ends[0]], 2):
        key, colon, _ = line.partition(":")
        if colon and not line[:1].isspace():
            keys[key.strip()] = number
    return mapping("\n".join(lines[1 : ends[0]])), keys, ends[0] + 1


def attributes(text: str) -> dict[str, str]:
    """Return pandoc's attributes, such as ``{#id width=50%}``, with the ``id``."""
    pairs = PAIR.finditer(text)
    values = {match["key"]: match["value"].strip("\"'") for match in pairs}
    if match := IDENTITY.search(PAIR.sub("", text)):
        values["id"] = match["id"]
    return values


def mapping(text: str) -> dict[str, Any]:
    """Return a mapping in YAML; empty where the text is none."""
    try:
        value = yaml.safe_load(text)
    except yaml.YAMLError:
        return {}
    return (
        {str(key): each for key, each in value.items()}
        if isinstance(value, dict)
        else {}
    )


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)
