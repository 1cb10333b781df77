"""Give the pictures of a PDF their alternative texts."""

from __future__ import annotations

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

MACROS = r"""
\let\sphinxpicture\sphinxincludegraphics
\newcommand{\picturetext}{}
\renewcommand{\sphinxincludegraphics}[2][]{\leavevmode\hbox{%
  \special{pdf:code /Span <</Alt <FEFF\picturetext>>> BDC}%
  \sphinxpicture[#1]{#2}\special{pdf:code EMC}}}
"""
r"""Mark each picture with the text in ``\picturetext``, UTF-16 in hexadecimal digits.

A tree of tags needs minutes and sets other pages: ``docs/outputs.md`` has measurements.
"""


class AlternativeTexts(SphinxPostTransform):
    """Tell TeX the text of each picture before it."""

    default_priority = 920
    formats = ("latex",)

    def run(self, **kwargs: object) -> None:
        """Insert the texts."""
        for image in list(self.document.findall(nodes.image)):
            digits = image.get("alt", "").encode("utf-16-be").hex().upper()
            text = rf"\def\picturetext{{{digits}}}"
            image.parent.insert(
                image.parent.index(image), nodes.raw("", text, format="latex")
            )
