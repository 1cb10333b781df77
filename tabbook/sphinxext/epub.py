"""A framework's book as EPUB 3: Sphinx's, without scripts, the same bytes each time."""

from __future__ import annotations

import os
import re
import time
import uuid
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from sphinx.application import Sphinx
from sphinx.builders.epub3 import Epub3Builder

from tabbook.base import files
from tabbook.base.config import Config, Framework
from tabbook.base.translations import texts
from tabbook.sphinxext import books
from tabbook.sphinxext.settings import STATIC

STYLE = "epub.css"

FIRST = ("mimetype", "META-INF/container.xml", "content.opf", "toc.ncx")
"""The files of the archive that come first, in this order."""

ITEM = re.compile(r'<item id="[^"]*" href="(?P<href>[^"]+\.xhtml)"[^>]*(?= />)')
"""A page in the archive's list of files, up to where it closes."""

UNSAID = re.compile(rb"<html (?![^>]*lang=)")
"""A page that does not say its language."""

DOCTYPE = re.compile(rb"<!DOCTYPE[^>]*>")


def epub(config: Config, framework: Framework) -> Path:
    """Make a framework's EPUB from the committed notebooks; no kernel starts.

    :returns: ``_build/epub/NAME.epub``.
    :raises BookError: an output is stale, or the disk is full; the last EPUB stays as
        it was.
    """
    with books.scratch(config, "epub", framework) as work:
        folder = books.render(
            config, framework, "epub", work, _settings(config, framework)
        )
        made = folder / f"{framework.name}.epub"
        return files.publish(made, config.output / "epub" / made.name)


def setup(app: Sphinx) -> None:
    """Have Sphinx make EPUBs our way."""
    app.add_builder(Builder, override=True)


class Builder(Epub3Builder):
    """Sphinx's builder, whose pages load no script and whose archive has no clock."""

    def init(self) -> None:
        """Take the words of the book's language."""
        super().init()
        contents = texts(self.config.language, "epub")["contents"]
        self.guide_titles = {**self.guide_titles, "toc": contents}

    def init_js_files(self) -> None:
        """Load none."""

    def init_css_files(self) -> None:
        """Load ours alone."""
        self._css_files = []
        super().add_css_file(STYLE)

    def add_css_file(self, filename: str, **kwargs: Any) -> None:
        """Take nobody else's."""

    def copy_static_files(self) -> None:
        """Copy what pages load: nothing of the theme's."""
        target = self._static_dir
        target.mkdir(parents=True, exist_ok=True)
        (target / STYLE).write_bytes((STATIC / STYLE).read_bytes())

    def build_content(self) -> None:
        """Say of each page what is in it that a reader has to know of."""
        super().build_content()
        file = Path(self.outdir) / "content.opf"
        text = file.read_text(encoding="utf-8")
        file.write_text(ITEM.sub(self._with_properties, text), encoding="utf-8")

    def build_toc(self) -> None:
        """Name the book there as everywhere."""
        super().build_toc()
        file = Path(self.outdir) / "toc.ncx"
        text = file.read_text(encoding="utf-8")
        old, new = self.config.epub_uid, self.config.epub_identifier
        file.write_text(
            text.replace(f'content="{old}"', f'content="{new}"'), encoding="utf-8"
        )

    def build_epub(self) -> None:
        """Pack the files in order, under one date."""
        folder = Path(self.outdir)
        name = f"{self.config.epub_basename}.epub"
        date = time.gmtime(int(os.environ[books.EPOCH]))[:6]
        with ZipFile(folder / name, "w") as archive:
            for one in (*FIRST, *(file for file in self.files if file not in FIRST)):
                entry = ZipInfo(one, date)
                entry.external_attr = 0o644 << 16
                entry.compress_type = ZIP_STORED if one == FIRST[0] else ZIP_DEFLATED
                archive.writestr(entry, self._content(folder / one))

    def _content(self, file: Path) -> bytes:
        """Return what the archive holds of a file.

        A picture names no foreign rules; a page says its language, for the letters'
        forms and the breaks of lines.
        """
        content = file.read_bytes()
        if file.suffix == ".svg":
            return DOCTYPE.sub(b"", content, count=1)
        if file.suffix == ".xhtml":
            name = self.config.language
            said = f'<html lang="{name}" xml:lang="{name}" '
            return UNSAID.sub(said.encode(), content, count=1)
        return content

    def _with_properties(self, item: re.Match[str]) -> str:
        page = Path(self.outdir) / item["href"]
        text = page.read_text(encoding="utf-8")
        found = [
            name
            for name, mark in (("mathml", "<math"), ("svg", "<svg"))
            if mark in text
        ]
        return f'{item[0]} properties="{" ".join(found)}"' if found else item[0]


def _settings(config: Config, framework: Framework) -> dict[str, Any]:
    """Return what Sphinx's EPUB is told."""
    title = books.title(config, framework)
    about = texts(config.language, "epub")["description"]
    name = f"{config.title}/{config.author}/{framework.name}"
    return {
        "html_math_renderer": "mathml",
        "html_copy_source": False,
        "html_domain_indices": False,
        "version": config.release or "1",
        "epub_basename": framework.name,
        "epub_title": title,
        "epub_author": config.author or config.title,
        "epub_publisher": config.author or config.title,
        "epub_contributor": config.author or config.title,
        # Sphinx takes a year at the beginning for that of the build.
        "epub_copyright": f"© {config.copyright or config.title}",
        "epub_identifier": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, name)}",
        "epub_scheme": "UUID",
        "epub_uid": "book",
        "epub_description": about.format(
            title=title, versions=books.versions(config, framework)
        ),
        "epub_tocdup": False,
        "epub_show_urls": "no",
        "epub_use_index": False,
        "epub_theme_options": {"relbar1": False, "footer": False},
    }
