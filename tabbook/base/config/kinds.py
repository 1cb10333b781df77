"""Kinds of values in config.ini: how their text is read, and what is refused."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from tabbook.base.config.file import FILE_NAME
from tabbook.base.tex.macros import Macro, MacroError, parse

Value = TypeVar("Value")

TAB_NAME = re.compile(r"[a-z][a-z0-9_]*")
"""A tab's name; d2lbook reads no hyphen in one."""

COLOUR_VALUE = re.compile(r"#[0-9A-Fa-f]{6}")

ADDRESS = re.compile(r"https?://[^\s/]+(/\S*)?")

ORIGIN = re.compile(r"https?://[\w*.-]+(:[\d*]+)?(/[\w./~%-]*)?", re.A)

OUTPUT_VARIABLE = "TABBOOK_OUTPUT"
"""The environment variable that names the folder of build products."""

NO_OUTPUT = frozenset({".git", ".venvs", "notebooks"})
"""Folders of a book that hold no build products."""

OWN_FOLDER = "name a folder that holds nothing else, such as _build"


class ValueRefusedError(ValueError):
    """A text that is no value of its kind; the message follows the key's name."""

    def __init__(self, message: str, *, line: str = "") -> None:
        """Name the line of the value that is refused, if it is a part of several."""
        super().__init__(message)
        self.line = line


@dataclass(frozen=True)
class Kind(Generic[Value]):
    """A kind of value."""

    name: str
    """Its name in the documentation."""
    read: Callable[[Path, str], Value]
    """Reads a text, given the book's folder.

    :raises ValueRefusedError: the text is no such value.
    """


