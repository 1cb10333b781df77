"""Formulas: TeX in, MathML or the reason why there is none out.

``conversion`` calls math-core, ``translation`` puts TeX that math-core does not know
into TeX that it knows, ``tables`` lists the commands.
"""

from tabbook.source.formulas.conversion import UnsetFormula, convert, latex

__all__ = ["UnsetFormula", "convert", "latex"]
