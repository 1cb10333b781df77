"""Write reproducible EPUB 3 of one framework's book, without scripts."""

from __future__ import annotations

import re
import uuid
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from sphinx.application import Sphinx
from sphinx.builders.epub3 import Epub3Builder

from tabbook.base.config import Config, Framework
from tabbook.base.reproducible import zip_date
from tabbook.base.translations import texts
from tabbook.sphinxext.epub import raw_html

STYLE = "epub.css"

COVER = "_static/cover.png"
TEMPLATES = Path(__file__).with_name("templates")

FIRST = ("mimetype", "META-INF/container.xml", "content.opf", "toc.ncx")
"""The first files of the archive, in this order."""

MANIFEST_ITEM = re.compile(
    r'<item id="[^"]*" href="(?P<href>[^"]+\.xhtml)"[^>]*(?= />)'
)
"""A page in the manifest, up to the end of its tag."""

WITHOUT_LANGUAGE = re.compile(rb"<html (?![^>]*lang=)")
"""The root element of a page that declares no language."""

DOCTYPE = re.compile(rb"<!DOCTYPE[^>]*>")


def setup(app: Sphinx) -> None:
    """Replace Sphinx's EPUB builder."""
    app.add_builder(ReproducibleEpubBuilder, override=True)
    raw_html.setup(app)
    app.add_config_value("tabbook_cover", "", "", str)


class ReproducibleEpubBuilder(Epub3Builder):
    """Build pages without scripts and an archive with a fixed date.

    Override methods of Sphinx's builder; ``_css_files`` and ``_static_dir`` are private
    to Sphinx, which has no public way to leave out style sheets and static files.
    """

    def init(self) -> None:
        """Set the name of the table of contents in the book's language."""
        super().init()
        contents = texts(self.config.language, "epub")["contents"]
        self.guide_titles = {**self.guide_titles, "toc": contents}

    def init_js_files(self) -> None:
        """Load no script."""

    def init_css_files(self) -> None:
        """Load the style sheet for EPUB only."""
        self._css_files = []
        super().add_css_file(STYLE)

    def add_css_file(self, filename: str, **kwargs: Any) -> None:
        """Ignore style sheets of themes and extensions."""

    def copy_static_files(self) -> None:
        """Copy the style sheet only; leave out the files of the theme."""
        target = self._static_dir
        target.mkdir(parents=True, exist_ok=True)
        (target / STYLE).write_bytes(Path(__file__).with_name(STYLE).read_bytes())
        cover = Path(self.config.tabbook_cover)
        (target / Path(COVER).name).write_bytes(cover.read_bytes())

    def build_content(self) -> None:
        """Declare in the manifest which pages contain MathML or SVG, and the cover."""
        super().build_content()
        file = Path(self.outdir) / "content.opf"
        text = file.read_text(encoding="utf-8")
        text = MANIFEST_ITEM.sub(self._with_properties, text)
        item = f'href="{COVER}"'
        text = text.replace(item, f'{item} properties="cover-image"')
        file.write_text(text, encoding="utf-8")

    def build_toc(self) -> None:
        """Use the book's identifier in the table of contents too."""
        super().build_toc()
        file = Path(self.outdir) / "toc.ncx"
        text = file.read_text(encoding="utf-8")
        old, new = self.config.epub_uid, self.config.epub_identifier
        file.write_text(
            text.replace(f'content="{old}"', f'content="{new}"'), encoding="utf-8"
        )

    def build_epub(self) -> None:
        """Archive the files in a fixed order, with a fixed date."""
        folder = Path(self.outdir)
        name = f"{self.config.epub_basename}.epub"
        with ZipFile(folder / name, "w") as archive:
            rest = (path for path in self.files if path not in FIRST)
            for path in (*FIRST, *rest):
                entry = ZipInfo(path, zip_date())
                entry.external_attr = 0o644 << 16
                # Readers recognise an EPUB by its first file, which is not compressed.
                entry.compress_type = ZIP_STORED if path == FIRST[0] else ZIP_DEFLATED
                archive.writestr(entry, self._content(folder / path))

    def _content(self, file: Path) -> bytes:
        """Return the content of a file for the archive.

        SVG loses its DOCTYPE, which refers outside the archive; a page declares its
        language, on which glyphs and line breaks depend.
        """
        content = file.read_bytes()
        if file.suffix == ".svg":
            return DOCTYPE.sub(b"", content, count=1)
        if file.suffix == ".xhtml":
            name = self.config.language
            tag = f'<html lang="{name}" xml:lang="{name}" '
            return WITHOUT_LANGUAGE.sub(tag.encode(), content, count=1)
        return content

    def _with_properties(self, item: re.Match[str]) -> str:
        """Return a page's item of the manifest with the properties it must declare."""
        page = Path(self.outdir) / item["href"]
        text = page.read_text(encoding="utf-8")
        properties = [
            name
            for name, mark in (("mathml", "<math"), ("svg", "<svg"))
            if mark in text
        ]
        if not properties:
            return item[0]
        return f'{item[0]} properties="{" ".join(properties)}"'


def settings(
    config: Config, framework: Framework, title: str, versions: str, cover: Path
) -> dict[str, Any]:
    """Return Sphinx's settings for the EPUB of a framework's edition.

    :param title: the title of the edition.
    :param versions: the versions that produced the outputs, for the description.
    :param cover: the picture of the cover, a PNG.
    """
    words = texts(config.language, "epub")
    # The identifier of an edition must be the same in every build.
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
        # Sphinx replaces a leading year by that of the build.
        "epub_copyright": f"© {config.copyright or config.title}",
        "epub_identifier": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, name)}",
        "epub_scheme": "UUID",
        "epub_uid": "book",
        "epub_description": words["description"].format(title=title, versions=versions),
        "tabbook_reading": words["reading"].format(
            label=framework.label, versions=versions
        ),
        "tabbook_cover": str(cover),
        "epub_cover": (COVER, "cover.html"),
        "templates_path": [str(TEMPLATES)],
        "epub_tocdup": False,
        "epub_show_urls": "no",
        "epub_use_index": False,
        "epub_theme_options": {"relbar1": False, "footer": False},
    }
