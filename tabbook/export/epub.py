"""Make the EPUB of one framework's edition."""

from __future__ import annotations

from pathlib import Path

from tabbook.base import files, reproducible
from tabbook.base.config import Framework
from tabbook.export import cover, framework_book
from tabbook.source.book import Book


def make(book: Book, framework: Framework) -> Path:
    """Make a framework's EPUB from the committed notebooks, without any kernel.

    :returns: ``_build/epub/NAME.epub``.
    :raises BookError: outputs are stale, or the disk is full; the last EPUB is
        unchanged.
    """
    from tabbook.sphinxext.epub import settings

    config = book.config
    title = framework_book.title(config, framework)
    versions = framework_book.versions(config, framework)
    with (
        framework_book.scratch_folder(config, "epub", framework) as work,
        reproducible.fixed_date(config.root),
    ):
        picture = cover.draw(config, framework, versions, work)
        options = settings(config, framework, title, versions, picture)
        folder = framework_book.render(book, framework, "epub", work, options)
        epub = folder / f"{framework.name}.epub"
        return files.publish(epub, config.output / "epub" / epub.name)
