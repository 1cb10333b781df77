"""The libraries of frameworks in config.ini, with the keys of d2lbook 1.0.3."""

from __future__ import annotations

from typing import Any

from tabbook.base.config import kinds
from tabbook.base.config.file import ConfigFile
from tabbook.base.config.key import EACH_LIBRARY, LIBRARY, Key
from tabbook.base.config.model import Library

SAVE_PATTERNS = Key(
    "library",
    "save_patterns",
    kinds.FILES_OF_TABS,
    "",
    "`FILE, NAME`, one a line: where `lib` writes a framework's saved code.",
)
VERSION_FILE = Key(
    "library",
    "version_file",
    kinds.TEXT,
    "",
    "File whose `__version__` `lib` sets to `[project] release`.",
)
SAVE_MARK = Key(
    "library",
    "save_mark",
    kinds.TEXT,
    "",
    "Of older books, beside `save_filename`; the mark is `#@save` today.",
)
SAVE_FILENAME = Key(
    "library",
    "save_filename",
    kinds.TEXT,
    "",
    "Of older books; d2lbook 1.0.3 fails on it. Write `save_patterns` instead.",
)
SAVE_FOLDER = Key(
    "library",
    "root_dir",
    kinds.TEXT,
    "",
    "Of older books; d2lbook 1.0.3 fails on it. Write `save_patterns` instead.",
)
LIBRARY_FILE = Key(
    EACH_LIBRARY,
    "lib_file",
    kinds.TEXT,
    "",
    "File of the code marked `#@save`, which `lib` writes.",
)
LIBRARY_NAME = Key(
    EACH_LIBRARY,
    "lib_name",
    kinds.TEXT,
    "",
    "The package that aliases stand for, such as `torch`.",
)
SIMPLE_ALIAS = Key(
    EACH_LIBRARY,
    "simple_alias",
    kinds.TEXT,
    "",
    "`a, b -> c`: notebooks have `torch.a` for `d2l.a`, and `torch.c` for `d2l.b`.",
)
FLUENT_ALIAS = Key(
    EACH_LIBRARY,
    "fluent_alias",
    kinds.TEXT,
    "",
    "`a, b -> c`: notebooks have `x.a(y)` for `d2l.a(x, y)`, and `x.c(y)` for "
    "`d2l.b(x, y)`.",
)
ARGS_ALIAS = Key(
    EACH_LIBRARY,
    "args_alias",
    kinds.CALLS,
    "",
    "`f(a_x, k) -> g(a_x, k)`, one a line: arguments keep their names.",
)
REVERSE_ALIAS = Key(
    EACH_LIBRARY,
    "reverse_alias",
    kinds.TEXT,
    "",
    "`TEXT -> TEXT`, one a line: replaced in the code of notebooks.",
)
ALIAS = Key(
    EACH_LIBRARY,
    "alias",
    kinds.TEXT,
    "",
    "Code that `lib` writes below the saved code.",
)

KEYS: tuple[Key[Any], ...] = tuple(
    value for value in list(globals().values()) if isinstance(value, Key)
)
"""The keys of libraries, in the order of their declaration."""


def of_framework(file: ConfigFile, name: str) -> Library | None:
    """Return the library of a framework; None where it has no section."""
    if LIBRARY + name not in file.sections:
        return None
    own = [key for key in KEYS if key.section == EACH_LIBRARY]
    return Library(**{key.name: key.read(file, name) for key in own})


def outdated_key(file: ConfigFile) -> str:
    """Return the key that d2lbook 1.0.3 fails on; empty for none."""
    if SAVE_FILENAME.read(file) and SAVE_MARK.read(file):
        return SAVE_FILENAME.name
    return SAVE_FOLDER.name if SAVE_FOLDER.read(file) else ""
