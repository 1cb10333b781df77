"""Make the PDF of one framework's edition: Sphinx's LaTeX, typeset by XeLaTeX."""

from __future__ import annotations

import re
from pathlib import Path

from tabbook.base import console, files, reproducible
from tabbook.base.config import Config, Framework
from tabbook.base.errors import BookError
from tabbook.environments import debian
from tabbook.export import framework_book, tex_formulas
from tabbook.source.book import Book

TIMEOUT = 600
"""Seconds for all runs of TeX."""

MISSING_CHARACTER = re.compile(r"Missing character: There is no (\S+)")
UNDEFINED = re.compile(r"(?:Reference|Citation|Hyper reference) `([^']+)'.* undefined")
ERROR_LINE = re.compile(r"^(?:! .*|[^\n:]+:\d+: .*)$", re.M)
"""An error in TeX's log: ``! ...`` or ``file:line: ...``."""


def make(book: Book, framework: Framework) -> Path:
    """Make a framework's PDF from the committed notebooks, without any kernel.

    :returns: ``_build/pdf/NAME.pdf``.
    :raises BookError: a program is missing, outputs are stale, or TeX failed; the last
        PDF is unchanged.
    """
    from tabbook.sphinxext.latex.settings import settings

    config = book.config
    require_programs()
    title = framework_book.title(config, framework)
    versions = framework_book.versions(config, framework)
    with (
        framework_book.scratch_folder(config, "pdf", framework) as work,
        reproducible.fixed_date(config.root),
    ):
        date = framework_book.date(config)
        options = settings(config, framework, title, versions, date)
        folder = framework_book.render(book, framework, "latex", work, options)
        pdf = _typeset_without_failing(folder / f"{framework.name}.tex", config)
        _check_log(pdf.with_suffix(".log"), config)
        return files.publish(pdf, config.output / "pdf" / pdf.name)


def require_programs() -> None:
    """Check that every program, style and font of a PDF is installed.

    :raises BookError: something is missing; names the Debian packages to install.
    """
    if missing := debian.missing("pdf"):
        names = ", ".join(requirement.name for requirement in missing)
        raise BookError(
            f"a PDF cannot be made without {names}; as root: "
            f"{debian.install_command(missing)}"
        )


def _typeset_without_failing(source: Path, config: Config) -> Path:
    """Typeset a file; formulas that TeX cannot set become code, with a warning.

    :raises BookError: TeX failed for another reason.
    """
    try:
        return _typeset(source)
    except BookError:
        failing = tex_formulas.replace_failing(source)
        if not failing:
            raise
    if "formula" not in config.silenced:
        for tex, reason in failing.items():
            console.complain(
                f"warning: the PDF shows the formula {tex!r} as TeX, because XeLaTeX "
                f"cannot set it: {reason}; write it with commands of amsmath [formula]"
            )
    return _typeset(source)


def _typeset(source: Path) -> Path:
    """Run TeX until its references are settled; return the PDF.

    :raises BookError: TeX failed.
    """
    options = ["-norc", "-xelatex", "-interaction=nonstopmode", "-halt-on-error"]
    options += ["-file-line-error", "-latexoption=-no-shell-escape"]
    command = ["latexmk", *options, source.name]
    try:
        reproducible.run(command, source.parent, timeout=TIMEOUT)
    except BookError as error:
        log = source.with_suffix(".log")
        text = log.read_text("utf-8", "replace") if log.exists() else ""
        reason = next(iter(ERROR_LINE.findall(text)), str(error))
        raise BookError(
            f"TeX cannot typeset the book: {reason}; see {log}. The last PDF is "
            "unchanged."
        ) from error
    return source.with_suffix(".pdf")


def _check_log(log: Path, config: Config) -> None:
    """Check TeX's log for characters and references that are missing in the PDF.

    :raises BookError: a character is in no font, or a reference has no target.
    """
    text = log.read_text("utf-8", "replace")
    checks = {
        "missing-letter": ("no font has the characters", MISSING_CHARACTER),
        "unresolved-reference": ("there is no target for", UNDEFINED),
    }
    for name, (message, pattern) in checks.items():
        names = dict.fromkeys(pattern.findall(text))
        if names and name not in config.silenced:
            listed = ", ".join(repr(name) for name in names)
            raise BookError(
                f"the PDF would be incomplete: {message} {listed}; change the text, "
                f"or silence the problem by its name [{name}]"
            )
