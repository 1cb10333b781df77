"""One key of config.ini: its section, name, kind, default and meaning."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Generic

from tabbook.base.config.file import ConfigFile
from tabbook.base.config.kinds import Kind, Value, ValueRefusedError

FRAMEWORK = "framework-"
"""Beginning of the name of a framework's section."""

EACH_FRAMEWORK = "framework-NAME"
"""The section of the keys that each framework has."""

LIBRARY = "library-"
"""Beginning of the name of the section with a framework's library."""

EACH_LIBRARY = "library-NAME"
"""The section of the keys that the library of each framework has."""

EDITION = "edition-"
"""Beginning of the name of the section of an edition."""

EACH_EDITION = "edition-NAME"
"""The section of the keys that each edition has."""

EDITION_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")

EACH = {EACH_FRAMEWORK: FRAMEWORK, EACH_LIBRARY: LIBRARY, EACH_EDITION: EDITION}
"""The beginning of the name of each section that a framework or an edition has."""


@dataclass(frozen=True)
class Key(Generic[Value]):
    """A key that the engine reads."""

    section: str
    name: str
    kind: Kind[Value]
    default: str
    """The value as it would be written; it also replaces an empty one."""
    meaning: str
    inherited: bool = True
    """Whether a translation has the value of its origin unless it gives its own."""

    def read(self, file: ConfigFile, name: str = "") -> Value:
        """Return the key's value.

        :param name: the framework or edition whose section to read.
        :raises BookError: the text is no value of the key's kind.
        """
        section = EACH[self.section] + name if name else self.section
        if self.inherited:
            file = file.owner(section, self.name)
        text = file.value(section, self.name)
        if self.section == EACH_LIBRARY:
            text = file.interpolated(section, self.name)
        text = text or self.default
        try:
            return self.kind.read(file.path.parent, text)
        except ValueRefusedError as error:
            message = str(error)
            raise file.error(section, self.name, message, line=error.line) from error
