"""Formulas: TeX in, MathML or the reason why there is none out.

``conversion`` calls math-core, ``translation`` puts TeX that math-core does not know
into TeX that it knows; ``tables`` lists the commands, and ``commands`` holds those
that need more than another name.
"""

from tabbook.source.formulas.conversion import UnsetFormula, convert, latex
from tabbook.source.formulas.translation import Translated

__all__ = ["Translated", "UnsetFormula", "convert", "latex"]
