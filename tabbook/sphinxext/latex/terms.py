"""Underline the terms of a PDF with dots, as pages do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

from tabbook.sphinxext.latex.breaks import BREAK, may_break

MACROS = r"""
\newcommand{\DUroledotted}[1]{\leavevmode\setbox0=\hbox{#1}%
  \rlap{\smash{\lower0.24em\hbox to\wd0{\cleaders
    \hbox to0.2em{\hss\vrule width0.07em height0.07em\hss}\hfill}}}\box0}
"""
"""Sphinx sets inline text of the class ``dotted`` by this command."""

SPACES = re.compile(r"(\s+)")


class DottedTerms(SphinxPostTransform):
    """Underline each term in pieces, between which its line may end."""

    default_priority = 915  # the breaks around terms are there
    formats = ("latex",)

    def run(self, **kwargs: object) -> None:
        """Mark the pieces of every term."""
        for term in list(self.document.findall(nodes.inline)):
            if "term" in term["classes"]:
                for text in list(term.findall(nodes.Text)):
                    text.parent.replace(text, list(_dotted(text.astext())))


def _dotted(term: str) -> Iterator[nodes.Node]:
    """Yield the pieces of a term, and what stands between them."""
    for part in SPACES.split(term):
        if part.isspace():
            yield nodes.Text(part)
            continue
        for at, piece in enumerate(pieces(part)):
            if at:
                yield nodes.raw("", BREAK, format="latex")
            yield nodes.inline(piece, piece, classes=["dotted"])


def pieces(word: str) -> list[str]:
    """Return a word in the parts between which a line may end."""
    ends = [at for at, pair in enumerate(pairwise(word), 1) if may_break(*pair)]
    places = [0, *ends, len(word)]
    return [word[start:end] for start, end in pairwise(places) if end > start]
