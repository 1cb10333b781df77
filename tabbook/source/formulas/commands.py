"""Translate the commands of TeX that need more than another name."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from tabbook.base.tex.reader import UnbalancedError
from tabbook.source.formulas.tables import (
    ALIGNED,
    ARRAYS,
    CODE_POINT,
    COLUMN_BETWEEN,
    COLUMN_PARAGRAPH,
    COLUMN_REPEATED,
    GATHERED,
    MATRICES,
    OPENING,
    OPERATOR_NAME,
    OTHER_ENVIRONMENTS,
    PLAIN_OPERATOR,
    TRANSPARENT,
    WITH_COUNT,
)

if TYPE_CHECKING:
    from tabbook.source.formulas.translation import Translation


class TexRefusedError(ValueError):
    """TeX that has no form in MathML; the message has the remedy."""


def begin(translation: Translation) -> str:
    """Open an environment under the name that math-core knows."""
    name = translation.reader.argument().strip()
    plain = name.removesuffix("*")
    opening, closing = _environment(translation, name, plain)
    translation.environments.append((plain, closing))
    return opening


def _environment(translation: Translation, name: str, plain: str) -> tuple[str, str]:
    if plain in TRANSPARENT:
        return "", ""
    if plain in OTHER_ENVIRONMENTS and not translation.keeps(plain):
        return _pair(*OTHER_ENVIRONMENTS[plain])
    if plain in WITH_COUNT:
        translation.reader.argument()
    if plain in ALIGNED or plain in GATHERED:
        _skip_position(translation)
        return _pair("aligned" if plain in ALIGNED else "gathered")
    if plain in ARRAYS:
        _skip_position(translation)
        return _pair("array", _columns(translation.reader.argument()))
    if plain in MATRICES and name != plain:
        translation.reader.optional()
        return _pair(plain)
    return _pair(name)


def _skip_position(translation: Translation) -> None:
    """Go past the vertical position of an environment, such as ``[t]``."""
    for position in ("[t]", "[b]", "[c]"):
        if translation.reader.text.startswith(position, translation.reader.at):
            translation.reader.at += len(position)


def end(translation: Translation) -> str:
    """Close the environment that was opened last."""
    name = translation.reader.argument().strip()
    if not translation.environments:
        raise UnbalancedError(rf"\end{{{name}}} has no \begin{{{name}}}")
    opened, closing = translation.environments.pop()
    if opened != name.removesuffix("*"):
        raise UnbalancedError(rf"\begin{{{opened}}} ends with \end{{{name}}}")
    return closing


def set_tag(translation: Translation) -> str:
    """Keep the tag of a formula; show that of a line behind the line."""
    star = translation.reader.skip("*")
    content = translation.reader.argument()
    shown = content if star else f"({content})"
    if translation.open_environments() or translation.has_lines:
        return rf"\qquad\text{{{shown}}}"
    translation.tag = shown
    return ""


def operator(translation: Translation) -> str:
    r"""Set ``\operatorname``; math-core sets letters only."""
    star = "*" if translation.reader.skip("*") else ""
    content = translation.reader.argument()
    if OPERATOR_NAME.fullmatch(content):
        return rf"\operatorname{star}{{{content}}}"
    return _with_limits(translation, translation.inner(content), always=bool(star))


def mathop(translation: Translation) -> str:
    """Set any formula as an operator, with its limits below and above it."""
    content = translation.reader.argument()
    if match := PLAIN_OPERATOR.fullmatch(content):
        name = match["braced"] or match["bare"]
        if len(name.strip()) > 1 and "\\" in content:
            return rf"\operatorname*{{{name.strip()}}}"
    return _with_limits(translation, translation.inner(content), always=True)


def _with_limits(translation: Translation, operator: str, *, always: bool) -> str:
    r"""Return an operator with the scripts that follow, as TeX would place them."""
    limits = always and translation.display
    while True:
        if translation.reader.skip(r"\limits"):
            limits = True
        elif translation.reader.skip(r"\nolimits"):
            limits = False
        else:
            break
    if not limits and translation.symbols is not None:
        return rf"\mathop{{{operator}}}\nolimits"
    if not limits:
        return _with_scripts(translation, operator)
    for _ in range(2):
        if translation.reader.skip("_"):
            operator = rf"\underset{{{translation.argument()}}}{{{operator}}}"
        elif translation.reader.skip("^"):
            operator = rf"\overset{{{translation.argument()}}}{{{operator}}}"
    return rf"\mathop{{{operator}}}"


def _with_scripts(translation: Translation, operator: str) -> str:
    """Return an operator with scripts at its side, and the space behind both.

    math-core puts the space of an operator before its scripts.
    """
    result = f"{{{operator}}}"
    for _ in range(2):
        for mark in "_^":
            if translation.reader.skip(mark):
                result += f"{mark}{{{translation.argument()}}}"
    translation.reader.skip_spaces()
    return (
        result
        if OPENING.match(translation.reader.text, translation.reader.at)
        else rf"{result}\,"
    )


def brace(translation: Translation, command: str) -> str:
    r"""Set a brace; its script is a limit with or without ``\limits``."""
    content = translation.argument()
    translation.reader.skip(r"\limits")
    return rf"{command}{{{content}}}"


def substack(translation: Translation) -> str:
    """Set lines below an operator."""
    return rf"\begin{{subarray}}{{c}}{translation.argument()}\end{{subarray}}"


def slashed_fraction(translation: Translation) -> str:
    """Set a fraction in a line of text."""
    above, below = translation.argument(), translation.argument()
    return rf"{{}}^{{{above}}}\!/_{{{below}}}"


def over_and_under(translation: Translation) -> str:
    """Set something above and something below."""
    above, below, base = (
        translation.argument(),
        translation.argument(),
        translation.argument(),
    )
    return rf"\overset{{{above}}}{{\underset{{{below}}}{{{base}}}}}"


def line_between(translation: Translation) -> str:
    """Set text on a line of its own between aligned lines."""
    line = translation.plain_text(r"\text", translation.reader.argument())
    return rf"{line}\\"


def space(translation: Translation) -> str:
    """Set a space; the star says that it stays at the ends of lines."""
    translation.reader.skip("*")
    return rf"\hspace{{{translation.reader.argument()}}}"


def code_point(translation: Translation) -> str:
    """Set the character of a code point."""
    number = translation.reader.argument().strip()
    if not CODE_POINT.fullmatch(number):
        raise TexRefusedError(rf"\unicode{{{number}}} is no character")
    point = int(number[1:], 16) if number[0] == "x" else int(number, 10)
    return translation.character(chr(point))


def drop_argument(translation: Translation) -> str:
    """Leave out a command with its argument, which shows nothing."""
    translation.reader.argument()
    return ""


def declare_operator(translation: Translation) -> str:
    """Define an operator for the rest of the formula."""
    star = "*" if translation.reader.skip("*") else ""
    name, content = translation.reader.argument(), translation.reader.argument()
    return rf"\newcommand{{{name}}}{{\operatorname{star}{{{content}}}}}"


def refuse_reference(translation: Translation) -> str:
    """Refuse a reference, which only text can have."""
    raise TexRefusedError(
        r"\ref and \eqref show nothing in a formula; write :eqref:`NAME` in the "
        "text"
    )


HANDLERS: dict[str, Callable[[Translation], str]] = {
    r"\begin": begin,
    r"\end": end,
    r"\tag": set_tag,
    r"\label": drop_argument,
    r"\require": drop_argument,
    r"\vspace": drop_argument,
    r"\mathop": mathop,
    r"\operatorname": operator,
    r"\underbrace": lambda translation: brace(translation, r"\underbrace"),
    r"\overbrace": lambda translation: brace(translation, r"\overbrace"),
    r"\substack": substack,
    r"\nicefrac": slashed_fraction,
    r"\sfrac": slashed_fraction,
    r"\overunderset": over_and_under,
    r"\intertext": line_between,
    r"\shortintertext": line_between,
    r"\hspace": space,
    r"\unicode": code_point,
    r"\DeclareMathOperator": declare_operator,
    r"\ref": refuse_reference,
    r"\eqref": refuse_reference,
}
"""How each command is translated that is more than another name."""


def _pair(name: str, columns: str = "") -> tuple[str, str]:
    """Return the TeX that opens and closes an environment."""
    argument = f"{{{columns}}}" if columns else ""
    return rf"\begin{{{name}}}{argument}", rf"\end{{{name}}}"


def _columns(specification: str) -> str:
    """Return the columns of an array as letters and rules."""
    text = COLUMN_REPEATED.sub(lambda match: match[2] * int(match[1]), specification)
    text = COLUMN_PARAGRAPH.sub("l", COLUMN_BETWEEN.sub("", text))
    return re.sub(r"\s", "", text)
