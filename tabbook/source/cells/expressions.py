"""Regular expressions of the dialect's lines: fences, headings, tab lines, tab marks.

Cells and tabs are d2lbook's own reading, line by line; everything within prose is read
by ``markdown``.
"""

from __future__ import annotations

import re

FENCE = re.compile(r"(?P<fence>`{3,}|~{3,})[ \t]*(?P<info>.*)")
"""The line that opens a fence."""

HEADING = re.compile(r"(?P<level>#+)\s+(?P<text>.*?)(?:(?<!\s)\s*+)?#*+$")

LABEL = re.compile(r"(?<!\s)\s*+:(?:label|eqlabel):`[^`]*`")
"""A label on the line of its heading."""

TAB_MARK = re.compile(r":(?P<kind>begin_tab|end_tab):(?:`(?P<tabs>[^`]*)`)?")
"""The mark that begins or ends the text of a tab."""

TAB_LINE = re.compile(r"(?:%%tab +|# *@tab +)(?P<tabs>.*)")
"""The first line of a cell, which names the frameworks the cell belongs to."""

ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|/|#", re.IGNORECASE)
"""The beginning of a target that is not a path relative to its source."""
