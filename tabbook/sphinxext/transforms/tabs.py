"""Group neighbouring cells of several frameworks into tab sets."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from html import escape

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.writers.html5 import HTML5Translator

from tabbook.base.translations import texts
from tabbook.sphinxext.transforms import rows

TABS = "tabbook_tabs"
"""Metadata of a cell, attribute of a text: the frameworks it belongs to."""


def setup(app: Sphinx) -> None:
    """Register the transform and the nodes of tab sets."""
    app.add_node(tab_set, html=(visit_tab_set, depart))
    app.add_node(tab_panel, html=(visit_tab_panel, depart))
    app.add_transform(GroupTabs)


ROW = "tabbook_row"
"""Attribute of a block: the row on which a comparison shows it."""

BIBLIOGRAPHY = "bibliography"
"""Name of the node in place of a list of references; only books with one load it."""


class tab_set(nodes.General, nodes.Element):  # type: ignore[misc]  # noqa: N801
    """Panels, one visible at a time.

    ``lacks`` lists the frameworks without a panel whose readers see all others. A text
    shows others only to readers without code on the page: a remark about one framework
    is nothing to readers of another.
    """


class tab_panel(nodes.General, nodes.Element):  # type: ignore[misc]  # noqa: N801
    """Cells of the framework whose name is ``framework`` and title is ``label``."""


class GroupTabs(SphinxTransform):
    """Group neighbouring nodes that belong to frameworks."""

    default_priority = 870

    @cached_property
    def _frameworks_with_code(self) -> set[str]:
        """Return the frameworks whose readers have code on this page."""
        cells = filter(_has_code, self.document.findall(nodes.container))
        return {name for cell in cells for name in tabs(cell)}

    def apply(self, **kwargs: object) -> None:
        """Replace each run of neighbours by a tab set."""
        parents = dict.fromkeys(
            node.parent for node in self.document.findall(nodes.container) if tabs(node)
        )
        for parent in parents:
            for run in list(_runs(parent)):
                at = parent.index(run[0])
                parent[at : at + len(run)] = [self._tab_set(run)]

    def _tab_set(self, run: list[nodes.container]) -> tab_set:
        tabbed = tab_set(lacks=[])
        tabbed.source, tabbed.line = run[0].source, run[0].line
        used: set[int] = set()
        lacks: list[tuple[str, str]] = []
        for name, label in self.config.tabbook_frameworks:
            content = [_copy(node, used, name) for node in run if name in tabs(node)]
            if content:
                tabbed += tab_panel("", *content, framework=name, label=label)
            else:
                lacks.append((name, label))
        _set_rows(tabbed)
        with_code = self._frameworks_with_code
        is_code = any(_has_code(node) for node in run)
        tabbed["lacks"] = [
            lack for lack in lacks if is_code or lack[0] not in with_code
        ]
        return tabbed


def tabs(node: nodes.Node) -> list[str]:
    """Return the frameworks a node belongs to; empty for shared nodes."""
    if not isinstance(node, nodes.container):
        return []
    names: list[str] = node.get(TABS) or node.get("cell_metadata", {}).get(TABS, [])
    return names


def visit_tab_set(translator: HTML5Translator, node: tab_set) -> None:
    """Open a set and write the notes for readers of frameworks that it lacks."""
    words = texts(translator.config.language, "tabs")
    attributes = {"style": f"--rows:{node['rows']}"}
    if node["lacks"]:
        attributes["data-lacks"] = " ".join(name for name, _ in node["lacks"])
    translator.body.append(translator.starttag(node, "div", CLASS="tabs", **attributes))
    for framework, label in node["lacks"]:
        note = escape(words["missing"].format(framework=label))
        translator.body.append(
            f'<p class="lacks" data-framework="{framework}">{note}</p>\n'
        )


def visit_tab_panel(translator: HTML5Translator, node: tab_panel) -> None:
    """Open a panel; the style sheet shows its name."""
    attributes = {
        "data-framework": node["framework"],
        "role": "group",
        "aria-label": node["label"],
    }
    translator.body.append(
        translator.starttag(node, "div", suffix="", CLASS="panel", **attributes)
    )


def _set_rows(tabbed: tab_set) -> None:
    """Give the blocks of all panels the rows on which a comparison shows them."""
    kinds = [[_kind(child) for child in panel] for panel in tabbed]
    begins, last = rows.rows(kinds)
    tabbed["rows"] = last
    for panel, begin in zip(tabbed, begins, strict=True):
        for child, at in zip(panel, begin, strict=True):
            child[ROW] = at


def _kind(node: nodes.container) -> str:
    if not _has_code(node):
        return rows.TEXT
    parts = node.findall(nodes.container)
    printed = any(part.get("nb_element") == "cell_code_output" for part in parts)
    return rows.OUTPUT if printed else rows.CODE


def depart(translator: HTML5Translator, node: nodes.Element) -> None:
    """Close a set or a panel."""
    translator.body.append("</div>")


def _has_code(node: nodes.container) -> bool:
    return bool(node.get("nb_element") == "cell_code")


def _runs(parent: nodes.Element) -> Iterator[list[nodes.container]]:
    """Yield each run of neighbouring nodes that belong to frameworks."""
    run: list[nodes.container] = []
    for child in [*parent.children, None]:
        if child is not None and tabs(child):
            run.append(child)
        elif run:
            yield run
            run = []


def _copy(node: nodes.container, used: set[int], framework: str) -> nodes.container:
    """Return the node itself the first time, then copies with ids of their own.

    The page's script finds a copy by its id, which begins with that of the original. A
    list of references is not copied: links lead to the first, which shows its tab.
    """
    if id(node) not in used:
        used.add(id(node))
        return node
    copy = node.deepcopy()
    for inner in list(copy.findall(nodes.Element)):
        if inner.tagname == BIBLIOGRAPHY:
            inner.parent.remove(inner)
    for inner in copy.findall(nodes.Element):
        inner["ids"] = [f"{name}-in-{framework}" for name in inner["ids"]]
        inner["names"] = []
    return copy
