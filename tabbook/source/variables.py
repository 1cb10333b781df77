"""Conditions and variables in texts, by which editions differ.

``{frameworks}`` stands for the labels of the book's frameworks. Lines between
``<!-- if solutions -->`` and ``<!-- end if -->`` belong to editions that show
solutions, those below ``<!-- if no solutions -->`` to the others; ``folded`` and
``blanks`` work likewise, and ``printed``, which holds in PDF and EPUB. d2lbook shows
the name in braces as it is, and all of the lines.

Lines keep their numbers: what does not belong to an edition is replaced by blank lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tabbook.base.config import Config
from tabbook.base.config.editions import Solutions
from tabbook.base.errors import BookError
from tabbook.base.translations import texts
from tabbook.source.cells import dialect

FRAMEWORKS = "{frameworks}"
"""The name, outside of code, that is replaced by the frameworks' labels."""

CONDITION = re.compile(
    r"<!-- if (?P<no>no )?(?P<name>solutions|folded|blanks|printed) -->"
)
END = "<!-- end if -->"


def fill(text: str, config: Config, path: str) -> str:
    """Return the text of a section for the edition that is built.

    :param path: the file, for messages.
    :raises BookError: a condition does not end, or ends without a beginning.
    """
    if FRAMEWORKS not in text and "<!-- if " not in text and END not in text:
        return text
    filled = "\n".join(_lines(text, config, path))
    return filled + "\n" if text.endswith("\n") else filled


def _lines(text: str, config: Config, path: str) -> Iterator[str]:
    """Yield the lines of a text with its conditions applied."""
    began, holds = 0, True
    for line in dialect.lines(text):
        mark = "" if line.inside else line.text.strip()
        if match := CONDITION.fullmatch(mark):
            if began:
                raise _unbalanced(path, began)
            began, holds = line.number, _holds(match, config)
        elif mark == END:
            if not began:
                raise BookError(
                    f"{path}:{line.number}: {END} ends nothing; write "
                    "<!-- if solutions --> or <!-- if no solutions --> above it"
                )
            began, holds = 0, True
        elif holds:
            yield line.text if line.inside else _named(line.text, config)
            continue
        yield ""
    if began:
        raise _unbalanced(path, began)


def _unbalanced(path: str, line: int) -> BookError:
    return BookError(f"{path}:{line}: the condition does not end; write {END} below it")


def _holds(condition: re.Match[str], config: Config) -> bool:
    edition = config.edition
    facts = {
        "solutions": edition.solutions != Solutions.LEFT_OUT,
        "folded": edition.solutions == Solutions.FOLDED and not config.printed,
        "blanks": edition.blanks,
        "printed": config.printed,
    }
    return facts[condition["name"]] != bool(condition["no"])


def _named(text: str, config: Config) -> str:
    """Return a line with the frameworks' labels in place of their name in braces."""
    if FRAMEWORKS not in text:
        return text
    marks = texts(config.language, "punctuation")
    *first, last = (framework.label for framework in config.frameworks)
    before_last = marks["names"].join(first)
    labels = f"{before_last}{marks['last_name']}{last}" if first else last
    # Within code the braces are the author's own.
    parts = re.split(r"(`[^`]*`)", text)
    return "".join(
        part if part.startswith("`") else part.replace(FRAMEWORKS, labels)
        for part in parts
    )
