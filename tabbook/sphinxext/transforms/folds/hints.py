"""Fold the hints of exercises: what follows 「ヒント：」 in an item of a numbered list.

Notebooks and the formats of one framework show them in full.
"""

from __future__ import annotations

import re

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform

from tabbook.base.translations import texts
from tabbook.sphinxext.transforms.folds import fold, fold_title
from tabbook.sphinxext.transforms.splitting import split


def setup(app: Sphinx) -> None:
    """Register the transform."""
    app.add_transform(FoldHints)


class FoldHints(SphinxTransform):
    """Fold the end of each item that begins with the book's word for a hint."""

    default_priority = 857

    def apply(self, **kwargs: object) -> None:
        """Split paragraphs at the word; a paragraph that is a hint as a whole stays."""
        if self.config.tabbook_framework:
            return
        word = texts(self.config.language, "headings")["hint"]
        begins = re.compile(rf"(?<=[。！？.!?\s]){re.escape(word)}\s*[:：]\s*")
        for items in self.document.findall(nodes.enumerated_list):
            for paragraph in list(items.findall(nodes.paragraph)):
                if match := begins.search(paragraph.astext()):
                    _fold(paragraph, match, word)


def _fold(paragraph: nodes.paragraph, match: re.Match[str], word: str) -> None:
    """Move a paragraph's end into a fold below it."""
    rest = split(paragraph, match.end())
    label = split(paragraph, match.start())
    if rest.children and label.astext().startswith(word):
        hint = fold("", fold_title(word, word), rest, classes=["fold", "hint"])
        parent = paragraph.parent
        parent.insert(parent.index(paragraph) + 1, hint)
    else:  # a part of it is in another element
        paragraph += [*label.children, *rest.children]
