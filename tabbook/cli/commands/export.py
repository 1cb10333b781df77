"""Commands that give a book to readers: preview, PDF, EPUB, slides, archives, site."""

from __future__ import annotations

import argparse

from tabbook.cli.commands.command import command, option
from tabbook.cli.commands.options import FRAMEWORKS, load_book, load_config, selection


@command(
    "serve",
    "live preview: rebuild on save, reload the browser",
    option("--port", type=int, default=8000, help="port of the server; 8000"),
)
def serve(arguments: argparse.Namespace) -> int:
    """Serve the pages until the user stops the server."""
    from tabbook import preview

    preview.serve(load_config(arguments), port=arguments.port)
    return 0


@command(
    "lab",
    "edit in JupyterLab: sources open as notebooks, a kernel per framework",
    FRAMEWORKS,
    option("--port", type=int, default=8888, help="port of the server; 8888"),
    option("--no-browser", action="store_true", help="print the address, open nothing"),
)
def lab(arguments: argparse.Namespace) -> int:
    """Run JupyterLab until the user stops it."""
    from tabbook import lab
    from tabbook.execution.report import report_set_up

    config = load_config(arguments)
    return lab.serve(
        config,
        selection(arguments).frameworks(config),
        port=arguments.port,
        open_browser=not arguments.no_browser,
        on_setup=report_set_up,
    )


@command("pdf", "set the book of a framework, to _build/pdf/", FRAMEWORKS)
def pdf(arguments: argparse.Namespace) -> int:
    """Typeset a PDF for each framework."""
    return _export("pdf", arguments)


@command(
    "epub",
    "make the book of a framework for readers' devices, to _build/epub/",
    FRAMEWORKS,
)
def epub(arguments: argparse.Namespace) -> int:
    """Write an EPUB for each framework."""
    return _export("epub", arguments)


@command("slides", "make slides from the slide marks, in _build/slides/", FRAMEWORKS)
def slides(arguments: argparse.Namespace) -> int:
    """Write slides for each framework."""
    return _export("slides", arguments)


@command("zip", "pack the committed notebooks, to _build/zip/", FRAMEWORKS)
def archive(arguments: argparse.Namespace) -> int:
    """Pack an archive for each framework, and one of all unless some are selected."""
    from tabbook.base import console
    from tabbook.export import archive

    if not selection(arguments):
        console.say(str(archive.make_all(load_book(arguments))))
    return _export("zip", arguments)


@command(
    "myst",
    "write the book as MyST for mystmd and Jupyter Book, in _build/myst/",
    option(
        "--framework",
        "-f",
        dest="frameworks",
        action="append",
        default=[],
        metavar="NAME",
        help="the book of this framework, whose cells run; without it, a book of "
        "several has tab sets with the committed outputs",
    ),
)
def myst(arguments: argparse.Namespace) -> int:
    """Write the book of each selected framework, or that of all with tab sets."""
    from tabbook.base import console
    from tabbook.export import myst

    book, selected = load_book(arguments), selection(arguments)
    frameworks = selected.frameworks(book.config)
    books = [[each] for each in frameworks] if selected else [list(frameworks)]
    for each in books:
        console.say(str(myst.write(book, each)))
    return 0


@command(
    "publish",
    "gather the site as it is served, in _build/site/",
    option(
        "--without",
        action="append",
        default=[],
        metavar="KIND",
        help="leave out pdf, epub, slides or zip; may be given several times",
    ),
    option(
        "--edition",
        metavar="NAME",
        help="the edition that config.ini describes in [edition-NAME], in "
        "_build/site-NAME/",
    ),
)
def publish(arguments: argparse.Namespace) -> int:
    """Gather pages, notebooks and downloads in one folder."""
    from tabbook.base import console
    from tabbook.export import site
    from tabbook.source import book

    config = load_config(arguments)
    if arguments.edition:
        config = config.for_edition(arguments.edition)
    published = site.publish(book.load(config), without=arguments.without)
    place = "[tabbook] site or repository"
    if arguments.edition:
        place = f"[edition-{arguments.edition}] site"
    megabytes = published.size / 1e6
    files = console.plural(published.files, "file")
    console.say(f"{files}, {megabytes:.1f} MB: {published.folder}")
    console.say(
        f"to be served at {published.address}"
        if published.address
        else f"no sitemap: config.ini names no {place}"
    )
    return 0


@command(
    "lib",
    "write the code marked #@save to the files that config.ini names",
    writes_output=False,
)
def saved_code(arguments: argparse.Namespace) -> int:
    """Write the saved code and the aliases of each framework; print the files."""
    from tabbook.base import console
    from tabbook.source.cells import saved_code

    for file in saved_code.write(load_book(arguments)):
        console.say(str(file))
    return 0


def _export(kind: str, arguments: argparse.Namespace) -> int:
    """Write one form of the book for each selected framework; print the paths."""
    from tabbook.base import console
    from tabbook.export import site

    book = load_book(arguments)
    for framework in selection(arguments).frameworks(book.config):
        console.say(str(site.FORMS[kind](book, framework)))
    return 0
