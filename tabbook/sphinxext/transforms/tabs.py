"""Group neighbouring cells of several frameworks into tab sets."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.writers.html5 import HTML5Translator

from tabbook.base.translations import texts

TABS = "tabbook_tabs"
"""Metadata of a cell, attribute of a text: the frameworks it belongs to."""


def setup(app: Sphinx) -> None:
    """Register the transform and the nodes of tab sets."""
    app.add_node(tab_set, html=(visit_tab_set, depart))
    app.add_node(tab_panel, html=(visit_tab_panel, depart))
    app.add_transform(GroupTabs)


BIBLIOGRAPHY = "bibliography"
"""Name of the node in place of a list of references; only books with one load it."""


class tab_set(nodes.General, nodes.Element):  # type: ignore[misc]  # noqa: N801
    """Panels, one visible at a time; ``lacks`` lists the frameworks without a panel."""


class tab_panel(nodes.General, nodes.Element):  # type: ignore[misc]  # noqa: N801
    """Cells of the framework whose name is ``framework`` and title is ``label``."""


class GroupTabs(SphinxTransform):
    """Group neighbouring nodes that belong to frameworks."""

    default_priority = 870

    def apply(self, **kwargs: object) -> None:
        """Replace each run of neighbours by a tab set."""
        parents = dict.fromkeys(
            node.parent for node in self.document.findall(nodes.container) if tabs(node)
        )
        for parent in parents:
            for run in list(_runs(parent)):
                at = parent.index(run[0])
                parent[at : at + len(run)] = [self._tab_set(run)]
        for number, node in enumerate(self.document.findall(tab_set), 1):
            node["ids"] = [f"t{number}"]
            for panel in node.children:
                panel["ids"] = [f"t{number}-{panel['framework']}"]

    def _tab_set(self, run: list[nodes.container]) -> tab_set:
        tabbed = tab_set(lacks=[])
        tabbed.source, tabbed.line = run[0].source, run[0].line
        used: set[int] = set()
        for name, label in self.config.tabbook_frameworks:
            content = [_copy(node, used, name) for node in run if name in tabs(node)]
            if content:
                tabbed += tab_panel("", *content, framework=name, label=label)
            else:
                tabbed["lacks"].append((name, label))
        return tabbed


def tabs(node: nodes.Node) -> list[str]:
    """Return the frameworks a node belongs to; empty for shared nodes."""
    if not isinstance(node, nodes.container):
        return []
    names: list[str] = node.get(TABS) or node.get("cell_metadata", {}).get(TABS, [])
    return names


def visit_tab_set(translator: HTML5Translator, node: tab_set) -> None:
    """Open a set and write its list of tabs."""
    words = texts(translator.config.language, "tabs")
    out = translator.body
    lacking = " ".join(name for name, _ in node["lacks"])
    out.append(
        translator.starttag(node, "div", CLASS="tabs", **{"data-lacks": lacking})
    )
    title = words["framework"]
    out.append(f'<div class="tab-list" role="tablist" aria-label="{title}">')
    for panel in node.children:
        (panel_id,), framework = panel["ids"], panel["framework"]
        out.append(
            f'<button role="tab" id="{panel_id}-tab" '
            f'aria-controls="{panel_id}" data-framework="{framework}">'
            f"{escape(panel['label'])}</button>"
        )
    out.append("</div>\n")
    for framework, label in node["lacks"]:
        note = escape(words["missing"].format(framework=label))
        out.append(f'<p class="lacks" data-framework="{framework}">{note}</p>\n')


def visit_tab_panel(translator: HTML5Translator, node: tab_panel) -> None:
    """Open a panel and write its label, which shows when several panels are visible."""
    attributes = {
        "data-framework": node["framework"],
        "role": "tabpanel",
        "aria-labelledby": f"{node['ids'][0]}-tab",
    }
    translator.body.append(
        translator.starttag(node, "div", CLASS="panel", **attributes)
        + f'<p class="panel-label">{escape(node["label"])}</p>\n'
    )


def depart(translator: HTML5Translator, node: nodes.Element) -> None:
    """Close a set or a panel."""
    translator.body.append("</div>\n")


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
