"""Ids of headings: ASCII, and the same as long as the heading is.

A label of the source is an id already. Sphinx numbers Japanese headings without one,
so that a new heading would lead every link below it astray.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import PurePosixPath

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform

NUMBERED = re.compile(r"id\d+")


def setup(app: Sphinx) -> None:
    """Register the transform."""
    app.add_transform(StableIds)


class StableIds(SphinxTransform):
    """Name each numbered heading after its page and its words."""

    default_priority = 250
    """Before targets reach what they stand above, as labels do."""

    def apply(self, **kwargs: object) -> None:
        """Replace the ids that say only which of the headings it is."""
        stem = nodes.make_id(PurePosixPath(self.env.docname).name) or "section"
        for section in self.document.findall(nodes.section):
            numbered = [one for one in section["ids"] if NUMBERED.fullmatch(one)]
            if not numbered:
                continue
            made = self._free(stem, section)
            section["ids"] = [one for one in section["ids"] if one not in numbered] + [
                made
            ]
            for one in numbered:
                self.document.ids.pop(one, None)
            self.document.ids[made] = section
            for name, one in list(self.document.nameids.items()):
                if one in numbered:
                    self.document.nameids[name] = made

    def _free(self, stem: str, section: nodes.section) -> str:
        """Return an id that nothing on the page has; equal headings differ by count."""
        heading = section.next_node(nodes.title)
        words = heading.astext() if heading else ""
        count = 0
        while True:
            told = f"{words} {count}" if count else words
            digest = hashlib.sha256(told.encode()).hexdigest()[:6]
            made = f"{stem}-{digest}"
            if made not in self.document.ids:
                return made
            count += 1
