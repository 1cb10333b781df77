"""Convert formulas from TeX to MathML by math-core; an unset formula is a value.

``translation`` first puts what math-core does not know into TeX that it knows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from math_core import LatexToMathML

from tabbook.base.tex.macros import Macro, expand
from tabbook.base.tex.reader import UnbalancedError
from tabbook.source.formulas.commands import TexRefusedError
from tabbook.source.formulas.translation import Translated, translate

MAX_GROUPS = 3000
"""Commands and groups in a formula; 4000 that are nested do not overflow math-core's
stack of 8 MiB, which would end the process."""

GROUP = re.compile(r"\\[A-Za-z]+|\{")

FUNCTION_APPLICATION = "&ApplyFunction;"
"""The only entity of math-core's output that XML does not know; EPUB is XML."""

VECTOR = ('<mo stretchy="false">\u20d7</mo>', '<mo stretchy="true">\u20d7</mo>')
"""A vector's arrow before and after: unstretched, fonts draw it beside the letter."""

LINE_AT_LETTER = re.compile(
    r'(?P<base>accent(?:under)?="true"><(?P<tag>m[in])>[^<]*</(?P=tag)>'
    r'<mo stretchy="true">)\u0332'
)
"""A line over or under one letter, which fonts draw beside it if it is narrow."""

PRIMED_LETTER = re.compile(
    r"<msup>(?P<base><(?P<tag>m[in])>[^<]*</(?P=tag)>)<mo>(?P<primes>[′-‴⁗])</mo></msup>"
)
"""A letter with primes. Fonts raise primes, and Chromium would raise them once more."""

HTML_IN_TEXT = re.compile(r"<(?P<tag>b|i|code|span)(?=[ >])")
"""An HTML element in ``mtext``, which in EPUB needs its namespace."""

DOUBLE_STRUCK_DIGIT = re.compile(r"\\mathbb\s*(?P<digit>\d|\{\d+\})")
"""Digits of a font that has letters only; amsfonts draws other symbols for them."""

BLANK_LINES = re.compile(r"\n\s*\n")
"""Blank lines, which end a formula of LaTeX."""

PLACE = re.compile(r"\d+: ")
UNKNOWN = re.compile(r'Unknown command "(?P<name>\\[^"]+)"')


SHOWN = 500
"""The most characters of a formula that a message shows."""


@dataclass(frozen=True)
class UnsetFormula:
    """A formula that cannot be set."""

    reason: str
    """The finding and the remedy."""

    def message(self, tex: str) -> str:
        """Return its message on one line.

        :param tex: the formula as it was written.
        """
        shown = tex if len(tex) <= SHOWN else f"{tex[:SHOWN]}…"
        return f"the formula {shown!r} cannot be set and is shown as TeX: {self.reason}"


def convert(
    tex: str, *, display: bool, macros: Sequence[Macro] = ()
) -> str | UnsetFormula:
    """Return the MathML of a formula, whatever the text is.

    :param tex: the formula without its dollars.
    :param display: on a line of its own, as between double dollars.
    """
    translated = translated_or_unset(tex, display=display, macros=macros)
    if isinstance(translated, UnsetFormula):
        return translated
    body = translated.body
    if translated.tag:
        body = rf"\begin{{equation}}{body}\tag*{{{translated.tag}}}\end{{equation}}"
    return _mathml(body, display)


def latex(
    tex: str,
    *,
    display: bool,
    macros: Sequence[Macro] = (),
    symbols: Mapping[str, str],
) -> Translated | UnsetFormula:
    """Return a formula as LaTeX with amsmath sets it, if ``convert`` can set it.

    :param symbols: commands for the characters that TeX's mathematical fonts lack.
    """
    unset = convert(tex, display=display, macros=macros)
    if isinstance(unset, UnsetFormula):
        return unset
    translated = translate(expand(tex, macros), display=display, symbols=symbols)
    body = DOUBLE_STRUCK_DIGIT.sub(r"\\mathbf\g<digit>", translated.body)
    return Translated(BLANK_LINES.sub("\n", body), translated.tag)


def translated_or_unset(
    tex: str, *, display: bool, macros: Sequence[Macro]
) -> Translated | UnsetFormula:
    """Return a formula as math-core reads it."""
    expanded = expand(tex, macros)
    if len(GROUP.findall(expanded)) > MAX_GROUPS:
        return UnsetFormula(f"it has more than {MAX_GROUPS} commands; split it")
    try:
        return translate(expanded, display=display)
    except RecursionError:
        return UnsetFormula("its groups are too deeply nested; split it")
    except (UnbalancedError, TexRefusedError) as error:
        return UnsetFormula(str(error))


@cache
def _converter() -> LatexToMathML:
    return LatexToMathML(
        xml_namespace=True, fancy_error=False, allow_unreliable_rendering=True
    )


def _mathml(tex: str, display: bool) -> str | UnsetFormula:
    try:
        mathml = _converter().convert_with_local_state(tex, displaystyle=display)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # a panic of Rust is no Exception
        return UnsetFormula(_reason(error))
    mathml = mathml.replace(FUNCTION_APPLICATION, "\u2061").replace(*VECTOR)
    mathml = PRIMED_LETTER.sub(
        r'<mrow>\g<base><mo lspace="0" rspace="0">\g<primes></mo></mrow>', mathml
    )
    mathml = LINE_AT_LETTER.sub("\\g<base>\u00af", mathml)
    return HTML_IN_TEXT.sub(r'<\g<tag> xmlns="http://www.w3.org/1999/xhtml"', mathml)


def _reason(error: BaseException) -> str:
    """Return why math-core refused a formula, with the remedy."""
    reason = " ".join(PLACE.sub("", str(error), count=1).rstrip(".").split())
    if match := UNKNOWN.match(reason):
        name = match["name"]
        return (
            f"{name} is unknown; correct it, or declare it in config.ini: [tabbook] "
            rf"macros = \newcommand{{{name}}}{{...}}"
        )
    return reason[:1].lower() + reason[1:]
