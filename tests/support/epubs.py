"""Read EPUBs back."""

from __future__ import annotations

import zipfile
from pathlib import Path

from bs4 import BeautifulSoup


def pages(file: Path) -> dict[str, BeautifulSoup]:
    """Return the pages of an EPUB by their names in the archive."""
    with zipfile.ZipFile(file) as archive:
        assert archive.testzip() is None
        return {
            name: BeautifulSoup(archive.read(name).decode(), "html.parser")
            for name in archive.namelist()
            if name.endswith(".xhtml")
        }
