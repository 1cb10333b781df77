"""Add the pages that only a web site has: downloads, and the page for error 404."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from sphinx.application import Sphinx

from tabbook.base.translations import texts
from tabbook.sphinxext.modes import Served

DOWNLOADS = "downloads"
NOT_FOUND = "404"

KINDS = ("pdf", "epub", "slides", "zip")
"""Forms of the book, in the order of the table's columns."""


def setup(app: Sphinx) -> None:
    """Register the pages with their settings."""
    app.add_config_value("tabbook_address", "", "html", str)
    app.add_config_value("tabbook_picture", "", "html", str)
    app.add_config_value("tabbook_downloads", [], "html", list)
    app.connect("html-collect-pages", pages)


def words(app: Sphinx) -> Mapping[str, str]:
    """Return the texts of these pages in the book's language."""
    return texts(app.config.language, "site")


def pages(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Yield the pages of a site; that of downloads only if the book has some."""
    if not isinstance(app.config.tabbook_mode, Served):
        return
    (app.outdir / f"{DOWNLOADS}.html").unlink(missing_ok=True)  # of an earlier build
    site_words = words(app)
    address = urlsplit(app.config.tabbook_address)
    if app.config.tabbook_downloads:
        yield (
            DOWNLOADS,
            {
                "title": site_words["downloads"],
                "site_words": site_words,
                "downloads": list(_rows(app)),
                "download_kinds": list(_kinds(app)),
            },
            "downloads.html",
        )
    yield (
        NOT_FOUND,
        {
            "title": site_words["not_found"],
            "site_words": site_words,
            "base": address.path,
        },
        "404.html",
    )


def _kinds(app: Sphinx) -> Iterator[str]:
    """Yield the kinds of download that the book has."""
    offered = {download["kind"] for download in app.config.tabbook_downloads}
    yield from (kind for kind in KINDS if kind in offered)


def _rows(app: Sphinx) -> Iterator[tuple[str, list[dict[str, Any] | None]]]:
    """Yield the label of each framework and its download of each kind."""
    all_frameworks = ("", words(app)["all"])
    for name, label in [*app.config.tabbook_frameworks, all_frameworks]:
        by_kind = {
            download["kind"]: download
            for download in app.config.tabbook_downloads
            if download["framework"] == name
        }
        if by_kind:
            yield label, [_cell(by_kind.get(kind)) for kind in _kinds(app)]


def _cell(download: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return a download with its size as text, for the template."""
    if download is None:
        return None
    size = download["size"]
    return {**download, "size": f"{size / 1e6:.1f} MB" if size else ""}
