"""Write a new book: configuration, a first section that runs, pins, workflows.

``catalogue`` knows the frameworks and languages that are offered, ``writer`` fills the
templates of this folder.
"""

from tabbook.scaffold.catalogue import LANGUAGES, OfferedFramework, offered
from tabbook.scaffold.writer import NewBook, write

__all__ = ["LANGUAGES", "NewBook", "OfferedFramework", "offered", "write"]
