"""Add the parts around a page's text: framework menu, notebooks, verified versions."""

from __future__ import annotations

import filecmp
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePath
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.osutil import relative_uri

from tabbook.base import repository
from tabbook.base.config import Framework
from tabbook.base.translations import texts
from tabbook.notebooks import downloads, verified
from tabbook.notebooks.blanks import has_marks
from tabbook.notebooks.compile import notebook_path
from tabbook.notebooks.store import path
from tabbook.notebooks.verified import VerificationRecord
from tabbook.source.book import Book
from tabbook.source.section import Section
from tabbook.sphinxext.html import search, site
from tabbook.sphinxext.html.cover import CoverPage
from tabbook.sphinxext.html.reading_options import reading_options
from tabbook.sphinxext.modes import Draft
from tabbook.sphinxext.settings import book_of

UNUSED = (
    "doctools",
    "documentation_options",
    "furo-extensions",
    "mystnb",
    "pygments",
    "sphinx_highlight",
    "translations",
)
"""Style sheets and scripts of Furo, Sphinx and MyST-NB that the theme replaces."""

DESCRIPTION = 120
"""Characters of the description in a page's metadata."""


def setup(app: Sphinx) -> None:
    """Register the additions to every page."""
    app.connect("builder-inited", _start)
    app.connect("env-updated", number_images)


def _start(app: Sphinx) -> None:
    if app.config.tabbook_framework:
        return  # a book of one framework has no controls
    context = PageContext(book_of(app))
    app.connect("html-page-context", context.add_context)
    app.connect("env-updated", context.outdated)
    # The preview server sends the notebooks itself.
    if not isinstance(app.config.tabbook_mode, Draft):
        app.connect("build-finished", context.copy_notebooks)


