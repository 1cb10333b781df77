"""Write formulas as LaTeX that XeLaTeX can set, and the others as their TeX."""

from __future__ import annotations

from docutils import nodes
from docutils.utils.math.unichar2tex import uni2tex_table
from sphinx.transforms.post_transforms import SphinxPostTransform

from tabbook.source.formulas import Translated, UnsetFormula, latex
from tabbook.sphinxext.html.mathml import warn_unset

SYMBOLS = {chr(point): command for point, command in uni2tex_table.items()}
"""Commands for the characters that TeX's mathematical fonts lack."""

PACKAGES = ("mathtools", "bm", "mathrsfs", "cancel", "braket")
"""Packages with commands that pages know; each is loaded where it is installed."""

COMMANDS = {
    "argmax": r"\operatorname*{arg\,max}",
    "argmin": r"\operatorname*{arg\,min}",
    "bm": r"\boldsymbol",
    "degree": r"{}^{\circ}",
    "mathscr": r"\mathcal",
}
"""Commands that pages know and no package defines, or one that is not installed."""


def preamble() -> str:
    """Return the definitions of the commands that pages know."""
    loaded = [
        f"\\IfFileExists{{{package}.sty}}{{\\usepackage{{{package}}}}}{{}}"
        for package in PACKAGES
    ]
    defined = [
        f"\\providecommand{{\\{name}}}{{{tex}}}" for name, tex in COMMANDS.items()
    ]
    return "\n".join([*loaded, *defined])


class Formulas(SphinxPostTransform):
    """Translate every formula for amsmath; show those that cannot be set as code."""

    default_priority = 890
    formats = ("latex",)

    def run(self, **kwargs: object) -> None:
        """Replace the TeX of each formula, or the formula itself."""
        for inline in list(self.document.findall(nodes.math)):
            formula = self._translated(inline, display=False)
            if isinstance(formula, Translated):
                inline[:] = [nodes.Text(formula.body)]
            else:
                tex = inline.astext()
                inline.replace_self(nodes.literal(tex, tex))
        for block in list(self.document.findall(nodes.math_block)):
            formula = self._translated(block, display=True)
            label = _pop_label(block)
            if isinstance(formula, Translated):
                number, shown = block.get("number"), formula.tag
                tag = rf"\tag{{{number}}}" if number else rf"\tag*{{{shown}}}"
                tag = tag if number or shown else ""
                block[:] = [nodes.Text(_equation(formula.body, tag, label))]
                block["no-wrap"] = True
            else:
                block.replace_self([_anchor(block.get("number"), label), _code(block)])

    def _translated(
        self, node: nodes.math | nodes.math_block, *, display: bool
    ) -> Translated | UnsetFormula:
        macros = self.config.tabbook_book().config.macros
        result = latex(node.astext(), display=display, macros=macros, symbols=SYMBOLS)
        if isinstance(result, UnsetFormula):
            warn_unset(node, result)
        return result


def _pop_label(block: nodes.math_block) -> str:
    """Take a formula's label from Sphinx, which writes it outside of the equation."""
    name = block.attributes.pop("label", None)
    return f"equation:{block['docname']}:{name}" if name else ""


def _equation(body: str, tag: str, label: str) -> str:
    r"""Return a displayed formula, which ``split`` would not let have a tag.

    TeX takes a blank line for the end of a paragraph, which a formula cannot hold.
    """
    body = "\n".join(line for line in body.split("\n") if line.strip())
    head = rf"\begin{{equation*}}{tag}" + (rf"\label{{{label}}}" if label else "")
    return f"{head}\n{body}\n\\end{{equation*}}"


def _anchor(number: object, label: str) -> nodes.raw:
    """Return the target of references to a formula that is shown as code."""
    if not label:
        return nodes.raw("", "", format="latex")
    current = rf"\makeatletter\def\@currentlabel{{{number or ''}}}\makeatother"
    text = rf"\phantomsection{current}\label{{{label}}}"
    return nodes.raw("", text, format="latex")


def _code(block: nodes.math_block) -> nodes.literal_block:
    tex = block.astext()
    return nodes.literal_block(tex, tex, ids=block["ids"], language="text")
