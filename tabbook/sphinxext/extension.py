"""What the extension tells Sphinx to call, and when."""

from __future__ import annotations

from types import FunctionType
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

from tabbook import __version__
from tabbook.source.book import Book
from tabbook.sphinxext import (
    code,
    contents,
    epub,
    groups,
    headings,
    latex,
    light,
    page,
    reading,
    search,
    site,
    solutions,
    terms,
    typeset,
)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register readers, transforms and the renderer of formulas."""
    light.leave_out_running()
    app.setup_extension("myst_nb")
    _take_settings(app)
    app.add_directive(groups.TabText.name, groups.TabText)
    app.add_node(
        nodes.literal, override=True, html=(code.visit_literal, code.depart_literal)
    )
    app.add_node(
        nodes.literal_block,
        override=True,
        html=(code.visit_literal_block, code.depart_literal_block),
    )
    app.add_node(
        nodes.container,
        override=True,
        html=(code.visit_container, code.depart_container),
    )
    app.add_node(groups.tab_set, html=(groups.visit_tab_set, groups.depart))
    app.add_node(groups.tab_panel, html=(groups.visit_tab_panel, groups.depart))
    app.add_node(solutions.fold, html=(solutions.visit_fold, solutions.depart_fold))
    app.add_node(
        solutions.fold_title,
        html=(solutions.visit_fold_title, solutions.depart_fold_title),
    )
    app.add_transform(solutions.FoldSolutions)
    app.add_transform(terms.LinkTerms)
    app.add_transform(groups.GroupTabs)
    app.add_transform(headings.StableIds)
    app.add_transform(typeset.JoinLines)
    app.add_post_transform(code.MarkLong)
    app.add_post_transform(typeset.UniqueIds)
    app.add_html_math_renderer(
        "mathml", (typeset.visit_math, None), (typeset.visit_math_block, None)
    )
    epub.setup(app)
    latex.setup(app)
    app.connect("builder-inited", _start)
    app.connect("builder-inited", code.use_formatter)
    app.connect("builder-inited", page.keep_templates)
    app.connect("doctree-read", search.collect)
    return {
        "version": __version__,
        "env_version": 1,
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }


def _take_settings(app: Sphinx) -> None:
    """Declare what ``settings`` gives, and what is made again where it changes."""
    app.add_config_value("tabbook_book", None, "", FunctionType)
    app.add_config_value("tabbook_without_outputs", False, "env", bool)
    app.add_config_value("tabbook_failed", None, "", (dict, type(None)))
    app.add_config_value("tabbook_framework", "", "env", str)
    app.add_config_value("tabbook_frameworks", [], "env", list)
    app.add_config_value("tabbook_engine", "", "env", str)
    app.add_config_value("tabbook_terms", {}, "env", dict)
    app.add_config_value("tabbook_glossary", "", "env", str)
    app.add_config_value("tabbook_address", "", "html", str)
    app.add_config_value("tabbook_downloads", [], "html", list)


def _start(app: Sphinx) -> None:
    """Take the book that was read; every page is read from it."""
    found: Book = app.config.tabbook_book()
    around = page.Around(found)
    only = app.config.tabbook_framework
    reader = reading.Reader(
        found,
        around,
        frameworks=tuple(
            one for one in found.config.frameworks if only in ("", one.name)
        ),
        without_outputs=app.config.tabbook_without_outputs,
        failed=app.config.tabbook_failed,
    )
    if not only:
        contents.Beside(app)
        contents.Lists(app)
        app.connect("html-page-context", around.add_context)
        app.connect("html-collect-pages", site.pages)
        if app.config.tabbook_failed is None:  # serve has them at hand
            app.connect("build-finished", around.copy_notebooks)
        search.Search(found).take_over(app)
    app.connect("env-get-outdated", reader.outdated)
    app.connect("env-updated", reader.beside_changes)
    app.connect("env-updated", page.name_pictures)
    app.connect("source-read", reading.note_config)
    app.connect("source-read", reader.read)
    app.translator.add_fallback(typeset.Words(found.config.language))
