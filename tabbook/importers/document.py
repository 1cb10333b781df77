"""A file that has been read: its pieces, and the files that come with them."""

from __future__ import annotations

from dataclasses import dataclass

from tabbook.importers.conversion.context import Context
from tabbook.importers.conversion.inline.targets import heading_label
from tabbook.importers.conversion.pieces import Piece


@dataclass(frozen=True)
class Document:
    """A file in the dialect."""

    pieces: tuple[Piece, ...]
    title: str
    """Of its front matter; empty for none."""
    context: Context
    """Results collected on the way."""

    @property
    def labels(self) -> set[str]:
        """Return the names of its labels, and of those that its links make."""
        links = {heading_label(name) for name in self.context.linked & self.slugs}
        return {*self.context.labels, *self.context.formulas, *links}

    @property
    def slugs(self) -> set[str]:
        """Return the slugs of its headings."""
        return set(self.context.slugs)