@dataclass(frozen=True)
class PageContext:
    """Variables for the templates of a book's pages."""

    book: Book

    @cached_property
    def records(self) -> dict[tuple[str, str], VerificationRecord]:
        """Return the fresh verification records by section and framework."""
        return verified.load(self.book)

    @cached_property
    def repository(self) -> repository.Repository | None:
        """Return the public repository from which Colab opens notebooks, if any."""
        return repository.find(self.book.config)

    @cached_property
    def cover(self) -> CoverPage:
        """Return the parts of the index page about the whole book."""
        return CoverPage(self.book, self.records)

    @property
    def words(self) -> Mapping[str, str]:
        """Return the texts of the controls in the book's language."""
        return texts(self.book.config.language, "page")

    def offers(self, section: Section) -> list[dict[str, str]]:
        """Return the links and the verified versions of a section's notebooks."""
        return [
            self._offer(section, framework)
            for framework in self.book.frameworks_of(section)
            if path(self.book.config, section, framework).is_file()
        ]

    def add_context(
        self,
        app: Sphinx,
        name: str,
        template: str,
        context: dict[str, Any],
        doctree: nodes.document | None,
    ) -> None:
        """Add variables to the context of a page's template."""
        frameworks = app.config.tabbook_frameworks
        section = self.book.section(name) if doctree is not None else None
        here = app.builder.get_target_uri(name)
        offers = self.offers(section) if section else []
        served = bool(app.config.tabbook_downloads)
        for offer in offers:
            offer["file"] = relative_uri(here, offer["file"])
        context["tabbook"] = {
            "frameworks": frameworks,
            "names": [name for name, _ in frameworks],
            "section": section is not None,
            "offers": offers,
            "words": self.words,
            "reading": reading_options(self.book.config.language),
            "search": search.words(self.book.config.language),
            "downloads": site.words(app)["downloads"] if served else "",
            "picture": _picture(app),
            "address": context.get("pageurl") or "",
            "description": description(doctree) if doctree is not None else "",
        }
        if name == self.book.config.index and doctree is not None:
            self.cover.fill(app, context, self.offers)
        # MyST-NB's style sheet has a digest in its name only if it existed before, so
        # pages would differ between builds.
        _remove_unused(context, UNUSED if section else ("mystnb",))

    def outdated(self, app: Sphinx, env: BuildEnvironment) -> list[str]:
        """Return the pages whose contents, notebooks or verified versions changed.

        Sphinx alone rewrites a page only when the page's own text has changed.
        """
        contents = [[page.name, page.title, page.tocs] for page in self.book.pages]
        around = {page.name: [contents, self.offers(page)] for page in self.book.pages}
        around.get(self.book.config.index, []).append(self.cover.state(self.offers))
        before = getattr(env, "tabbook_around", around)
        env.tabbook_around = around  # type: ignore[attr-defined]
        return [name for name in around if before.get(name) != around[name]]

    def copy_notebooks(self, app: Sphinx, error: Exception | None) -> None:
        """Copy the notebooks that readers can download, and remove all others."""
        folder = app.outdir / "notebooks"
        notebooks = {
            folder / notebook_path(section.name, framework.name): (section, framework)
            for section in self.book.sections
            for framework in self.book.frameworks_of(section)
            if path(self.book.config, section, framework).is_file()
        }
        for file in folder.rglob("*.ipynb"):
            if file not in notebooks:
                file.unlink()
        for file, (section, framework) in notebooks.items():
            source = path(self.book.config, section, framework)
            if self.book.config.edition.name:
                downloads.write(self.book, section, framework, file)
            elif not (file.exists() and filecmp.cmp(source, file)):
                file.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, file)

    def _offer(self, section: Section, framework: Framework) -> dict[str, str]:
        file = notebook_path(section.name, framework.name)
        return {
            "framework": framework.name,
            "label": framework.label,
            "file": f"notebooks/{file}",
            "colab": self._colab(section, file),
            "stamp": self._verified_versions(section, framework),
        }

    def _colab(self, section: Section, file: str) -> str:
        """Return the address at which Colab opens a notebook; empty for none.

        The repository has the notebooks of the book itself, without blanks.
        """
        incomplete = self.book.config.edition.blanks and has_marks(section.cells.cells)
        return "" if incomplete or not self.repository else self.repository.colab(file)

    def _verified_versions(self, section: Section, framework: Framework) -> str:
        """Return a sentence about the verification of a notebook."""
        record = self.records.get((section.name, framework.name))
        if record is None:
            return self.words["unverified"]
        main = next(iter(framework.packages), "")
        key = "verified_in_part" if record.unchecked else "verified"
        return self.words[key].format(
            label=framework.label,
            version=record.versions.get(main, ""),
            python=record.versions.get("python", ""),
            cells=record.cells,
            unchecked=record.unchecked,
        )


def number_images(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Make the names of images independent of the order in which pages are read.

    :returns: the pages with an image whose name changed.
    """
    before, env.images = env.images, type(env.images)()
    changed: set[str] = set()
    for file, (names, old) in sorted(before.items()):
        for name in names:
            if env.images.add_file(name, file) != old:
                changed.add(name)
    return sorted(changed)


def _picture(app: Sphinx) -> str:
    """Return the address of the book's picture; empty where the site's is unknown."""
    config = app.config
    known = config.tabbook_address and config.tabbook_picture
    return f"{config.tabbook_address}{config.tabbook_picture}" if known else ""


def description(doctree: nodes.document) -> str:
    """Return the beginning of a page's first paragraph."""
    for paragraph in doctree.findall(nodes.paragraph):
        if isinstance(paragraph.parent, nodes.section | nodes.document):
            text = " ".join(paragraph.astext().split())
            return text if len(text) <= DESCRIPTION else f"{text[:DESCRIPTION]}…"
    return ""


def _remove_unused(context: dict[str, Any], unused: tuple[str, ...]) -> None:
    """Remove style sheets and scripts that a page does not use."""
    for key in ("css_files", "script_files"):
        context[key] = [
            file
            for file in context[key]
            if not PurePath(str(getattr(file, "filename", file))).name.startswith(
                unused
            )
        ]
