r"""The macros that a book declares in config.ini, and their expansion in formulas.

Every form of the book gets its formulas with the macros expanded: notebooks have no
preamble that JupyterLab and Colab read alike, and what is shown on pages should be what
is typeset in the PDF.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from tabbook.base.tex.reader import TOKEN, TexReader, UnbalancedError, join

DEFINITION = re.compile(
    r"\\(?P<kind>(?:new|renew|provide)command|def|DeclareMathOperator)(?P<star>\*?)"
    r"(?![A-Za-z])"
)
NAME = re.compile(r"\\(?:[A-Za-z]+|[^A-Za-z\s])")
PARAMETER = re.compile(r"(?<!\\)#(?P<number>\d?)")

MAX_EXPANSIONS = 2000
"""How many macros are expanded in one formula; the rest is left as it is."""

WITH_ARGUMENT = re.compile(
    r"(?:[\^_]|\\(?:[dtc]?frac|[dt]?binom|sqrt|(?:wide)?(?:hat|tilde)|bar|vec|d*dot|check"
    r"|(?:over|under)(?:line|brace)|math(?:bf|bb|cal|rm|sf|it|frak|scr|tt)|boldsymbol"
    r"|bm|text\w*|operatorname))\s*\Z"
)
"""Commands that take the next token as argument: a macro there is put into braces."""


class MacroError(ValueError):
    """A definition that cannot be read."""

    def __init__(self, message: str, line: str) -> None:
        """Name the line of the definition."""
        super().__init__(message)
        self.line = line


@dataclass(frozen=True)
class Macro:
    r"""The declaration ``\newcommand{\name}[arity][default]{body}``."""

    name: str
    r"""The command with its backslash, such as ``\norm``."""
    body: str
    """Its replacement, with ``#1`` to ``#9`` for the arguments."""
    arity: int = 0
    """Number of its arguments."""
    default: str | None = None
    """The first argument where it is left out; None if it never is."""

    def read_arguments(self, reader: TexReader) -> list[str]:
        """Read the arguments of a call.

        :raises UnbalancedError: an argument is missing.
        """
        if self.default is None:
            return [reader.argument() for _ in range(self.arity)]
        first = reader.optional()
        rest = [reader.argument() for _ in range(self.arity - 1)]
        return [self.default if first is None else first, *rest]

    def replacement(self, arguments: Sequence[str]) -> str:
        """Return the body with the arguments in it."""
        text, at = "", 0
        for match in PARAMETER.finditer(self.body):
            text = join(text + self.body[at : match.start()], "")
            text = join(text, arguments[int(match["number"]) - 1])
            at = match.end()
        return join(text, self.body[at:])


def parse(text: str) -> tuple[Macro, ...]:
    r"""Return the macros that a text declares, one after the other.

    :param text: ``\newcommand``, ``\renewcommand``, ``\providecommand``, ``\def`` and
        ``\DeclareMathOperator``; a ``%`` between them begins a comment.
    :raises MacroError: a definition cannot be read.
    """
    macros: dict[str, Macro] = {}
    reader = TexReader(text)
    while _skip_comments(reader):
        line = text[reader.at :].partition("\n")[0].strip()
        try:
            macro = _definition(reader)
        except UnbalancedError as error:
            raise MacroError(f"has {line!r}, where {error}", line) from error
        if problem := _problem(macro, macros):
            raise MacroError(f"has {line!r}: {problem}", line)
        macros[macro.name] = macro
    for macro in macros.values():
        if macro.name in _used(macro, macros, set()):
            message = f"defines {macro.name} by {macro.name} itself; write it out"
            raise MacroError(message, macro.name)
    return tuple(macros.values())


def expand(tex: str, macros: Iterable[Macro]) -> str:
    """Return a formula with its macros expanded.

    A call without its arguments is left as it is.
    """
    by_name = {macro.name: macro for macro in macros}
    if not by_name:
        return tex
    at = 0
    for _ in range(MAX_EXPANSIONS):
        call = next(
            (match for match in TOKEN.finditer(tex, at) if match[0] in by_name), None
        )
        if call is None:
            return tex
        tex, at = _expand_call(tex, call, by_name[call[0]])
    return tex


def _expand_call(tex: str, call: re.Match[str], macro: Macro) -> tuple[str, int]:
    """Return the formula with one call replaced, and where to look for the next."""
    reader = TexReader(tex, call.end())
    try:
        arguments = macro.read_arguments(reader)
    except UnbalancedError:
        return tex, call.end()
    if not macro.arity and macro.name[1:].isalpha():
        reader.skip_blanks()  # as TeX does after a control word
    before, body = tex[: call.start()], macro.replacement(arguments)
    if WITH_ARGUMENT.search(before):
        body = f"{{{body}}}"
    opened = join(before, body)
    return join(opened, tex[reader.at :]), len(opened) - len(body)


def _skip_comments(reader: TexReader) -> bool:
    """Go on to the next definition; return whether there is one."""
    reader.skip_spaces()
    while reader.text.startswith("%", reader.at):
        end = reader.text.find("\n", reader.at)
        reader.at = len(reader.text) if end < 0 else end
        reader.skip_spaces()
    return bool(reader)


def _definition(reader: TexReader) -> Macro:
    r"""Read one definition.

    :raises UnbalancedError: it is none, or a part of it is missing.
    """
    head = DEFINITION.match(reader.text, reader.at)
    if head is None:
        raise UnbalancedError(
            r"\newcommand{\name}{...}, \def\name{...} or "
            r"\DeclareMathOperator{\name}{...} was expected"
        )
    reader.at = head.end()
    name = reader.argument().strip()
    if not NAME.fullmatch(name):
        raise UnbalancedError(f"{name!r} is no name; write one such as \\name")
    if head["kind"] == "def":
        return _plain_definition(reader, name)
    if head["kind"] == "DeclareMathOperator":
        body = f"\\operatorname{head['star']}{{{reader.argument()}}}"
        return Macro(name, body)
    arity = reader.optional()
    if arity is not None and not re.fullmatch("[0-9]", arity):
        raise UnbalancedError(f"{arity!r} is no number of arguments from 0 to 9")
    default = reader.optional() if arity not in (None, "0") else None
    return Macro(name, reader.argument(), int(arity or 0), default)


def _plain_definition(reader: TexReader, name: str) -> Macro:
    r"""Read the parameters and the body that follow ``\def\name``.

    :raises UnbalancedError: the parameters are other than ``#1#2...``.
    """
    begin = reader.text.find("{", reader.at)
    parameters = reader.text[reader.at : begin].strip()
    arity = parameters.count("#")
    if begin < 0 or parameters != "".join(f"#{n}" for n in range(1, arity + 1)):
        raise UnbalancedError(f"{name} needs parameters such as #1#2, then {{...}}")
    reader.at = begin
    return Macro(name, reader.argument(), arity)


def _problem(macro: Macro, others: dict[str, Macro]) -> str:
    """Return the error of a definition; empty if there is none."""
    if macro.name in others:
        return f"{macro.name} is defined twice"
    for match in PARAMETER.finditer(macro.body):
        if not 1 <= int(match["number"] or 0) <= macro.arity:
            return f"{match[0]} is not one of its {macro.arity} arguments"
    return ""


def _used(macro: Macro, macros: dict[str, Macro], seen: set[str]) -> Iterator[str]:
    """Yield the names of the macros that a macro uses, directly or not."""
    for name in TOKEN.findall(macro.body):
        if name in macros and name not in seen:
            seen.add(name)
            yield name
            yield from _used(macros[name], macros, seen)
