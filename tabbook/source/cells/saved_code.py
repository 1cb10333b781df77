"""Write the code that sections mark with ``#@save`` to files, by d2lbook's functions.

d2lbook writes its files in place, so it works on copies here: if it fails, every file
is as it was. The sections are copies too, without a byte order mark and with a last
line break, as ``dialect.read`` has them.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tabbook.base.config import FILE_NAME
from tabbook.base.config.file import parse_file
from tabbook.base.errors import BookError
from tabbook.base.files import write_bytes
from tabbook.base.folders.scratch import scratch_folder
from tabbook.source.book import Book
from tabbook.source.cells.d2lbook_reader import library, unchecked
from tabbook.source.section import Section

ADD_TO_CLASS = re.compile(r"@d2l\.add_to_class\((?P<name>[.\w]+)\)")


def write(book: Book) -> list[Path]:
    """Write the same files as ``d2lbook build lib``.

    :returns: the files, which may have their old content.
    :raises BookError: config.ini names no file, or d2lbook fails on the code.
    """
    _check(book)
    with scratch_folder() as scratch:
        copies = _Copies(book, scratch)
        for file, tab in book.config.save_patterns:
            copies.save(file, tab)
        for framework in book.config.frameworks:
            if framework.library:
                settings = framework.library.settings()
                file = settings["lib_file"]
                copies.save(file, framework.name)
                library.save_alias({**settings, "lib_file": str(copies.of(file))})
        copies.set_version()
        return copies.publish()


def _check(book: Book) -> None:
    """Refuse a configuration that d2lbook fails on.

    :raises BookError: config.ini names no file, or one that d2lbook no longer writes.
    """
    config = book.config
    file = parse_file(config.root)
    if config.outdated_library:
        raise file.error(
            "library",
            config.outdated_library,
            "is no longer read by d2lbook 1.0.3; write `save_patterns = FILE, NAME` "
            "instead, with the NAME of a framework in [build] tabs",
        )
    libraries = [each for each in config.frameworks if each.library]
    for framework in libraries:
        if framework.library and not framework.library.lib_file:
            raise file.error(
                f"library-{framework.name}", "lib_file", "is missing; name a file"
            )
    if not libraries and not config.save_patterns:
        raise BookError(
            f"{config.root / FILE_NAME}: names no file for saved code; write a section "
            "[library-NAME] with `lib_file = FILE` for a framework in [build] tabs"
        )


def saved_sections(book: Book) -> list[Section]:
    """Return the sections in the order of the toc, as d2lbook follows it."""
    tree = book.tree
    order = tree.order(book.config.index)
    return [tree.sections[name] for name in order if name in tree.names]


@dataclass(frozen=True)
class _Copies:
    """Copies of a book's sections and of the files that d2lbook writes."""

    book: Book
    scratch: Path

    def of(self, file: str) -> Path:
        """Return the copy of a file of the book, which may not exist yet."""
        target = (self.book.config.root / file).resolve()
        copy = self.scratch / "files" / target.relative_to(target.anchor)
        if not copy.parent.exists():
            copy.parent.mkdir(parents=True)
        if not copy.exists() and target.is_file():
            shutil.copyfile(target, copy)
        return copy

    def save(self, file: str, tab: str) -> None:
        """Write the saved code of a framework.

        :raises BookError: d2lbook fails on the code.
        """
        sections = saved_sections(self.book)
        names = [str(self._source(section)) for section in sections]
        try:
            self._save_tab(names, self.of(file), tab)
        except KeyError as error:
            raise _unsaved_class(sections, error) from error
        except Exception as error:  # whatever d2lbook's reader raises
            raise self._failure(sections, tab, error) from error

    def set_version(self) -> None:
        """Set the version in the file that config.ini names, if the book has one.

        :raises BookError: there is no such file.
        """
        config = self.book.config
        if not config.version_file or not config.release:
            return
        copy = self.of(config.version_file)
        if not copy.exists():
            raise parse_file(config.root).error(
                "library",
                "version_file",
                f"= {config.version_file!r}: there is no such file; write one with a "
                'line `__version__ = ""`',
            )
        library.save_version(config.release, str(copy))

    def publish(self) -> list[Path]:
        """Replace the files of the book by their copies; return them."""
        written = []
        for copy in sorted((self.scratch / "files").rglob("*")):
            if copy.is_file():
                path = copy.relative_to(self.scratch / "files")
                target = Path(self.book.config.root.anchor) / path
                write_bytes(target, copy.read_bytes())
                written.append(target)
        return written

    def _source(self, section: Section) -> Path:
        copy = self.scratch / "sections" / section.path
        if not copy.exists():
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text(section.text.rstrip("\n") + "\n", encoding="utf-8")
        return copy

    @unchecked()
    def _save_tab(self, names: Sequence[str], file: Path, tab: str) -> None:
        default = self.book.config.default.name
        library.save_tab(list(names), str(file), tab, default)

    def _failure(
        self, sections: Sequence[Section], tab: str, error: Exception
    ) -> BookError:
        """Return the error with the first section that fails alone."""
        advice = (
            "d2lbook cannot save this code; write each `@d2l.add_to_class` with its "
            "`#@save` in a cell of its own, below the cell with the class"
        )
        for section in sections:
            try:
                file = self.scratch / "section.py"
                self._save_tab([str(self._source(section))], file, tab)
            except KeyError:
                continue  # the class is in an earlier section
            except Exception:
                return BookError(f"{section.path}: {tab}: {advice}: {error!r}")
        return BookError(f"{tab}: {advice}: {error!r}")


def _unsaved_class(sections: Sequence[Section], error: KeyError) -> BookError:
    """Return the error about a class that is added to and not saved."""
    missing = str(error.args[0])
    place = next(_additions(sections, missing), FILE_NAME)
    return BookError(
        f"{place}: `@d2l.add_to_class` adds to the class {missing!r}, which is not "
        "saved above it; write `#@save` behind the line of the class"
    )


def _additions(sections: Sequence[Section], name: str) -> Iterator[str]:
    """Yield the places where code is added to a class."""
    for section in sections:
        for number, text in enumerate(section.text.splitlines(), 1):
            match = ADD_TO_CLASS.search(text)
            if match and match["name"].rpartition(".")[2] == name and "@save" in text:
                yield f"{section.path}:{number}"
