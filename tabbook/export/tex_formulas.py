"""Find the formulas that XeLaTeX cannot set, and show them as their TeX instead.

Pages know commands that LaTeX lacks, and one of them would stop the PDF. Where TeX
fails, every formula is tried by itself, and only those that fail are replaced.
"""

from __future__ import annotations

import contextlib
import re
from pathlib import Path

from sphinx.util import texescape

from tabbook.base import reproducible
from tabbook.base.errors import BookError

BEGIN = r"\begin{document}"

FORMULA = re.compile(
    r"\\\((?P<inline>.*?)\\\)|\\begin\{equation\*\}(?P<display>.*?)\\end\{equation\*\}",
    re.DOTALL,
)
"""A formula as Sphinx writes it; code is escaped and holds none."""

ERROR = re.compile(r"^[^\n:]*:(?P<line>\d+): (?P<reason>.*)$", re.MULTILINE)
LABEL = re.compile(r"\\label\{[^}]*\}")
TAG = re.compile(r"\\tag\*?\{[^}]*\}")

TIMEOUT = 300
"""Seconds for trying the formulas."""


def replace_failing(source: Path) -> dict[str, str]:
    """Replace the formulas of a LaTeX file that XeLaTeX cannot set by their TeX.

    :returns: the reasons by the formulas; empty if every formula can be set.
    """
    text = source.read_text(encoding="utf-8")
    head, _, body = text.partition(BEGIN)
    formulas = list(dict.fromkeys(match[0] for match in FORMULA.finditer(body)))
    failing = _failing(source.with_name("formulas.tex"), head, formulas)
    if failing:
        body = FORMULA.sub(
            lambda match: _code(match) if match[0] in failing else match[0], body
        )
        source.write_text(f"{head}{BEGIN}{body}", encoding="utf-8")
    return {_shown(formula): reason for formula, reason in failing.items()}


def _failing(trial: Path, head: str, formulas: list[str]) -> dict[str, str]:
    """Return TeX's first error by the formula, from a file with a formula a line."""
    unlabelled = (LABEL.sub("", " ".join(formula.split())) for formula in formulas)
    lines = [f"{{{formula}\\par}}" for formula in unlabelled]
    begin = head.count("\n") + 2
    text = "\n".join([f"{head}{BEGIN}", *lines, r"\end{document}"])
    trial.write_text(text, encoding="utf-8")
    options = ["-interaction=nonstopmode", "-file-line-error", "-no-shell-escape"]
    command = ["xelatex", "-no-pdf", *options, trial.name]
    with contextlib.suppress(BookError):  # fails where one formula does
        reproducible.run(command, trial.parent, timeout=TIMEOUT)
    log = trial.with_suffix(".log")
    errors = log.read_text("utf-8", "replace") if log.exists() else ""
    failing: dict[str, str] = {}
    for match in ERROR.finditer(errors):
        at = int(match["line"]) - begin
        if 0 <= at < len(formulas):
            failing.setdefault(formulas[at], match["reason"])
    return failing


def _shown(formula: str) -> str:
    """Return a formula without the additions for its number and its place."""
    match = FORMULA.fullmatch(formula)
    tex = (match["inline"] or match["display"] or "") if match else formula
    return " ".join(TAG.sub("", LABEL.sub("", tex)).split())


def _code(match: re.Match[str]) -> str:
    """Return a formula as code, with the target of references to it."""
    texescape.init()
    code = texescape.escape(_shown(match[0]), "xelatex")
    code = rf"\sphinxcode{{\sphinxupquote{{{code}}}}}"
    if match["inline"] is not None:
        return code
    labels = "".join(LABEL.findall(match[0]))
    target = rf"\phantomsection{labels}" if labels else ""
    return f"\n\n{target}{code}\n\n"
