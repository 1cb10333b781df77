"""Collect the text of a page that a search finds, each with its anchor."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from docutils import nodes
from sphinx import addnodes

from tabbook.sphinxext.transforms.folds import fold, fold_title
from tabbook.sphinxext.transforms.tabs import tab_panel, tab_set

TEXT, CODE, OUTPUT = range(3)
"""Kinds of indexed text."""

FONT = re.compile(r"\\(?:math|text|operatorname)\w*\{([^{}]*)\}")
"""TeX commands that change the font of a part of a formula."""

SKIPPED = (
    *(nodes.Invisible, nodes.raw, nodes.image, nodes.math_block),
    *(addnodes.toctree, fold_title),
)
"""Nodes without text to search."""


@dataclass(frozen=True)
class IndexedText:
    """Text of one kind that belongs to the same frameworks."""

    kind: int
    """One of TEXT, CODE and OUTPUT."""
    text: str
    """One paragraph or line of code per line."""
    frameworks: frozenset[str] = frozenset()
    """Frameworks whose panels contain the text; empty outside tab sets."""


@dataclass(frozen=True)
class IndexEntry:
    """A part of a page that a search result links to."""

    level: int
    """Depth; 1 is the page itself."""
    anchor: str
    title: str
    passages: list[IndexedText] = field(default_factory=list)


def entries(document: nodes.document, names: list[str]) -> list[IndexEntry]:
    """Return the entries of a page, in its order.

    :param names: the names of all frameworks.
    """
    collector = _Collector(frozenset(names))
    collector.open(document.children, IndexEntry(0, "", ""))
    return [entry for entry in collector.entries if entry.title or entry.passages]


class _Collector:
    """Collects entries from a document tree."""

    def __init__(self, names: frozenset[str]) -> None:
        self.names = names
        self.entries: list[IndexEntry] = []

    def open(self, content: list[nodes.Node], entry: IndexEntry) -> None:
        """Start an entry and add the text of its nodes."""
        self.entries.append(entry)
        self._fill(entry, content)

    def _fill(self, entry: IndexEntry, content: list[nodes.Node]) -> None:
        for node in content:
            self._read(node, entry)

    def _read(self, node: nodes.Node, entry: IndexEntry) -> None:
        """Add the text of a node to an entry, or start an entry for it."""
        if isinstance(node, SKIPPED) or not isinstance(node, nodes.Element):
            return
        if started := _started(node, entry.level + 1):
            self.open(node.children[1:], started)
        elif isinstance(node, tab_set):
            self._tabs(node, entry)
        elif isinstance(node, nodes.literal_block):
            _add(entry, IndexedText(_kind(node), _code(node)))
        elif isinstance(node, nodes.TextElement | nodes.row):
            _add(entry, IndexedText(TEXT, _line(node)))
        elif not _has_image(node):
            self._fill(entry, node.children)

    def _tabs(self, node: tab_set, entry: IndexEntry) -> None:
        """Add the panels' text; a line shared by several is added once."""
        frameworks: dict[tuple[int, str], set[str]] = {}
        for panel in node.findall(tab_panel):
            content = IndexEntry(entry.level, "", "")
            self._fill(content, panel.children)
            for passage in content.passages:
                for line in passage.text.splitlines():
                    names = frameworks.setdefault((passage.kind, line), set())
                    names.add(panel["framework"])
        lines_of: dict[tuple[int, frozenset[str]], list[str]] = {}
        for (kind, line), names in frameworks.items():
            group = frozenset() if names == self.names else frozenset(names)
            lines_of.setdefault((kind, group), []).append(line)
        for (kind, group), lines in lines_of.items():
            _add(entry, IndexedText(kind, "\n".join(lines), group))


def _started(node: nodes.Element, level: int) -> IndexEntry | None:
    """Return a new entry titled by a node's first child, if the node starts one."""
    if isinstance(node, nodes.section | fold) and node["ids"]:
        return IndexEntry(level, node["ids"][0], _line(node.children[0]))
    if isinstance(node, nodes.definition_list_item):
        term = node.children[0]
        ids = (child["ids"][0] for child in term.findall(nodes.Element) if child["ids"])
        if anchor := next(ids, ""):
            return IndexEntry(level, anchor, _line(term))
    return None


def _add(entry: IndexEntry, passage: IndexedText) -> None:
    """Add text, joined to the previous text of the same kind and frameworks."""
    before = entry.passages[-1] if entry.passages else None
    if not passage.text:
        return
    if before and (before.kind, before.frameworks) == (
        passage.kind,
        passage.frameworks,
    ):
        text = f"{before.text}\n{passage.text}"
        entry.passages[-1] = IndexedText(passage.kind, text, passage.frameworks)
    else:
        entry.passages.append(passage)


def _line(node: nodes.Element) -> str:
    """Return the text of a node on one line, with spaces between a row's cells."""
    if isinstance(node, nodes.row):
        return " ".join(filter(None, (_line(cell) for cell in node.children)))
    return " ".join("".join(map(_text, node.findall(nodes.Text))).split())


def _text(node: nodes.Text) -> str:
    """Return plain text: formulas without TeX, no unresolved equation numbers."""
    above = node.parent.parent
    if isinstance(above, addnodes.pending_xref) and above["reftype"] == "eq":
        return ""
    if isinstance(node.parent, nodes.math):
        return FONT.sub(r"\1", node).replace("\\", "")
    return str(node)


def _code(node: nodes.literal_block) -> str:
    """Return the lines of code or output that contain a word, unindented."""
    lines = (line.strip() for line in node.astext().splitlines())
    return "\n".join(line for line in lines if re.search(r"\w", line))


def _kind(node: nodes.literal_block) -> int:
    above = node.parent
    while above is not None:
        if above.get("nb_element") == "cell_code_output":
            return OUTPUT
        above = above.parent
    return CODE


def _has_image(node: nodes.Element) -> bool:
    """Return whether an output is shown as an image, so that its text is hidden."""
    return node.get("nb_element") == "mime_bundle" and any(
        str(output.get("mime_type", "")).startswith("image/")
        for output in node.children
    )
