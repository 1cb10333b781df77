"""What the extension tells Sphinx to call, and when."""

from __future__ import annotations

from typing import Any

from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

from tabbook import __version__, book, config
from tabbook.errors import BookError
from tabbook.sphinx import groups, reading, typeset


def setup(app: Sphinx) -> dict[str, Any]:
    """Register readers, transforms and the renderer of formulas."""
    app.add_config_value("tabbook_without_outputs", False, "env", bool)
    app.add_config_value("tabbook_frameworks", [], "env", list)
    app.add_directive(groups.TabText.name, groups.TabText)
    app.add_transform(groups.GroupTabs)
    app.add_transform(typeset.JoinLines)
    app.add_post_transform(typeset.UniqueIds)
    app.add_html_math_renderer(
        "mathml", (typeset.visit_math, None), (typeset.visit_math_block, None)
    )
    app.connect("builder-inited", _start)
    return {
        "version": __version__,
        "env_version": 1,
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }


def _start(app: Sphinx) -> None:
    """Read the book once; every page is read from it."""
    try:
        found = book.load(config.load(app.srcdir))
    except BookError as error:
        raise ExtensionError(str(error)) from error
    reader = reading.Reader(found, without_outputs=app.config.tabbook_without_outputs)
    app.connect("env-get-outdated", reader.outdated)
    app.connect("source-read", reading.note_config)
    app.connect("source-read", reader.read)
    app.translator.add_fallback(typeset.Words(found.config.language))
