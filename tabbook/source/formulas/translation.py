r"""Put TeX that math-core does not know into TeX that it knows.

Formulas in books are written for MathJax, which knows more commands, and for Sphinx,
which sets a displayed formula with ``\\`` or ``&`` as aligned lines. The result is
LaTeX with amsmath, so that the PDF is typeset from it as well.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tabbook.base.tex import Reader, UnbalancedError, join
from tabbook.source.formulas.tables import (
    ALIGNED,
    ANGLES,
    ARRAYS,
    CODE_POINT,
    COLUMN_BETWEEN,
    COLUMN_PARAGRAPH,
    COLUMN_REPEATED,
    FENCES,
    GATHERED,
    MARK_IN_TEXT,
    MATH_IN_TEXT,
    MATRICES,
    OPERATOR_NAME,
    OTHER_ENVIRONMENTS,
    PLAIN_OPERATOR,
    RENAMED,
    TEXTS,
    TRANSPARENT,
    WITH_COUNT,
)


class TexRefusedError(ValueError):
    """TeX that has no form in MathML; the message says what to do."""


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
    translation = _Translation(tex, display, symbols)
    body = translation.run()
    if display and translation.has_lines:
        body = rf"\begin{{aligned}}{body}\end{{aligned}}"
    return Translated(body, translation.tag)


class _Translation:
    """Translates one formula, or one argument of a command."""

    def __init__(
        self, tex: str, display: bool, symbols: Mapping[str, str] | None
    ) -> None:
        self.reader = Reader(tex)
        self.display = display
        self.symbols = symbols
        self.environments: list[tuple[str, str]] = []
        """Name of each open environment, and the TeX that closes it."""
        self.depth = 0
        self.has_lines = False
        """Whether lines or columns stand outside of every environment."""
        self.tag = ""

    def run(self) -> str:
        result = ""
        while token := self.reader.token():
            result = join(result, self._translated(token))
        return result

    def _translated(self, token: str) -> str:
        if token[0] != "\\":
            return self._character(token)
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

    def _character(self, token: str) -> str:
        self.depth += {"{": 1, "}": -1}.get(token, 0)
        self._note_lines(token)
        if token.isascii() or self.symbols is None:
            return token
        return self.symbols.get(token) or rf"\text{{{token}}}"

    def _note_lines(self, token: str) -> None:
        if token in (r"\\", "&") and not self.depth and not self._open():
            self.has_lines = True

    def _open(self) -> list[str]:
        """Return the open environments that have lines or columns of their own."""
        return [name for name, _ in self.environments if name not in TRANSPARENT]

    def inner(self, tex: str) -> str:
        """Translate an argument, which is set as part of the line."""
        return _Translation(tex, False, self.symbols).run()

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
            pieces.append(self._plain(command, content[at : match.start()]))
            pieces.append(self.inner(match["dollars"] or match["parens"] or ""))
            at = match.end()
        pieces.append(self._plain(command, content[at:]))
        if len(pieces) == 1:
            return pieces[0] or rf"{command}{{}}"
        return f"{{{''.join(pieces)}}}"

    def _plain(self, command: str, text: str) -> str:
        # The empty group keeps the space behind a mark, which math-core would skip.
        escaped = MARK_IN_TEXT.sub(r"\\\g<mark>{}", text)
        return rf"{command}{{{escaped}}}" if text else ""

    def begin(self) -> str:
        """Open an environment under the name that math-core knows."""
        name = self.reader.argument().strip()
        plain = name.removesuffix("*")
        opening, closing = self._environment(name, plain)
        self.environments.append((plain, closing))
        return opening

    def _environment(self, name: str, plain: str) -> tuple[str, str]:
        if plain in TRANSPARENT:
            return "", ""
        if plain in OTHER_ENVIRONMENTS and self.symbols is None:
            return _pair(*OTHER_ENVIRONMENTS[plain])
        if plain in WITH_COUNT:
            self.reader.argument()
        if plain in ALIGNED or plain in GATHERED:
            self._skip_position()
            return _pair("aligned" if plain in ALIGNED else "gathered")
        if plain in ARRAYS:
            self._skip_position()
            return _pair("array", _columns(self.reader.argument()))
        if plain in MATRICES and name != plain:
            self.reader.optional()
            return _pair(plain)
        return _pair(name)

    def _skip_position(self) -> None:
        """Go past the vertical position of an environment, such as ``[t]``."""
        for position in ("[t]", "[b]", "[c]"):
            if self.reader.text.startswith(position, self.reader.at):
                self.reader.at += len(position)

    def end(self) -> str:
        """Close the environment that was opened last."""
        name = self.reader.argument().strip()
        if not self.environments:
            raise UnbalancedError(rf"\end{{{name}}} has no \begin{{{name}}}")
        opened, closing = self.environments.pop()
        if opened != name.removesuffix("*"):
            raise UnbalancedError(rf"\begin{{{opened}}} ends with \end{{{name}}}")
        return closing

    def set_tag(self) -> str:
        """Keep the tag of a formula; show that of a line behind the line."""
        star = self.reader.skip("*")
        content = self.reader.argument()
        shown = content if star else f"({content})"
        if self._open() or self.has_lines:
            return rf"\qquad\text{{{shown}}}"
        self.tag = shown
        return ""

    def operator(self) -> str:
        r"""Set ``\operatorname``; math-core sets letters only."""
        star = "*" if self.reader.skip("*") else ""
        content = self.reader.argument()
        if OPERATOR_NAME.fullmatch(content):
            return rf"\operatorname{star}{{{content}}}"
        return self._with_limits(self.inner(content), always=bool(star))

    def mathop(self) -> str:
        """Set any formula as an operator, with its limits below and above it."""
        content = self.reader.argument()
        if match := PLAIN_OPERATOR.fullmatch(content):
            name = match["braced"] or match["bare"]
            if len(name.strip()) > 1 and "\\" in content:
                return rf"\operatorname*{{{name.strip()}}}"
        return self._with_limits(self.inner(content), always=True)

    def _with_limits(self, operator: str, *, always: bool) -> str:
        r"""Return an operator with the scripts that follow, as TeX would place them."""
        limits = always and self.display
        while True:
            if self.reader.skip(r"\limits"):
                limits = True
            elif self.reader.skip(r"\nolimits"):
                limits = False
            else:
                break
        if not limits:
            return rf"\mathop{{{operator}}}"
        for _ in range(2):
            if self.reader.skip("_"):
                operator = rf"\underset{{{self.argument()}}}{{{operator}}}"
            elif self.reader.skip("^"):
                operator = rf"\overset{{{self.argument()}}}{{{operator}}}"
        return rf"\mathop{{{operator}}}"

    def brace(self, command: str) -> str:
        r"""Set a brace; its script is a limit with or without ``\limits``."""
        content = self.argument()
        self.reader.skip(r"\limits")
        return rf"{command}{{{content}}}"

    def substack(self) -> str:
        """Set lines below an operator."""
        return rf"\begin{{subarray}}{{c}}{self.argument()}\end{{subarray}}"

    def slashed_fraction(self) -> str:
        """Set a fraction in a line of text."""
        above, below = self.argument(), self.argument()
        return rf"{{}}^{{{above}}}\!/_{{{below}}}"

    def over_and_under(self) -> str:
        """Set something above and something below."""
        above, below, base = self.argument(), self.argument(), self.argument()
        return rf"\overset{{{above}}}{{\underset{{{below}}}{{{base}}}}}"

    def line_between(self) -> str:
        """Set text on a line of its own between aligned lines."""
        return rf"{self._plain(chr(92) + 'text', self.reader.argument())}\\"

    def space(self) -> str:
        """Set a space; the star says that it stays at the ends of lines."""
        self.reader.skip("*")
        return rf"\hspace{{{self.reader.argument()}}}"

    def code_point(self) -> str:
        """Set the character of a code point."""
        number = self.reader.argument().strip()
        if not CODE_POINT.fullmatch(number):
            raise TexRefusedError(rf"\unicode{{{number}}} is no character")
        point = int(number[1:], 16) if number[0] == "x" else int(number, 10)
        return self._character(chr(point))

    def drop_argument(self) -> str:
        """Leave out a command with its argument, which shows nothing."""
        self.reader.argument()
        return ""

    def declare_operator(self) -> str:
        """Define an operator for the rest of the formula."""
        star = "*" if self.reader.skip("*") else ""
        name, content = self.reader.argument(), self.reader.argument()
        return rf"\newcommand{{{name}}}{{\operatorname{star}{{{content}}}}}"

    def refuse_reference(self) -> str:
        """Refuse a reference, which only text can have."""
        raise TexRefusedError(
            r"\ref and \eqref show nothing in a formula; write :eqref:`NAME` in the "
            "text"
        )


HANDLERS: dict[str, Callable[[_Translation], str]] = {
    r"\begin": _Translation.begin,
    r"\end": _Translation.end,
    r"\tag": _Translation.set_tag,
    r"\label": _Translation.drop_argument,
    r"\require": _Translation.drop_argument,
    r"\vspace": _Translation.drop_argument,
    r"\mathop": _Translation.mathop,
    r"\operatorname": _Translation.operator,
    r"\underbrace": lambda translation: translation.brace(r"\underbrace"),
    r"\overbrace": lambda translation: translation.brace(r"\overbrace"),
    r"\substack": _Translation.substack,
    r"\nicefrac": _Translation.slashed_fraction,
    r"\sfrac": _Translation.slashed_fraction,
    r"\overunderset": _Translation.over_and_under,
    r"\intertext": _Translation.line_between,
    r"\shortintertext": _Translation.line_between,
    r"\hspace": _Translation.space,
    r"\unicode": _Translation.code_point,
    r"\DeclareMathOperator": _Translation.declare_operator,
    r"\ref": _Translation.refuse_reference,
    r"\eqref": _Translation.refuse_reference,
}
"""How each command is translated that is more than another name."""


COMMAND = re.compile(r"\\[A-Za-z]+")
TRANSLATED = frozenset({*HANDLERS, *RENAMED, *TEXTS})
"""Every command that a translation may change."""


def _needs_translation(tex: str) -> bool:
    """Return whether a formula contains anything that a translation may change.

    Most contain nothing, and a look at them takes a tenth of a translation's time.
    """
    if any(mark in tex for mark in ("&", "<", ">", r"\\", r"\(", r"\)")):
        return True
    return not TRANSLATED.isdisjoint(COMMAND.findall(tex))


def _pair(name: str, columns: str = "") -> tuple[str, str]:
    """Return the TeX that opens and closes an environment."""
    argument = f"{{{columns}}}" if columns else ""
    return rf"\begin{{{name}}}{argument}", rf"\end{{{name}}}"


def _columns(specification: str) -> str:
    """Return the columns of an array as letters and rules."""
    text = COLUMN_REPEATED.sub(lambda match: match[2] * int(match[1]), specification)
    text = COLUMN_PARAGRAPH.sub("l", COLUMN_BETWEEN.sub("", text))
    return re.sub(r"\s", "", text)
