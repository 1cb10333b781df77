"""Publish the book: pages, notebooks and downloads in one folder for a web server.

Everything is gathered in a scratch folder first, so that the last site is unchanged
until the new one is complete.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from xml.sax.saxutils import escape

from tabbook import sphinxext
from tabbook.base import config as configuration
from tabbook.base import repository
from tabbook.base.config import FILE_NAME, Framework
from tabbook.base.errors import BookError, NothingToExportError
from tabbook.base.files import disk_errors
from tabbook.base.folders import output_folder
from tabbook.base.folders.mirror import mirror
from tabbook.export import archive, epub, leaks, pdf, picture, slides
from tabbook.lint.cells.blanks import marks
from tabbook.source import book as source
from tabbook.source.book import Book
from tabbook.sphinxext import Download, Served
from tabbook.sphinxext.html.site import NOT_FOUND
from tabbook.sphinxext.modes import Language

Make = Callable[[Book, Framework], Path]
"""Makes one form of the book for one framework; returns its file, or its first page."""

FORMS: dict[str, Make] = {
    "pdf": pdf.make,
    "epub": epub.make,
    "slides": slides.make,
    "zip": archive.make,
}
"""Every form of the book for download, by the name of its command."""

UNLISTED = {f"{NOT_FOUND}.html", "search.html"}
"""Pages that the sitemap omits."""


@dataclass(frozen=True)
class Published:
    """A published site."""

    folder: Path
    address: str
    """Address of the site; empty if it is unknown, and then there is no sitemap."""
    files: int
    """Number of files."""
    size: int
    """Bytes of all files."""


def publish(book: Book, *, without: Iterable[str] = ()) -> Published:
    """Gather the site in ``_build/site``, that of an edition in ``_build/site-NAME``.

    :param without: forms of the book that are left out, by the keys of ``FORMS``.
    Translations that config.ini names lie in it, in folders called by their language.

    :raises BookError: something cannot be made; the last site is unchanged.
    """
    config = book.config
    edition = config.edition
    if edition.blanks:
        _require_balanced(book)
    address = _address(book)
    scratch = output_folder.claim(config) / "tmp" / "site"
    try:
        with disk_errors(scratch):
            shutil.rmtree(scratch, ignore_errors=True)
            for part in _parts(book, address):
                _gather(part, scratch, set(without))
            _add_crawler_files(scratch, address)
            if edition.blanks:
                leaks.check(book, scratch)
            folder = config.products / f"site{edition.name and f'-{edition.name}'}"
            mirror(scratch, folder)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    files = [file for file in folder.rglob("*") if file.is_file()]
    size = sum(file.stat().st_size for file in files)
    return Published(folder, address, len(files), size)


@dataclass(frozen=True)
class _Part:
    """A book of a site: the book itself, or a translation."""

    book: Book
    address: str
    folder: str
    """Its folder on the site, with a slash at its end; empty for the book itself."""
    languages: tuple[Language, ...] = ()
    """The other parts, as its pages link to them."""


def _parts(book: Book, address: str) -> list[_Part]:
    """Return the book and its translations, each with links to the others.

    :raises BookError: a folder is no translation of the book, or two have one language.
    """
    config = book.config
    parts = [_Part(book, address, "")]
    for folder in () if config.edition.name else config.translations:
        translated = configuration.load(folder)
        tag = translated.language
        if translated.origin is None or translated.origin.root != config.root:
            raise BookError(
                f"{folder / FILE_NAME}: is no translation of the book in "
                f"{config.root}, which names it; write there: [tabbook] "
                "translation_of = "
                f"{os.path.relpath(config.root, folder)}"
            )
        if tag in [part.book.config.language for part in parts]:
            raise BookError(
                f"{folder / FILE_NAME}: [project] lang = {tag} is the language of "
                "another book of the site; write that of the translation"
            )
        below = address and f"{address}{tag}/"
        parts.append(_Part(source.load(translated), below, f"{tag}/"))
    return [replace(part, languages=tuple(_languages(part, parts))) for part in parts]


def _languages(part: _Part, parts: Iterable[_Part]) -> Iterable[Language]:
    """Yield the other parts of a site, as the pages of one link to them."""
    for other in parts:
        if other is not part:
            config = other.book.config
            way = ("../" if part.folder else "") + other.folder
            pages = sorted(page.name for page in other.book.pages)
            yield Language(config.language, way, config.index, tuple(pages))


def _gather(part: _Part, site: Path, without: set[str]) -> None:
    """Copy the pages and the downloads of a part to its folder on the site."""
    folder = site / part.folder
    downloads = tuple(_add_downloads(part.book, folder, without))
    shown = picture.make(part.book, folder)
    mode = Served(part.address, downloads, part.languages, shown)
    shutil.copytree(
        sphinxext.build(part.book.config, mode=mode).folder,
        folder,
        ignore=shutil.ignore_patterns(".buildinfo*"),  # Sphinx's own record
        dirs_exist_ok=True,
    )


def _require_balanced(book: Book) -> None:
    """Check the marks of solutions in cells.

    :raises BookError: a mark has no counterpart.
    """
    for section in book.sections:
        for finding in marks(book, section):
            raise BookError(f"{section.path}:{finding.line}: {finding.message}")


def _address(book: Book) -> str:
    if book.config.edition.name:  # the repository's pages are those of the book
        return book.config.site
    if address := repository.site(book.config):
        return address
    known = repository.find(book.config)
    below = f"{book.config.language}/" if book.config.origin else ""
    return known.site + below if known else ""


def _add_downloads(book: Book, site: Path, without: set[str]) -> Iterable[Download]:
    """Make every form for every framework, and copy it to the site."""
    output = book.config.output
    for kind, make in FORMS.items():
        if kind in without:
            continue
        for framework in book.config.frameworks:
            with contextlib.suppress(NothingToExportError):
                file = make(book, framework)
                yield _add_download(kind, framework.name, file, output, site)
    if "zip" not in without and len(book.config.frameworks) > 1:
        with contextlib.suppress(NothingToExportError):
            yield _add_download("zip", "", archive.make_all(book), output, site)


def _add_download(
    kind: str, framework: str, file: Path, output: Path, site: Path
) -> Download:
    """Copy one form of the book: a file, or the folders of a framework's slides."""
    path = file.relative_to(output)
    target = site / path
    target.parent.mkdir(parents=True, exist_ok=True)
    if file.suffix != ".html":
        shutil.copyfile(file, target)
        return Download(kind, framework, path.as_posix(), file.stat().st_size)
    for folder in (path.parent, slides.SHARED):
        shutil.copytree(output / folder, site / folder, dirs_exist_ok=True)
    return Download(kind, framework, path.as_posix(), 0)


def _add_crawler_files(site: Path, address: str) -> None:
    """Write robots.txt, the sitemap, and the file that turns Jekyll off on GitHub."""
    (site / ".nojekyll").touch()
    lines = ["User-agent: *", "Allow: /"]
    if address:
        (site / "sitemap.xml").write_text(_sitemap(site, address), encoding="utf-8")
        lines.append(f"Sitemap: {address}sitemap.xml")
    (site / "robots.txt").write_text("\n".join([*lines, ""]), encoding="utf-8")


def _sitemap(site: Path, address: str) -> str:
    names = sorted(file.relative_to(site).as_posix() for file in site.rglob("*.html"))
    entries = "".join(
        f"<url><loc>{escape(address + _url_path(name))}</loc></url>\n"
        for name in names
        if PurePosixPath(name).name not in UNLISTED
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
        f"{entries}</urlset>\n"
    )


def _url_path(name: str) -> str:
    """Return a page's path below the address: a root page is the folder itself."""
    folder, _, page = name.rpartition("/")
    return f"{folder}/".lstrip("/") if page == "index.html" else name
