"""The builder of pages: the theme's files in ``_static`` are small."""

from __future__ import annotations

from pathlib import Path

from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder

from tabbook.sphinxext.assets import minify, sheets
from tabbook.sphinxext.html.theme import FOLDER


def setup(app: Sphinx) -> None:
    """Replace Sphinx's builder of pages."""
    app.add_builder(LightPagesBuilder, override=True)


class LightPagesBuilder(StandaloneHTMLBuilder):
    """Sphinx's builder, which names files by the digests of their small forms."""

    def copy_static_files(self) -> None:
        """Copy what themes and the book bring, then make the theme's own smaller."""
        super().copy_static_files()
        target = Path(self.outdir) / "_static"
        for file in (FOLDER / "static").iterdir():
            if smaller := minify.BY_SUFFIX.get(file.suffix):
                text = smaller(file.read_text(encoding="utf-8"))
                (target / file.name).write_text(text, encoding="utf-8")
        if sheet := sheets.plain_sheet(self):
            (target / sheets.PLAIN).write_text(sheet.text, encoding="utf-8")
