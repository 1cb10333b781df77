"""Pages of a web site only: downloads, and addresses that were not found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from sphinx.application import Sphinx

from tabbook.base.translations import texts

DOWNLOADS = "downloads"
NOT_FOUND = "404"

KINDS = ("pdf", "epub", "slides", "zip")
"""Forms of the book, in the order in which they are offered."""


def setup(app: Sphinx) -> None:
    """Register the pages with their settings."""
    app.add_config_value("tabbook_address", "", "html", str)
    app.add_config_value("tabbook_downloads", [], "html", list)
    app.connect("html-collect-pages", pages)


def words(app: Sphinx) -> Mapping[str, str]:
    """Return the texts of these pages in the book's language."""
    return texts(app.config.language, "site")


def pages(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Yield the pages, if the book has downloads."""
    if not app.config.tabbook_downloads:
        return
    said = words(app)
    address = urlsplit(app.config.tabbook_address)
    yield (
        DOWNLOADS,
        {
            "title": said["downloads"],
            "site_words": said,
            "downloads": list(_rows(app)),
            "download_kinds": list(_kinds(app)),
        },
        "downloads.html",
    )
    yield (
        NOT_FOUND,
        {"title": said["not_found"], "site_words": said, "base": address.path},
        "404.html",
    )


def _kinds(app: Sphinx) -> Iterator[str]:
    found = {one["kind"] for one in app.config.tabbook_downloads}
    yield from (kind for kind in KINDS if kind in found)


def _rows(app: Sphinx) -> Iterator[tuple[str, list[dict[str, Any] | None]]]:
    """Yield the label of each framework and its download of each kind."""
    every = app.config.tabbook_downloads
    all_of_them = ("", words(app)["all"])
    for name, label in [*app.config.tabbook_frameworks, all_of_them]:
        own = {one["kind"]: one for one in every if one["framework"] == name}
        if own:
            yield label, [_cell(own.get(kind)) for kind in _kinds(app)]


def _cell(download: dict[str, Any] | None) -> dict[str, Any] | None:
    if download is None:
        return None
    size = download["size"]
    return {**download, "told": f"{size / 1e6:.1f} MB" if size else ""}
