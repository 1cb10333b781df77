"""Pages that only a served book has: what to take away, and what was not found."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from sphinx.application import Sphinx

DOWNLOADS = "downloads"
NOT_FOUND = "404"

KINDS = ("pdf", "epub", "slides", "zip")
"""Forms of the book, in the order in which they are offered."""

WORDS = {
    "ja": {
        "downloads": "ダウンロード",
        "about": "この本は、フレームワークごとに次の形でも読めます。",
        "framework": "フレームワーク",
        "pdf": "PDF",
        "epub": "EPUB",
        "slides": "スライド",
        "zip": "ノートブック（ZIP）",
        "read": "開く",
        "all": "すべて",
        "not_found": "ページが見つかりません",
        "gone": "アドレスが変わったか、入力に誤りがあるようです。",
        "home": "目次に戻る",
        "search": "本の中を検索する",
    },
    "en": {
        "downloads": "Downloads",
        "about": "The same book in other forms, for each framework.",
        "framework": "Framework",
        "pdf": "PDF",
        "epub": "EPUB",
        "slides": "Slides",
        "zip": "Notebooks (ZIP)",
        "read": "Open",
        "all": "All",
        "not_found": "There is no such page",
        "gone": "Its address may have changed, or may be mistyped.",
        "home": "Back to the contents",
        "search": "Search the book",
    },
}
"""What these pages say, per language."""


def words(app: Sphinx) -> dict[str, str]:
    """Return what the pages say in the language of the book."""
    return WORDS.get(app.config.language, WORDS["en"])


def pages(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Yield the pages of a book that is served; a book in a folder has none."""
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
    """Yield the name of each framework and what it has of each kind."""
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
