"""How text is set: lines of Japanese joined, formulas as MathML, words translated."""

from __future__ import annotations

import gettext
import unicodedata

from docutils import nodes
from docutils.utils.math import MathError, latex2mathml
from sphinx.transforms import SphinxTransform
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.writers.html5 import HTML5Translator

from tabbook.base.translations import texts

LOGGER = logging.getLogger(__name__)


class JoinLines(SphinxTransform):
    """Take out the line breaks of the source that browsers would show as spaces."""

    default_priority = 865

    def apply(self, **kwargs: object) -> None:
        """Join the lines of every paragraph, heading and caption."""
        for block in self.document.findall(nodes.TextElement):
            if isinstance(block.parent, nodes.TextElement):
                continue  # inline: its block sees to it
            if not isinstance(block, nodes.FixedTextElement | nodes.math_block):
                _join(block)


class UniqueIds(SphinxPostTransform):
    """Take from Furo's frames around tables and formulas the ids of what they hold."""

    default_priority = 900
    formats = ("html",)

    def run(self, **kwargs: object) -> None:
        """Leave each id to the inner of two elements that have it."""
        for frame in self.document.findall(nodes.container):
            for inner in frame.children[:1]:
                if isinstance(inner, nodes.table | nodes.math_block):
                    frame["ids"] = [
                        one for one in frame["ids"] if one not in inner["ids"]
                    ]


def _join(block: nodes.TextElement) -> None:
    whole = block.astext()
    if "\n" not in whole:
        return
    texts = list(block.findall(nodes.Text))
    whole = "".join(texts)
    at = 0
    for text in texts:
        kept = "".join(
            letter
            for index, letter in enumerate(text, at)
            if letter != "\n" or not _between_wide(whole, index)
        )
        at += len(text)
        if kept != text and not isinstance(text.parent, nodes.literal | nodes.math):
            text.parent.replace(text, nodes.Text(kept))


def _between_wide(whole: str, at: int) -> bool:
    beside = whole[max(at - 1, 0) : at] + whole[at + 1 : at + 2]
    return any(unicodedata.east_asian_width(letter) in "WF" for letter in beside)


def visit_math(translator: HTML5Translator, node: nodes.math) -> None:
    """Write an inline formula as MathML."""
    translator.body.append(_mathml(node, as_block=False))
    raise nodes.SkipNode


def visit_math_block(translator: HTML5Translator, node: nodes.math_block) -> None:
    """Write a displayed formula as MathML, with its number where it has one."""
    translator.body.append(translator.starttag(node, "div", CLASS="math-block"))
    translator.body.append(_mathml(node, as_block=True))
    if number := node.get("number"):
        translator.body.append(f'<span class="eqno">({number})</span>')
    translator.body.append("</div>\n")
    raise nodes.SkipNode


def _mathml(node: nodes.math | nodes.math_block, *, as_block: bool) -> str:
    try:
        return str(latex2mathml.tex2mathml(node.astext(), as_block=as_block))
    except MathError as error:
        LOGGER.warning(
            "the formula %r cannot be set: %s",
            node.astext(),
            error,
            location=node,
            type="tabbook",
            subtype="formula",
        )
        return f"<code>{nodes.fully_normalize_name(node.astext())}</code>"


class Words(gettext.NullTranslations):
    """What is to be said where Sphinx's catalogue has no word."""

    def __init__(self, language: str) -> None:
        """Speak a language, where it is known."""
        super().__init__()
        self.words = texts(language, "sphinx")

    def gettext(self, message: str) -> str:
        """Return a message in the language, as it is where there is no word."""
        return self.words.get(message, message)
