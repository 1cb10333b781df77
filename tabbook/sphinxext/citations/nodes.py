"""Create the nodes of citations and of lists of references while a page is read.

sphinxcontrib-bibtex makes the same from its roles and its directive; these functions
need neither, give ids that do not depend on the position, and accept any .bib file.
"""

from __future__ import annotations

import ast
import itertools
from collections.abc import Sequence

from docutils import nodes
from sphinx import addnodes
from sphinx.environment import BuildEnvironment
from sphinxcontrib.bibtex.citation_target import CitationTarget
from sphinxcontrib.bibtex.directives import BibliographyKey, BibliographyValue
from sphinxcontrib.bibtex.nodes import bibliography as bibliography_node
from sphinxcontrib.bibtex.roles import CitationRef

from tabbook.source.book import Book
from tabbook.source.citations.citations import KINDS
from tabbook.source.section import Section
from tabbook.sphinxext.settings import BEGIN, book_of

STYLE = "tabbook"
"""The name under which sphinxcontrib-bibtex finds ``reference_style.ListStyle``."""


def citation_nodes(
    env: BuildEnvironment,
    document: nodes.document,
    kind: str,
    keys: Sequence[str],
    line: int,
) -> list[nodes.Node]:
    """Return the nodes of a citation, and record that the page has it.

    :param document: the page.
    :param kind: ``cite``, ``citep`` or ``citet``.
    :param line: line of the page, as its tokens have it.
    """
    bibliography = book_of(env).bibliography
    text = bibliography.text(kind, keys)
    name = bibliography.anchors.get(keys[0], "").removeprefix("ref-")
    reference = addnodes.pending_xref(
        "",
        nodes.inline(text, text),
        refdoc=env.docname,
        refdomain="cite",
        reftype=KINDS[kind],
        reftarget=",".join(keys),
        refkind=kind,
        refwarn=True,
        ids=[_unused_id(document, f"cite-{name}")],
    )
    document.note_explicit_target(reference, reference)
    targets = [CitationTarget(key, "", "") for key in keys]
    cited = CitationRef(reference["ids"][0], env.docname, line, targets)
    env.get_domain("cite").citation_refs.append(cited)  # type: ignore[attr-defined]
    return [reference]


def bibliography_nodes(
    env: BuildEnvironment,
    document: nodes.document,
    names: Sequence[str],
    line: int,
) -> list[nodes.Node]:
    """Return the node that the list of references replaces.

    :param document: the page.
    :param names: names of the .bib files in ``:bibliography:``.
    :param line: line of the page, as its tokens have it.
    """
    book = book_of(env)
    bibliography, section = book.bibliography, source_of(book, env.docname, line)
    files = [
        file
        for file in bibliography.named(section, names)
        if file in bibliography.content
    ]
    for file in files:
        env.note_dependency(str(file))
    node = bibliography_node(
        "", docname=env.docname, ids=[_unused_id(document, "reference-list")]
    )
    document.note_explicit_target(node, node)
    domain = env.get_domain("cite")
    key = BibliographyKey(env.docname, node["ids"][0])
    domain.bibliographies[key] = BibliographyValue(  # type: ignore[attr-defined]
        line=line,
        bibfiles=files,
        style=STYLE,
        list_="citation",
        enumtype="arabic",
        start=1,
        labelprefix="",
        keyprefix="",
        filter_=ast.parse("cited"),
        citation_nodes={
            entry.key: _entry(document, bibliography.anchors[entry.key])
            for entry in domain.get_entries(files)  # type: ignore[attr-defined]
        },
        keys=[],
    )
    return [node]


def source_of(book: Book, page: str, line: int) -> Section:
    """Return the section that a line of a page is from: the page's or its solutions."""
    section = book.section(page)
    assert section is not None
    return (line >= BEGIN and book.solutions_of(section)) or section


def _entry(document: nodes.document, anchor: str) -> nodes.citation:
    node = nodes.citation(ids=[_unused_id(document, anchor)])
    document.note_explicit_target(node, node)
    return node


def _unused_id(document: nodes.document, name: str) -> str:
    name = name.rstrip("-")
    numbered = (f"{name}-{number}" for number in itertools.count(2))
    names = itertools.chain([name], numbered)
    return next(each for each in names if each not in document.ids)
