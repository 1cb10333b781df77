"""Neighbouring cells of several frameworks become one tab set."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from docutils import nodes
from sphinx.transforms import SphinxTransform
from sphinx.util.docutils import SphinxDirective
from sphinx_design.shared import create_component

TABS = "tabbook_tabs"
"""Metadata of a cell, attribute of a text: the frameworks it belongs to."""

SYNC_GROUP = "framework"
"""Name of the choice, in the address and in the browser's storage."""


class TabText(SphinxDirective):
    """The text of a tab: ``{tab-text} mxnet pytorch``."""

    name: ClassVar[str] = "tab-text"
    has_content = True
    required_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        """Return a container that says which frameworks it belongs to."""
        made = nodes.container(is_div=True, classes=["tab-text"])
        made[TABS] = self.arguments[0].split()
        self.set_source_info(made)
        self.state.nested_parse(self.content, self.content_offset, made)
        return [made]


class GroupTabs(SphinxTransform):
    """Gather what stands side by side and belongs to frameworks."""

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

    def _tab_set(self, run: list[nodes.container]) -> nodes.container:
        made = create_component("tab-set", classes=["sd-tab-set"])
        made.source, made.line = run[0].source, run[0].line
        used: set[int] = set()
        for name, label in self.config.tabbook_frameworks:
            panel = [_copy(node, used) for node in run if name in tabs(node)]
            if panel:
                made += _tab_item(name, label, panel, run[0])
        return made


def tabs(node: nodes.Node) -> list[str]:
    """Return the frameworks a node belongs to; none for what all share."""
    if not isinstance(node, nodes.container):
        return []
    found: list[str] = node.get(TABS) or node.get("cell_metadata", {}).get(TABS, [])
    return found


def _runs(parent: nodes.Element) -> Iterator[list[nodes.container]]:
    run: list[nodes.container] = []
    for child in [*parent.children, None]:
        if child is not None and tabs(child):
            run.append(child)
        elif run:
            yield run
            run = []


def _copy(node: nodes.container, used: set[int]) -> nodes.container:
    """Return a text once as it is, then copies whose ids do not clash with it."""
    if id(node) not in used:
        used.add(id(node))
        return node
    made = node.deepcopy()
    for inner in made.findall(nodes.Element):
        inner["ids"], inner["names"] = [], []
    return made


def _tab_item(
    name: str, text: str, panel: list[nodes.container], place: nodes.container
) -> nodes.container:
    label = nodes.rubric(text, text, classes=["sd-tab-label"])
    label["sync_id"], label["sync_group"] = name, SYNC_GROUP
    content = create_component(
        "tab-content", classes=["sd-tab-content"], children=panel
    )
    made = create_component(
        "tab-item", classes=["sd-tab-item"], children=[label, content], selected=False
    )
    made.source, made.line = place.source, place.line
    return made
