"""Run Sphinx over a book: pages, PDF and EPUB are made by the same steps.

Whatever ends the run is reported with the page, and no page is left out in silence.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

from tabbook.base.errors import BookError
from tabbook.base.files import write_text
from tabbook.source.book import Book
from tabbook.sphinxext.failures import failure_of, page_of
from tabbook.sphinxext.session import sphinx_session
from tabbook.sphinxext.workers import page_workers

TRACEBACK = "traceback.txt"
"""File in a build's working folder with the traceback of an unexpected error."""


def run(
    book: Book,
    work: Path,
    overrides: Mapping[str, Any],
    *,
    builder: str = "html",
    connect: Callable[[Sphinx], None] = lambda app: None,
) -> tuple[Sphinx, str]:
    """Run one of Sphinx's builders; return the application and Sphinx's warnings.

    :param work: its working folder; the builder writes to the one named after it there.
    :param overrides: Sphinx's settings.
    :param connect: connects functions to the events of the application.
    :raises BookError: a page could not be made.
    """
    messages = io.StringIO()
    pages = {section.name for section in book.pages}
    try:
        with sphinx_session(), page_workers():
            app = Sphinx(
                srcdir=book.config.root,
                confdir=None,
                outdir=work / builder,
                doctreedir=work / "doctrees",
                buildername=builder,
                confoverrides=dict(overrides),
                status=None,
                warning=messages,
            )
            connect(app)
            app.build()
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # also what sys.exit raises
        raise _book_error(error, page_of(error, pages), work) from error
    _check_pages(app, pages)
    return app, messages.getvalue()


def _book_error(error: BaseException, page: str, work: Path) -> BookError:
    """Return the error for the user; write the traceback of an unexpected one."""
    failure = failure_of(error)
    if failure.of_disk:
        return BookError(failure.message)
    text = failure.message
    if failure.traceback:
        file = work / TRACEBACK
        with contextlib.suppress(BookError):
            write_text(file, failure.traceback)
        text = f"{text}; the traceback is in {file}"
    if page and not text.startswith(f"{page}.md"):
        text = f"{page}.md: {text}"
    return BookError(f"{text}\nWhat was built last is unchanged.")


def _check_pages(app: Sphinx, pages: set[str]) -> None:
    """Check that every page of the book was written.

    :raises BookError: there is no file of some pages.
    """
    file_of: Callable[[str], str] | None
    file_of = getattr(app.builder, "get_outfilename", None)
    if file_of is None:  # the pages are written to one file
        missing = pages - app.env.all_docs.keys()
    else:
        missing = {page for page in pages if not Path(file_of(page)).is_file()}
    if missing:
        listed = ", ".join(f"{page}.md" for page in sorted(missing))
        raise BookError(
            f"{listed}: error: no page was written; sources in a hidden folder, or in "
            "that of the notebooks or of the build, get none: move them\n"
            "What was built last is unchanged."
        )
