"""The book as it is served: pages, notebooks, and every form of it to take away.

All is made and gathered beside the site of last time, which stays as it was until
everything is there.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

from tabbook import sphinxext
from tabbook.base import repository
from tabbook.base.config import Framework
from tabbook.base.files import disk_errors, mirror
from tabbook.export import archive, epub, pdf, slides
from tabbook.source.book import Book
from tabbook.sphinxext import Download, Site
from tabbook.sphinxext.html.site import NOT_FOUND

Make = Callable[[Book, Framework], Path]
"""Makes one form of the book for one framework; returns its file, or its first page."""

NOT_LISTED = {f"{NOT_FOUND}.html", "search.html"}
"""Pages that nobody is to find by searching the web."""


@dataclass(frozen=True)
class Published:
    """What a site consists of."""

    folder: Path
    address: str
    """Where it is to be served; empty where that is not known: it has no sitemap."""
    files: int
    size: int
    """Bytes."""


def zipped(book: Book, framework: Framework) -> Path:
    """Make the zip of a framework's notebooks."""
    name = f"{book.config.name}-{framework.name}"
    return archive.pack(book, [framework], book.config.output / "zip" / f"{name}.zip")


def zipped_whole(book: Book) -> Path:
    """Make the zip of all notebooks."""
    file = book.config.output / "zip" / f"{book.config.name}.zip"
    return archive.pack(book, book.config.frameworks, file)


FORMS: dict[str, Make] = {
    "pdf": pdf.make,
    "epub": epub.make,
    "slides": slides.make,
    "zip": zipped,
}
"""Every form to take away, by the kind under which readers find it."""


def publish(book: Book, *, without: Iterable[str] = ()) -> Published:
    """Gather the site in ``_build/site``.

    :param without: kinds that are left out.
    :raises BookError: something cannot be made; the site stays as it was.
    """
    config = book.config
    made = config.output / "tmp" / "site"
    try:
        with disk_errors(made):
            shutil.rmtree(made, ignore_errors=True)
            downloads = tuple(_gather(book, made, set(without)))
            site = Site(_address(book), downloads)
            shutil.copytree(
                sphinxext.build(config, site=site).folder, made, dirs_exist_ok=True
            )
            _write_for_robots(made, site.address)
            folder = config.output / "site"
            mirror(made, folder)
    finally:
        shutil.rmtree(made, ignore_errors=True)
    files = [file for file in folder.rglob("*") if file.is_file()]
    size = sum(file.stat().st_size for file in files)
    return Published(folder, site.address, len(files), size)


def _address(book: Book) -> str:
    found = repository.find(book.config)
    return book.config.site or (found.site if found else "")


def _gather(book: Book, made: Path, without: set[str]) -> Iterable[Download]:
    """Make every form for every framework and copy it; yield what it is."""
    output = book.config.output
    for kind, make in FORMS.items():
        if kind in without:
            continue
        for framework in book.config.frameworks:
            yield _copied(kind, framework.name, make(book, framework), output, made)
    if "zip" not in without and len(book.config.frameworks) > 1:
        yield _copied("zip", "", zipped_whole(book), output, made)


def _copied(
    kind: str, framework: str, file: Path, output: Path, made: Path
) -> Download:
    """Copy one form of the book: a file, or the whole folder of one to be browsed."""
    path = file.relative_to(output)
    target = made / path
    target.parent.mkdir(parents=True, exist_ok=True)
    if file.suffix != ".html":
        shutil.copyfile(file, target)
        return Download(kind, framework, path.as_posix(), file.stat().st_size)
    whole = Path(path.parts[0])
    shutil.copytree(output / whole, made / whole, dirs_exist_ok=True)
    return Download(kind, framework, path.as_posix(), 0)


def _write_for_robots(made: Path, address: str) -> None:
    """Say what is there to who lists the web, and to GitHub to leave it as it is."""
    (made / ".nojekyll").touch()
    lines = ["User-agent: *", "Allow: /"]
    if address:
        (made / "sitemap.xml").write_text(_sitemap(made, address), encoding="utf-8")
        lines.append(f"Sitemap: {address}sitemap.xml")
    (made / "robots.txt").write_text("\n".join([*lines, ""]), encoding="utf-8")


def _sitemap(made: Path, address: str) -> str:
    names = sorted(one.relative_to(made).as_posix() for one in made.rglob("*.html"))
    entries = "".join(
        f"<url><loc>{escape(address + _served(name))}</loc></url>\n"
        for name in names
        if name not in NOT_LISTED
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
        f"{entries}</urlset>\n"
    )


def _served(name: str) -> str:
    """Return a page as its address ends: the root's own is the folder's."""
    return "" if name == "index.html" else name
