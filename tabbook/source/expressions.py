"""Regular expressions of the dialect: each is defined here, and only here.

Notebooks (``notebooks/compile.py``) and pages (``sphinxext/marks.py``) use the same
expressions and apply them by different rules. Each difference is noted below, under
the expression it is about.
"""

from __future__ import annotations

import re

FENCE = re.compile(r"(?P<fence>`{3,}|~{3,})[ \t]*(?P<info>.*)")
"""The line that opens a fence."""

HEADING = re.compile(r"(?P<level>#+)\s+(?P<text>.*?)\s*#*$")

CODE_SPAN = re.compile(r"(?<!`)(?P<run>`+)(?!`).*?(?<!`)(?P=run)(?!`)")
"""Inline code; marks inside it are text."""

# Tabs.

TAB_MARK = re.compile(r":(?P<kind>begin_tab|end_tab):(?:`(?P<tabs>[^`]*)`)?")
"""The mark that begins or ends the text of a tab."""

TAB_LINE = re.compile(r"(?:%%tab +|# *@tab +)(?P<tabs>.*)")
"""The first line of a cell, which names the frameworks the cell belongs to."""

# Marks.

MARK = re.compile(r":(?P<key>[-/\\.\w]+):(?:`(?P<value>[^`]*)`)?")
"""Any mark, such as ``:label:`fig_x```, whether d2lbook knows it or not."""

MARK_OR_CODE = re.compile(f"{MARK.pattern}|{CODE_SPAN.pattern}")

LABEL = re.compile(r":(?P<kind>label|eqlabel):`(?P<name>[^`]+)`")
"""A mark that names the heading, figure, table or equation above it."""

CAPTION_LABEL = re.compile(r":label:`(?P<name>[^`]+)`")
"""A label below a figure or a table. ``:eqlabel:`` names equations and has no caption.

A notebook searches all marks below a table for it; a page takes the first mark only,
and only where that is a ``LABEL``.
"""

EQUATION_LABEL = re.compile(r":eqlabel:`(?P<name>[^`]+)`")

REFERENCE = re.compile(r":(?P<kind>numref|ref|eqref):`(?P<name>[^`]+)`")

# Figures and tables.

IMAGE = re.compile(r"(?P<start>!\[[^\]]*\]\()(?P<path>[^)\s]+)(?P<end>[^)]*\))")
"""An image anywhere in a line."""

FIGURE = re.compile(r"!\[(?P<alt>[^\]]*)\]\((?P<path>[^)\s]+)[^)]*\)\s*")
"""A line that holds an image and nothing else.

For a notebook, each such line is a figure. For a page, it is one only below an empty
line or at the beginning of its text, and only if an empty line follows its marks.
"""

CAPTION = re.compile(r"(?:Table)?:\s*(?P<text>[^`\s].*)")
"""The line above a table with the table's caption.

A notebook searches for it from the table upwards, and gives a table without a caption
its number. A page searches from the caption downwards to the table.
"""

SIZE = re.compile(r":(?P<key>width|height):`(?P<value>[^`]*)`")
"""The size of a figure, passed on to pages as written."""

WIDTH = re.compile(r":width:`(?P<value>\d+)(?P<unit>px|%)?`")
"""The width of a figure in notebooks, which ignore heights and other units."""

ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|/|#", re.IGNORECASE)
"""The beginning of a target that is not a path relative to its source."""
