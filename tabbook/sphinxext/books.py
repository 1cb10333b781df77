"""A book of one framework as one file: what its PDF and its EPUB have in common.

Both are made from the committed notebooks in a scratch folder of their own, read anew
each time, and moved into place when nothing is left to complain of. Dates come from
``SOURCE_DATE_EPOCH``, so that the same book gives the same bytes.
"""

from __future__ import annotations

import contextlib
import io
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tabbook.base import files
from tabbook.base.config import Config, Framework
from tabbook.base.errors import BookError
from tabbook.base.translations import texts
from tabbook.notebooks.compile import verified_with
from tabbook.source import book
from tabbook.sphinxext.build import tidied
from tabbook.sphinxext.settings import content

EPOCH = "SOURCE_DATE_EPOCH"
FIRST_DAY = "315532800"
"""1980-01-01 in seconds, the first day a ZIP archive knows: the date of books without
one."""


def title(config: Config, framework: Framework) -> str:
    """Return what a framework's book is called."""
    name = texts(config.language, "edition")["title"]
    return name.format(title=config.title, label=framework.label)


def versions(config: Config, framework: Framework) -> str:
    """Return what the outputs were made with, such as ``Python 3.11, torch 2.13.0``.

    :raises BookError: the framework has no pins.
    """
    comma = texts(config.language, "punctuation")["comma"]
    return comma.join(
        f"{'Python' if name == 'python' else name} {version}"
        for name, version in verified_with(config, framework).items()
    )


@contextlib.contextmanager
def scratch(config: Config, kind: str, framework: Framework) -> Iterator[Path]:
    """Give an empty folder to work in, to one process at a time.

    :raises BookError: the disk is full or not writable.
    """
    work = config.output / f"sphinx-{kind}" / framework.name
    with files.disk_errors(work), files.lock(work / "lock"):
        for made in work.iterdir():
            if made.is_dir():
                shutil.rmtree(made)
        yield work


def render(
    config: Config,
    framework: Framework,
    builder: str,
    work: Path,
    settings: Mapping[str, Any],
) -> Path:
    """Have Sphinx write a framework's book; return the folder it wrote to.

    :param settings: what the builder wants to be told beside the content.
    :raises BookError: Sphinx complains, such as of outputs that are stale.
    """
    from sphinx.application import Sphinx
    from sphinx.errors import SphinxError
    from sphinx.util.docutils import docutils_namespace, patch_docutils

    said, folder = io.StringIO(), work / builder
    told = content(book.load(config), framework=framework.name) | dict(settings)
    try:
        with dated(), patch_docutils(), docutils_namespace():
            app = Sphinx(
                srcdir=config.root,
                confdir=None,
                outdir=folder,
                doctreedir=work / "doctrees",
                buildername=builder,
                confoverrides=told,
                status=None,
                warning=said,
            )
            app.build()
    except SphinxError as error:
        raise BookError(f"the book cannot be made: {error}") from error
    if warnings := tidied(said.getvalue(), config.root):
        raise BookError(f"{warnings}\nThe last book stays as it was.")
    return folder


@contextlib.contextmanager
def dated() -> Iterator[dict[str, str]]:
    """Have this process and its children tell one date, whatever day it is.

    :returns: the environment to start programs with.
    """
    before = os.environ.get(EPOCH)
    os.environ[EPOCH] = before or FIRST_DAY
    try:
        # TeX wants to be told that its own primitives are meant too.
        yield {**os.environ, "FORCE_SOURCE_DATE": "1", "TZ": "UTC"}
    finally:
        if before is None:
            del os.environ[EPOCH]
