"""The state of the files that each page was read from, to read it again if one differs.

Sphinx reads a page again only where a file is newer than the page. A file that is
restored with its old time (``cp -p``, rsync, tar) is older.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from tabbook.base.errors import BookError
from tabbook.base.files import FileStates, state, states_below, write_text

if TYPE_CHECKING:
    from sphinx.environment import BuildEnvironment

FILE = "inputs.json"


class PageInputs:
    """The files that pages were read from, with the states that they had."""

    def __init__(self, work: Path, before: FileStates) -> None:
        """Load the states that the last build stored.

        :param work: working folder of the build; files in it come from the others.
        :param before: states taken before this build read anything.
        """
        self.work = work
        self.before = before
        self.pages: dict[str, FileStates] = {}
        with contextlib.suppress(OSError, ValueError, TypeError):
            stored = (work / FILE).read_text(encoding="utf-8")
            self.pages = {page: dict(files) for page, files in json.loads(stored)}

    def changed(self, env: BuildEnvironment) -> set[str]:
        """Return the pages that were read from files whose states differ now."""
        now: FileStates = {}
        for files in self.pages.values():
            now |= {name: state(name) for name in files.keys() - now.keys()}
        return {
            page
            for page in env.all_docs.keys() & env.found_docs
            if page not in self.pages
            or any(now[name] != was for name, was in self.pages[page].items())
        }

    def update_before(self, folder: Path) -> None:
        """Take the states of a folder's files now: they were written meanwhile."""
        for name in [name for name in self.before if Path(name).is_relative_to(folder)]:
            del self.before[name]
        self.before |= dict(states_below(str(folder), set()))

    def store(self, env: BuildEnvironment, read: Iterable[str]) -> None:
        """Store the states of the files that pages were read from.

        :param read: the pages that were read in this build.
        """
        for page in read:
            names = [str(env.doc2path(page))]
            names += (str(env.srcdir / name) for name in env.dependencies[page])
            self.pages[page] = {
                name: self.before.get(name) or state(name)
                for name in names
                if not Path(name).is_relative_to(self.work)
            }
        kept = sorted(
            (page, self.pages[page]) for page in self.pages.keys() & env.all_docs
        )
        with contextlib.suppress(BookError):  # without it, every page is read again
            write_text(self.work / FILE, json.dumps(kept))
