r"""Put TeX that math-core does not know into TeX that it knows.

Formulas in books are written for MathJax, which knows more commands, and for Sphinx,
which sets a displayed formula with ``\\`` or ``&`` as aligned lines. The result is
LaTeX with amsmath, so that the PDF is typeset from it as well.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from tabbook.base.tex.reader import TexReader, join
from tabbook.source.formulas.commands import HANDLERS
from tabbook.source.formulas.tables import (
    ANGLES,
    FENCES,
    KNOWN_TO_AMSMATH,
    MARK_IN_TEXT,
    MATH_IN_TEXT,
    RENAMED,
    TEXTS,
    TRANSPARENT,
)


@dataclass(frozen=True)
class Translated:
    """A formula that math-core and LaTeX read alike."""

    body: str
    tag: str = ""
    r"""What ``\tag`` shows at the margin, with its parentheses; empty if nothing."""


def translate(
    tex: str, *, display: bool, symbols: Mapping[str, str] | None = None
) -> Translated:
    """Return a formula in the TeX that math-core and amsmath have in common.

    :param symbols: commands that replace characters outside of ASCII, for LaTeX; any
        other such character is set as text. None keeps the characters.
    :raises UnbalancedError: a group or an argument is incomplete.
    :raises TexRefusedError: the formula has no form in MathML.
    """
    if symbols is None and not _needs_translation(tex):
        return Translated(tex)
    translation = Translation(tex, display, symbols)
    body = translation.run()
    if display and translation.has_lines:
        body = rf"\begin{{aligned}}{body}\end{{aligned}}"
    return Translated(body, translation.tag)


class Translation:
    """Translates one formula, or one argument of a command."""

    def __init__(
        self, tex: str, display: bool, symbols: Mapping[str, str] | None
    ) -> None:
        """Begin at the beginning; the parameters are those of ``translate``."""
        self.reader = TexReader(tex)
        self.display = display
        self.symbols = symbols
        self.environments: list[tuple[str, str]] = []
        """Name of each open environment, and the TeX that closes it."""
        self.depth = 0
        self.has_lines = False
        """Whether lines or columns stand outside of every environment."""
        self.tag = ""

    def run(self) -> str:
        """Return the translation."""
        result = ""
        while self.reader:
            plain = self.reader.plain()
            piece = plain or self._translated(self.reader.token())
            result = join(result, piece)
        return result

    def _translated(self, token: str) -> str:
        if token[0] != "\\":
            return self.character(token)
        if token in HANDLERS:
            return HANDLERS[token](self)
        if token in TEXTS:
            return self.text(token)
        if token in FENCES:
            return self._fence(token)
        renamed = RENAMED.get(token, token)
        if renamed in TEXTS:
            return self.text(renamed)
        self._note_lines(renamed)
        return renamed

    def character(self, token: str) -> str:
        """Translate a character that begins no command."""
        self.depth += {"{": 1, "}": -1}.get(token, 0)
        self._note_lines(token)
        if token.isascii() or self.symbols is None:
            return token
        return self.symbols.get(token) or rf"\text{{{token}}}"

    def _note_lines(self, token: str) -> None:
        if token in (r"\\", "&") and not self.depth and not self.open_environments():
            self.has_lines = True

    def open_environments(self) -> list[str]:
        """Return the open environments that have lines or columns of their own."""
        return [name for name, _ in self.environments if name not in TRANSPARENT]

    def keeps(self, environment: str) -> bool:
        """Return whether only math-core lacks an environment, and LaTeX is written."""
        return self.symbols is not None and environment in KNOWN_TO_AMSMATH

    def inner(self, tex: str) -> str:
        """Translate an argument, which is set as part of the line."""
        return Translation(tex, False, self.symbols).run()

    def argument(self) -> str:
        """Translate the next argument."""
        return self.inner(self.reader.argument())

    def _fence(self, token: str) -> str:
        for angle, command in ANGLES.items():
            if self.reader.skip(angle):
                return token + command
        return token

    def text(self, command: str) -> str:
        """Set text; formulas between dollars in it are set beside it."""
        content = self.reader.argument()
        pieces, at = [], 0
        for match in MATH_IN_TEXT.finditer(content):
            pieces.append(self.plain_text(command, content[at : match.start()]))
            pieces.append(self.inner(match["dollars"] or match["parens"] or ""))
            at = match.end()
        pieces.append(self.plain_text(command, content[at:]))
        if len(pieces) == 1:
            return pieces[0] or rf"{command}{{}}"
        return f"{{{''.join(pieces)}}}"

    def plain_text(self, command: str, text: str) -> str:
        """Set text without formulas; empty if there is none."""
        # The empty group keeps the space behind a mark, which math-core would skip.
        escaped = MARK_IN_TEXT.sub(r"\\\g<mark>{}", text)
        return rf"{command}{{{escaped}}}" if text else ""


COMMAND = re.compile(r"\\[A-Za-z]+")
TRANSLATED = frozenset({*HANDLERS, *RENAMED, *TEXTS})
"""Every command that a translation may change."""


def _needs_translation(tex: str) -> bool:
    """Return whether a formula contains anything that a translation may change.

    Most contain nothing, and a look at them takes a tenth of a translation's time.
    """
    if any(mark in tex for mark in ("&", "<", ">", r"\\", r"\(", r"\)", "\\\n")):
        return True
    return not TRANSLATED.isdisjoint(COMMAND.findall(tex))
