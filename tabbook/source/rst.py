"""reStructuredText in a fence ``eval_rst``, as far as pages can show it.

d2lbook gives it to Sphinx with extensions that import the code they describe, such as
autodoc. Pages do without these, and show as text what they cannot render.
"""

from __future__ import annotations

import functools
import re
import textwrap
from collections.abc import Iterator
from typing import Any, NamedTuple

RST = "eval_rst"
"""Info string of d2lbook for reStructuredText."""

DIRECTIVES = frozenset(
    {"acks", "bibliography", "centered", "code-block", "deprecated", "glossary"}
    | {"highlight", "hlist", "index", "only", "rst-class", "seealso", "sourcecode"}
    | {"tabularcolumns", "toctree", "versionadded", "versionchanged"}
)
"""Directives that Sphinx adds to docutils, without those that document code."""

ROLES = frozenset(
    {"abbr", "cite", "cite:p", "cite:t", "command", "doc", "download", "eq", "file"}
    | {"guilabel", "kbd", "menuselection", "numref", "ref", "samp", "term"}
)
"""Roles that Sphinx adds to docutils, without those that refer to code."""

UNKNOWN = re.compile(
    r'Unknown (?:directive type|interpreted text role) "(?P<name>[^"]+)"'
)
DISABLED = re.compile(r'"[\w-]+" directive disabled')
"""A directive of docutils that is disabled here, but not on pages."""

WARNING = 2
"""docutils' level of messages that pages report."""


class RstProblem(NamedTuple):
    """A part that cannot be shown."""

    line: int
    """Line in the text, counted from 1."""
    message: str


@functools.cache
def problems_of_rst(text: str) -> tuple[RstProblem, ...]:
    """Return the parts of a text in reStructuredText that pages cannot show.

    Sphinx must not be running in this process: its directives need their page.
    """
    return tuple(map(problem, _messages(text)))


def unrendered(message: str) -> str:
    """Return the message about reStructuredText that pages show as text."""
    return f"this block is shown as text, because Sphinx would say: {message}"


def problem(message: Any) -> RstProblem:
    """Return a message of docutils as a problem."""
    return RstProblem(message.get("line", 1), _shown(message))


def _shown(message: Any) -> str:
    """Return the first line of a message, without its place and level."""
    first: str = message.astext().split("\n")[0]
    return first.partition(") ")[2] or first


def _messages(text: str) -> Iterator[Any]:
    """Yield docutils' messages about a text, without those about names of Sphinx."""
    # docutils takes longer to import than a section to read.
    from docutils import frontend, utils
    from docutils.parsers.rst import Parser

    settings = frontend.get_default_settings(Parser)
    settings.report_level, settings.halt_level = 5, 6
    settings.file_insertion_enabled = settings.raw_enabled = False
    document = utils.new_document("", settings)
    messages: list[Any] = []
    document.reporter.attach_observer(messages.append)
    Parser().parse(text, document)
    for message in messages:
        shown = message.astext()
        unknown = UNKNOWN.search(shown)
        known = unknown and unknown["name"] in DIRECTIVES | ROLES
        if known and "only" in shown.split("\n")[0]:
            yield from _messages(textwrap.dedent("\n".join(shown.split("\n")[3:])))
        elif message["level"] >= WARNING and not known and not DISABLED.search(shown):
            yield message
