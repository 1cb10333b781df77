"""config.ini as one frozen, validated object; no other code reads the file.

``keys`` and ``library`` declare each key once, ``kinds`` reads values, ``file`` parses
the file, ``unknown`` warns of unknown keys, ``reference`` prints the documentation.

Only the standard library is imported here: build.sh reads the file before the engine's
own environment exists.
"""

from tabbook.base.config.file import FILE_NAME
from tabbook.base.config.loading import load
from tabbook.base.config.model import NOTEBOOKS, Config, Framework, Library

__all__ = ["FILE_NAME", "NOTEBOOKS", "Config", "Framework", "Library", "load"]
