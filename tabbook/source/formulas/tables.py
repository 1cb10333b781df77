"""The commands and environments that are translated for math-core, and their syntax."""

from __future__ import annotations

import re

IGNORED = (
    *(r"\ensuremath", r"\mathnormal", r"\smash", r"\displaylimits", r"\relax"),
    *(r"\mathclap", r"\mathllap", r"\mathrlap", r"\clap", r"\llap", r"\rlap"),
    *(r"\tiny", r"\scriptsize", r"\footnotesize", r"\small", r"\normalsize"),
    *(r"\large", r"\Large", r"\LARGE", r"\huge", r"\Huge", r"\allowbreak"),
    *(r"\nobreak", r"\(", r"\)"),
)
"""Commands that change nothing that MathML could show."""

RENAMED = {
    "\\\n": r"\ ",
    r"\mbox": r"\text",
    r"\hbox": r"\text",
    r"\textup": r"\textrm",
    r"\textmd": r"\textrm",
    r"\textnormal": r"\textrm",
    r"\textsl": r"\textit",
    r"\mathds": r"\mathbb",
    r"\mathbbm": r"\mathbb",
    r"\pmb": r"\boldsymbol",
    r"\dotsc": r"\ldots",
    r"\dotso": r"\ldots",
    r"\hdots": r"\ldots",
    r"\dotsb": r"\cdots",
    r"\dotsm": r"\cdots",
    r"\dotsi": r"\cdots",
    r"\centerdot": r"\cdot",
    r"\strut": r"\mathstrut",
    r"\wideparen": r"\overparen",
    r"\cr": r"\\",
    **dict.fromkeys(IGNORED, ""),
}
"""Commands of TeX or of packages by the names that math-core has for them."""

ALIGNED = {"split", "align", "aligned", "flalign", "alignat", "alignedat", "xalignat"}
GATHERED = {"gather", "gathered", "multline", "multlined"}
TRANSPARENT = {"equation", "displaymath", "math", "subequations"}
"""Environments that add nothing to a formula on a line of its own."""
WITH_COUNT = {"alignat", "alignedat", "xalignat"}
"""Environments whose first argument is the number of columns."""
MATRICES = {"matrix", "bmatrix", "pmatrix", "vmatrix", "Bmatrix", "Vmatrix"}

ARRAYS = {"array", "tabular"}
OTHER_ENVIRONMENTS = {"eqnarray": ("array", "rcl"), "smallmatrix": ("subarray", "c")}
"""math-core's name and columns of environments that it lacks."""
KNOWN_TO_AMSMATH = {"smallmatrix"}

TEXTS = {rf"\text{name}" for name in ("", "rm", "bf", "it", "sf", "tt", "sc")}
FENCES = {rf"\{name}" for name in ("left", "right", "middle")} | {
    rf"\{size}{side}"
    for size in ("big", "Big", "bigg", "Bigg")
    for side in ("", "l", "r", "m")
}
ANGLES = {"<": r"\langle", ">": r"\rangle"}

PLAIN_OPERATOR = re.compile(
    r"\s*(?:\\(?:mathrm|textrm|text|rm|operatorname\*?)\s*)?"
    r"(?:\{(?P<braced>[A-Za-z0-9 \-]+)\}|(?P<bare>[A-Za-z0-9 \-]+))\s*"
)
OPERATOR_NAME = re.compile(
    r"(?:\\(?:text|mathrm|arg|max|min|sup|inf|lim)(?![a-z])|\\[,;:! ]|[\w ~{}+-])*"
)
"""Commands that math-core sets as the name of an operator."""
MATH_IN_TEXT = re.compile(r"(?<!\\)\$(?P<dollars>[^$]*)\$|\\\((?P<parens>.*?)\\\)")
OPENING = re.compile(r"[(\[{}&,.]|\\(?:left|right|[bB]ig|[{}\\lL])|\Z")
"""Tokens next to which TeX sets an operator without a space."""
MARK_IN_TEXT = re.compile(r"\\?(?P<mark>[_&#])")
CODE_POINT = re.compile("x?[0-9A-Fa-f]{1,6}")
COLUMN_REPEATED = re.compile(r"\*\{(\d{1,2})\}\{([^{}]*)\}")
COLUMN_PARAGRAPH = re.compile(r"[pmb]\{[^{}]*\}")
COLUMN_BETWEEN = re.compile(r"[@!><]\{(?:[^{}]|\{[^{}]*\})*\}")
