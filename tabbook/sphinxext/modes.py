"""Define the modes of a build: pages in a folder, of a web site, or of a draft."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class Download:
    """A form of the book that readers download."""

    kind: str
    """Such as ``pdf``; the column of the table of downloads."""
    framework: str
    """Empty for all frameworks."""
    path: str
    """Relative to the root of the site."""
    size: int
    """Bytes; 0 for a form that is read in the browser."""


@dataclass(frozen=True)
class Failed:
    """A notebook whose last execution raised an error."""

    key: str
    """Key of the code that was executed; other code is not marked as failed."""
    cell: int
    """Position of the cell that raised, among the notebook's code cells."""
    text: str
    """Error message, shown in place of the cell's outputs."""


@dataclass(frozen=True)
class Folder:
    """Pages that a reader opens from a folder."""

    suffix: ClassVar[str] = ""
    """Added to the names of the build's folders, so that each mode has its own."""


@dataclass(frozen=True)
class Language:
    """The same book in another language, on the same site."""

    tag: str
    """Language tag, such as ``en``."""
    folder: str
    """The way from the root of this book's pages to its own, such as ``../``."""
    index: str
    """Name of its root page."""
    pages: tuple[str, ...]
    """Names of its pages, sorted."""


@dataclass(frozen=True)
class Served:
    """Pages of a web site, with its downloads and a page for error 404."""

    suffix: ClassVar[str] = "-site"
    address: str
    """URL of the site with a trailing slash; empty where it is unknown."""
    downloads: tuple[Download, ...]
    languages: tuple[Language, ...] = ()
    """The other languages of the book."""
    picture: str = ""
    """Path of the picture that other sites show of the book; empty for none."""


@dataclass(frozen=True)
class Draft:
    """Pages of a book that is being written: stale outputs are marked, no error."""

    suffix: ClassVar[str] = "-preview"
    failed: Mapping[tuple[str, str], Failed]
    """By section and framework; any other stale notebook is being executed."""


Mode = Folder | Served | Draft

FOLDER = Folder()
"""The mode of ``tabbook html``."""
