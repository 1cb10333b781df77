"""Write formulas as LaTeX that XeLaTeX can set, and the others as their TeX."""

from __future__ import annotations

from docutils import nodes
from docutils.utils.math.unichar2tex import uni2tex_table
from sphinx.transforms.post_transforms import SphinxPostTransform

from tabbook.source.formulas import UnsetFormula, latex
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
    """Return what defines the commands that pages know."""
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
            self._write(inline, nodes.literal, display=False)
        for block in list(self.document.findall(nodes.math_block)):
            self._write(block, nodes.literal_block, display=True)

    def _write(
        self,
        node: nodes.math | nodes.math_block,
        code: type[nodes.TextElement],
        *,
        display: bool,
    ) -> None:
        tex = node.astext()
        macros = self.config.tabbook_book().config.macros
        result = latex(tex, display=display, macros=macros, symbols=SYMBOLS)
        if isinstance(result, UnsetFormula):
            warn_unset(node, result)
            node.replace_self(code(tex, tex, ids=node["ids"], language="text"))
        else:
            node[:] = [nodes.Text(result)]
