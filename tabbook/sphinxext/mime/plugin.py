"""Render MIME types that MyST-NB skips, or sets in another way.

MyST-NB takes plugins from entry points of installed distributions; the engine also runs
from a checkout that nobody installed, so it adds its plugin to the list that MyST-NB
keeps of them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from docutils import nodes
from myst_nb.core.render import MimeData, NbElementRenderer, load_mime_renders

from tabbook.sphinxext.mime.forms import HTML, JAVASCRIPT, LATEX, MARKDOWN, NOTE, PLAIN
from tabbook.sphinxext.mime.markdown import latex, markdown
from tabbook.sphinxext.mime.pictures import WEBP, picture

ISOLATED = "isolated"
"""Metadata of an output whose styles must not reach the page."""

FIRST, AFTER_HTML, AFTER_PICTURES = 1, 35, 75
"""Places in MyST-NB's order of types; ``text/html`` has 30 and pictures 40 to 70."""


class PageMimeTypes:
    """MyST-NB's protocol of a plugin."""

    mime_priority_overrides: ClassVar[list[tuple[str, str, int | None]]] = [
        ("*", NOTE, FIRST),
        ("html", LATEX, AFTER_HTML),
        ("epub", LATEX, AFTER_HTML),
        ("latex", LATEX, 5),
        ("html", WEBP, AFTER_PICTURES),
        ("epub", JAVASCRIPT, None),
        ("latex", "image/gif", AFTER_HTML),
    ]

    @staticmethod
    def handle_mime(
        renderer: NbElementRenderer, data: MimeData, inline: bool
    ) -> list[nodes.Node] | None:
        """Return the document tree of an output, None for MyST-NB's own."""
        render = RENDERERS.get(data.mime_type)
        return None if inline or render is None else render(renderer, data)


def install() -> None:
    """Add the plugin to those of MyST-NB."""
    plugins = load_mime_renders()
    if PageMimeTypes not in plugins:
        plugins.append(PageMimeTypes)


def _note(renderer: NbElementRenderer, data: MimeData) -> list[nodes.Node]:
    note: Any = data.content
    words = nodes.paragraph(note["words"], note["words"], classes=["output-note"])
    content_nodes: list[nodes.Node] = [words]
    if note["text"]:
        language = "json" if note["json"] else "none"
        content_nodes.append(_block(note["text"], language))
    return [nodes.container("", *content_nodes, classes=["output", "with-note"])]


def _block(text: str, language: str) -> nodes.literal_block:
    return nodes.literal_block(
        text, text, language=language, force=True, classes=["output", "text_plain"]
    )


def _plain(renderer: NbElementRenderer, data: MimeData) -> list[nodes.Node] | None:
    """Leave out an empty text, which stands for an output of styles only."""
    return None if data.string else [nodes.comment()]


def _html(renderer: NbElementRenderer, data: MimeData) -> list[nodes.Node]:
    metadata = data.output_metadata
    classes = ["output", "text_html"]
    text = data.string
    if metadata.get(ISOLATED) or metadata.get(HTML, {}).get(ISOLATED):
        text = f'<div><template shadowrootmode="open">{text}</template></div>'
    return [nodes.raw(text, text, format="html", classes=classes)]


def _markdown(renderer: NbElementRenderer, data: MimeData) -> list[nodes.Node]:
    return markdown(renderer.renderer, data.string, data.line or 0)


def _latex(renderer: NbElementRenderer, data: MimeData) -> list[nodes.Node]:
    return latex(renderer.renderer, data.string, data.line or 0)


Render = Callable[[NbElementRenderer, MimeData], list[nodes.Node] | None]

RENDERERS: dict[str, Render] = {
    NOTE: _note,
    HTML: _html,
    PLAIN: _plain,
    MARKDOWN: _markdown,
    LATEX: _latex,
    WEBP: picture,
}