def _whole_number(root: Path, text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise ValueRefusedError(f"= {text!r} is not a whole number")
    return int(text)


def _percent(root: Path, text: str) -> int:
    number = _whole_number(root, text.removesuffix("%").rstrip())
    if number > 100:
        raise ValueRefusedError(f"= {text!r} is more than 100 percent")
    return number


def _switch(root: Path, text: str) -> bool:
    if text not in ("yes", "no"):
        raise ValueRefusedError(f"= {text!r}: write yes or no")
    return text == "yes"


def _address(root: Path, text: str) -> str:
    if text and not ADDRESS.fullmatch(text):
        raise ValueRefusedError(
            f"= {text!r} is no address; write one such as https://example.org/book/"
        )
    return text and text.rstrip("/") + "/"


def _origins(root: Path, text: str) -> tuple[str, ...]:
    origins = _words(root, text)
    for origin in origins:
        if not ORIGIN.fullmatch(origin):
            raise ValueRefusedError(
                f"has {origin!r}; write addresses such as https://cdn.example.org"
            )
    return origins


def _words(root: Path, text: str) -> tuple[str, ...]:
    return tuple(word for word in re.split(r"[\s,]+", text) if word)


def _lines(root: Path, text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def _paths(root: Path, text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _file(root: Path, text: str) -> Path | None:
    if text and not (root / text).is_file():
        raise ValueRefusedError(f"= {text!r}: there is no such file")
    return root / text if text else None


def _book(root: Path, text: str) -> Path | None:
    """Return the folder of another book; None for an empty text."""
    if text and not (root / text / FILE_NAME).is_file():
        raise ValueRefusedError(f"= {text!r}: there is no {FILE_NAME} in that folder")
    return (root / text).resolve() if text else None


def _books(root: Path, text: str) -> tuple[Path, ...]:
    return tuple(filter(None, (_book(root, path) for path in text.split())))


def _inside(root: Path, text: str) -> str:
    """Refuse a file that pages would take from outside of the book."""
    if text and not (root / text).resolve().is_relative_to(root.resolve()):
        raise ValueRefusedError(
            f"= {text!r} lies outside of the book's folder; copy it there"
        )
    return text


def _paths_inside(root: Path, text: str) -> tuple[str, ...]:
    return tuple(_inside(root, path) for path in text.split())


def _output(root: Path, text: str) -> Path:
    """Return the folder of build products, which only its user may move elsewhere."""
    if chosen := os.environ.get(OUTPUT_VARIABLE):
        folder = Path(chosen).expanduser().absolute()
    else:
        folder = root / text
        if not Path(os.path.normpath(folder)).is_relative_to(root):
            raise ValueRefusedError(
                f"= {text!r} lies outside of the book's folder; name a folder inside, "
                f"or name it yourself: {OUTPUT_VARIABLE}={os.path.normpath(folder)}"
            )
    inside = Path(os.path.normpath(folder))
    if root.is_relative_to(folder.resolve()) or root.is_relative_to(inside):
        raise ValueRefusedError(f"= {text!r} is the book's own folder; {OWN_FOLDER}")
    if inside.is_relative_to(root) and inside.relative_to(root).parts[0] in NO_OUTPUT:
        raise ValueRefusedError(f"= {text!r} holds no build products; {OWN_FOLDER}")
    return inside


def _tabs(root: Path, text: str) -> tuple[str, ...]:
    tabs = tuple(tab.strip().lower() for tab in text.split(",")) if text else ()
    for tab in tabs:
        if not TAB_NAME.fullmatch(tab) or tab == "all":
            raise ValueRefusedError(
                f"has {tab!r}; write names of a-z, 0-9 and _ with half-width commas "
                "between them"
            )
    if len(set(tabs)) != len(tabs):
        raise ValueRefusedError(f"names a tab twice: {text!r}")
    return tabs


def _variables(root: Path, text: str) -> tuple[tuple[str, str], ...]:
    pairs = []
    for item in text.split():
        name, equals, value = item.partition("=")
        if not equals:
            raise ValueRefusedError(f"has {item!r}; write NAME=VALUE, one a line")
        pairs.append((name, value))
    return tuple(sorted(pairs))


def _modules(root: Path, text: str) -> tuple[str, ...]:
    modules = _words(root, text)
    for module in modules:
        if not all(part.isidentifier() for part in module.split(".")):
            raise ValueRefusedError(
                f"has {module!r}; write names of modules, such as torch"
            )
    return modules


def _files_of_tabs(root: Path, text: str) -> tuple[tuple[str, str], ...]:
    pairs = []
    for line in filter(str.strip, text.splitlines()):
        words = [word.strip() for word in line.split(",") if word.strip()]
        if len(words) != 2:
            raise ValueRefusedError(
                f"has {line.strip()!r}; write FILE, NAME, one a line"
            )
        pairs.append((words[0], words[1]))
    return tuple(pairs)


def _calls(root: Path, text: str) -> str:
    """Refuse aliases of calls that d2lbook cannot parse."""
    for line in filter(str.strip, text.splitlines()):
        parts = line.split("->")
        call, code = parts if len(parts) == 2 else (line, line)
        if not _is_plain_call(call.strip()) or _parsed(code.strip()) is None:
            raise ValueRefusedError(
                f"has {line.strip()!r}; write calls with names as arguments, such as "
                "`ones(a_size, device=None) -> torch.ones(a_size, device=device)`"
            )
    return text


def _is_plain_call(code: str) -> bool:
    """Return whether code is ``name(name, ..., name=value, ...)``."""
    call = _parsed(code)
    return (
        isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and all(isinstance(argument, ast.Name) for argument in call.args)
    )


def _parsed(code: str) -> ast.expr | None:
    """Return an expression; None if the code is none."""
    try:
        return ast.parse(code, mode="eval").body
    except (SyntaxError, ValueError):
        return None


def _macros(root: Path, text: str) -> tuple[Macro, ...]:
    try:
        return parse(text)
    except MacroError as error:
        raise ValueRefusedError(str(error), line=error.line) from error


def _colour(root: Path, text: str) -> str:
    if not COLOUR_VALUE.fullmatch(text):
        raise ValueRefusedError(f"= {text!r} is no colour; write one such as #17557f")
    return text.lower()


def _solutions(root: Path, text: str) -> str:
    choices = ("shown", "folded", "left out")
    if text not in choices:
        raise ValueRefusedError(f"= {text!r}; write one of: {', '.join(choices)}")
    return text


def _code_of_section(root: Path, text: str) -> tuple[str, str]:
    section, _, code = (part.strip() for part in text.partition(":"))
    if text and not (section and code):
        raise ValueRefusedError(
            f"= {text!r}: write a section and a piece of its code, such as "
            "`chapter/section: net = `"
        )
    return section.removesuffix(".md"), code


TEXT = Kind("text", lambda root, text: text)
CODE_OF_SECTION = Kind("section: code", _code_of_section)
COLOUR = Kind("colour", _colour)
SOLUTIONS = Kind("solutions", _solutions)
SWITCH = Kind("yes or no", _switch)
WHOLE_NUMBER = Kind("whole number", _whole_number)
PERCENT = Kind("percent", _percent)
URL = Kind("address", _address)
ORIGINS = Kind("addresses", _origins)
WORDS = Kind("words", _words)
LINES = Kind("lines", _lines)
PATHS = Kind("paths", _paths)
FILE = Kind("file", _file)
BOOK = Kind("folder of a book", _book)
BOOKS = Kind("folders of books", _books)
INSIDE = Kind("file of the book", _inside)
PATHS_INSIDE = Kind("files of the book", _paths_inside)
OUTPUT = Kind("folder", _output)
TABS = Kind("tabs", _tabs)
VARIABLES = Kind("variables", _variables)
MODULES = Kind("modules", _modules)
FILES_OF_TABS = Kind("files of tabs", _files_of_tabs)
CALLS = Kind("aliases of calls", _calls)
MACROS = Kind("macros", _macros)
