"""Give sphinxcontrib-bibtex the book's entries, and find the pages to write again.

sphinxcontrib-bibtex would read the .bib files itself, and stop at the first mistake in
one. Its domain gets the entries that the notebooks have, too.
"""

from __future__ import annotations

from typing import Any

from pybtex.database import BibliographyData
from pybtex.plugin import register_plugin
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinxcontrib.bibtex.bibfile import BibData, BibFile

from tabbook.source.book import Book
from tabbook.source.citations.reference_style import ListStyle, reference_style
from tabbook.sphinxext.citations.nodes import STYLE, source_of
from tabbook.sphinxext.reader.outputs import report
from tabbook.sphinxext.settings import BEGIN, book_of

DUPLICATES = ("duplicate_citation", "duplicate_label", "duplicate_local_citation")
"""Warnings of sphinxcontrib-bibtex about an entry in two lists of references."""


def setup(app: Sphinx) -> None:
    """Register the handlers, after those of sphinxcontrib-bibtex."""
    register_plugin("pybtex.style.formatting", STYLE, ListStyle, force=True)
    app.config.bibtex_bibfiles = []
    app.config.bibtex_default_style = STYLE
    app.config.bibtex_tooltips = False  # which would format every entry twice
    app.config.suppress_warnings += [f"bibtex.{name}" for name in DUPLICATES]
    app.connect("builder-inited", load)
    app.connect("env-updated", outdated)


def load(app: Sphinx) -> None:
    """Put the book's entries and style into the domain of sphinxcontrib-bibtex."""
    bibliography = book_of(app).bibliography
    domain: Any = app.env.get_domain("cite")
    domain.builder = app.builder  # transforms have no public way to their builder
    domain.reference_style = reference_style(app.config.language)
    seen: set[str] = set()
    files = {}
    for file, content in bibliography.content.items():
        # Of two files with one key, the first has the entry; the other one lists it.
        files[file] = BibFile(mtime=0.0, keys=dict.fromkeys(content.entries))
        seen |= content.entries.keys()
    data = BibliographyData({key: bibliography.entries[key] for key in seen})
    domain.data["bibdata"] = BibData("utf-8", files, data)


def outdated(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Return the pages whose citations or references changed since the last build.

    Sphinx alone writes a page again only when its own text has changed. A key without
    an entry is reported, whether its page was read in this build or in an earlier one.
    """
    domain: Any = env.get_domain("cite")
    _report_unknown(domain, book_of(app))
    shown = _shown(env, domain)
    before = getattr(env, "tabbook_citations", shown)
    env.tabbook_citations = shown  # type: ignore[attr-defined]
    return [name for name in shown if before.get(name) != shown[name]]


def _report_unknown(domain: Any, book: Book) -> None:
    bibliography = book.bibliography
    for cited in domain.citation_refs if bibliography.files else ():
        section = source_of(book, cited.docname, cited.line)
        for target in cited.targets:
            if target.key not in bibliography.entries:
                message = f"no .bib file has an entry {target.key!r}"
                report(section, cited.line % BEGIN, "unknown-citation", message)


def _shown(env: BuildEnvironment, domain: Any) -> dict[str, list[str]]:
    """Return the text of citations and lists, by the name of the page."""
    shown: dict[str, list[str]] = {}
    entries = {
        citation.key: repr((citation.formatted_entry.text, citation.bibliography_key))
        for citation in domain.citations
    }
    for cited in domain.citation_refs:
        page = shown.setdefault(cited.docname, [])
        page += [entries.get(target.key, target.key) for target in cited.targets]
    places = sorted(
        f"{target.key} {cited.docname} {cited.citation_ref_id} "
        f"{env.titles[cited.docname].astext()}"
        for cited in domain.citation_refs
        for target in cited.targets
    )
    for key in domain.bibliographies:
        shown.setdefault(key.docname, []).extend([*sorted(entries.values()), *places])
    return shown
