"""Bring the pictures of an imported file into the book."""

from __future__ import annotations

import base64
import binascii
import hashlib
import mimetypes
import posixpath
import re
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from urllib.parse import quote, unquote

FOLDER = "static"
"""The book's folder for pictures."""

DATA = re.compile(
    r"data:(?P<type>image/[\w.+-]+)(?:;[\w=-]+)*;base64,(?P<data>.*)", re.S
)
ELSEWHERE = re.compile(r"(?:https?:)?//|mailto:|#", re.IGNORECASE)
UNSAFE = re.compile(r"[^\w.-]+")

ATTACHMENT = "attachment:"


@dataclass
class Pictures:
    """The pictures of one section: their files in the book, not yet written."""

    source: Path
    """Folder of the imported file."""
    section: str
    """Name of the section."""
    files: dict[str, bytes] = field(default_factory=dict)
    """Content by path, relative to the book's folder."""

    def bring(self, address: str, attachments: dict[str, bytes]) -> str | None:
        """Return the address of a picture in the book.

        :param attachments: of the cell that shows the picture.
        :returns: None for a file that does not exist.
        """
        if match := DATA.fullmatch(address):
            return self._data(match)
        if ELSEWHERE.match(address):
            return address
        name = unquote(address)
        if name.startswith(ATTACHMENT):
            name = name.removeprefix(ATTACHMENT)
            content = attachments.get(name)
            return None if content is None else self._add(name, content)
        file = self._find(re.sub(r"[?#].*", "", name))
        return self._add(file.name, file.read_bytes()) if file else None

    def _data(self, match: re.Match[str]) -> str | None:
        try:
            content = base64.b64decode(match["data"])
        except binascii.Error:
            return None
        ending = mimetypes.guess_extension(match["type"]) or ".png"
        name = hashlib.sha256(content).hexdigest()[:12]
        return self._add(f"{name}{ending}", content)

    def _find(self, name: str) -> Path | None:
        """Return a picture's file; an absolute path begins at a folder above."""
        if not name.startswith("/"):
            file = self.source / name
            return file if file.is_file() else None
        folders = (self.source, *self.source.parents)
        files = (folder / name.lstrip("/") for folder in folders)
        return next((file for file in files if file.is_file()), None)

    def _add(self, name: str, content: bytes) -> str:
        """Return the address of a file, which gets a name of its own."""
        safe = PurePosixPath(UNSAFE.sub("-", name.strip()) or "picture")
        folder = posixpath.join(FOLDER, posixpath.basename(self.section))
        count, path = 1, f"{folder}/{safe}"
        while self.files.get(path, content) != content:
            count += 1
            path = f"{folder}/{safe.stem}-{count}{safe.suffix}"
        self.files[path] = content
        return quote(posixpath.relpath(path, posixpath.dirname(self.section) or "."))
