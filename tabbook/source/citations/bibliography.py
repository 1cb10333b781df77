"""The book's bibliography: its .bib files, and the text of each citation.

The .bib files are those that ``:bibliography:`` and config.ini's ``[pdf] bibfile``
name, as for d2lbook. pybtex is imported only when an entry is needed, so a book without
citations does not wait for it.
"""

from __future__ import annotations

import copy
import hashlib
import os
import posixpath
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tabbook.base.config import Config
from tabbook.base.translations import texts
from tabbook.source.citations.citations import KINDS, bibliographies, citations
from tabbook.source.section import Section

if TYPE_CHECKING:
    from tabbook.source.citations.bibfile import EntryFile


NO_YEAR = "n.d."
"""The year of an entry without one, as sphinxcontrib-bibtex writes it."""

ESCAPED = re.compile(r"\\([\\`*_\[\]<>$])")


class CitationPart(NamedTuple):
    """A part of a citation."""

    text: str
    """Markdown."""
    key: str
    """Key of the entry that it links to; empty for brackets and commas."""


@dataclass(frozen=True)
class Bibliography:
    """The citations of a book's sections, and the files they come from."""

    config: Config
    sections: tuple[Section, ...]

    @cached_property
    def used(self) -> bool:
        """Return whether any section cites, or has a list of references."""
        return any(
            ":cite" in section.text or "bibliography:" in section.text
            for section in self.sections
        )

    @cached_property
    def files(self) -> tuple[Path, ...]:
        """Return the .bib files that exist, in the order in which the book names them.

        Of two entries with one key, that of the first file counts.
        """
        named = [
            file
            for section in self.sections
            for mark in bibliographies(section)
            for file in self.named(section, mark.files)
        ]
        named += [self.config.file(name) for name in self.config.bibfiles]
        return tuple(dict.fromkeys(file for file in named if file.is_file()))

    def named(self, section: Section, names: Sequence[str]) -> list[Path]:
        """Return the .bib files that a ``:bibliography:`` of a section names.

        Paths are relative to the section, as for d2lbook, or else to the book's folder.
        A file that exists nowhere is returned as if beside the section.

        :param names: what commas separate in the mark; spaces separate names, too.
        """
        return [
            self._file(section, name)
            for value in names
            for name in self._words(section, value)
        ]

    def _words(self, section: Section, value: str) -> list[str]:
        """Return the value as one name if there is such a file, else its words."""
        return [value] if self._file(section, value).is_file() else value.split()

    def _file(self, section: Section, name: str) -> Path:
        near = self._normal(posixpath.join(section.folder, name))
        inside = self._normal(name)
        return inside if inside.is_file() and not near.is_file() else near

    def _normal(self, name: str) -> Path:
        return Path(os.path.normpath(self.config.file(name)))

    @cached_property
    def content(self) -> dict[Path, EntryFile]:
        """Return the content of each .bib file that can be opened."""
        from tabbook.source.citations import bibfile

        return {file: bibfile.read(file) for file in self.files}

    @cached_property
    def entries(self) -> dict[str, Any]:
        """Return pybtex's entries by key, with the years that citations show.

        If two of the entries that the book cites have the same authors and year, the
        years are 2020a and 2020b, in the order of the list of references.
        """
        return self.written | dict(self._distinguished(self.written))

    @cached_property
    def written(self) -> dict[str, Any]:
        """Return pybtex's entries by key, as the .bib files have them."""
        entries: dict[str, Any] = {}
        for file in self.content.values():
            for key, entry in file.entries.items():
                entries.setdefault(key, entry)
        return entries

    def _distinguished(self, entries: dict[str, Any]) -> Iterator[tuple[str, Any]]:
        from tabbook.source.citations import reference_style

        cited = [entries[key] for key in self.cited() if key in entries]
        alike = defaultdict(list)
        for entry in reference_style.in_order(cited):
            year = entry.fields.get("year", "")
            alike[reference_style.short_names(entry), year].append(entry)
        for (_, year), group in alike.items():
            for number, entry in enumerate(group if len(group) > 1 else ()):
                changed = copy.deepcopy(entry)
                changed.fields["year"] = f"{year or NO_YEAR}{_letter(number)}"
                yield entry.key, changed

    def cited(self, tab: str = "") -> tuple[str, ...]:
        """Return the keys that the book cites, once each.

        :param tab: leave out what readers of this framework do not see.
        """
        return tuple(
            dict.fromkeys(
                key
                for section in self.sections
                for citation in citations(section)
                if not tab or not citation.tabs or tab in citation.tabs
                for key in citation.keys
            )
        )

    def keys(self, files: Sequence[Path]) -> list[str]:
        """Return the keys of some .bib files."""
        held = (self.content[file].entries for file in files if file in self.content)
        return list(dict.fromkeys(key for entries in held for key in entries))

    @cached_property
    def listed_on(self) -> dict[str, Section]:
        """Return the first section whose list of references has an entry, by key."""
        pages: dict[str, Section] = {}
        for section in self.sections:
            for mark in bibliographies(section):
                for key in self.keys(self.named(section, mark.files)):
                    pages.setdefault(key, section)
        return pages

    @cached_property
    def anchors(self) -> dict[str, str]:
        """Return the id of each entry in the list of references, by key."""
        anchors: dict[str, str] = {}
        for key in self.entries:
            name = re.sub(r"[^a-z0-9]+", "-", key.lower()).strip("-")
            digest = hashlib.sha256(key.encode()).hexdigest()[:6]
            clear = name and f"ref-{name}" not in anchors.values()
            anchors[key] = f"ref-{name}" if clear else f"ref-{digest}"
        return anchors

    def citation(self, kind: str, keys: Sequence[str]) -> tuple[CitationPart, ...]:
        """Return the text of a citation, such as ``(A, 2020; B and C, 2021)``.

        A key without an entry is shown as it is.

        :param kind: ``cite``, ``citep`` or ``citet``.
        """
        if unknown := [key for key in keys if key not in self.entries]:
            return tuple(self._with_unknown(kind, keys, unknown))
        from tabbook.source.citations import reference_style

        style = reference_style.reference_style(self.config.language)
        entries = [self.entries[key] for key in keys]
        parts = reference_style.citation(style, KINDS[kind], entries)
        return tuple(CitationPart(*part) for part in parts)

    def _with_unknown(
        self, kind: str, keys: Sequence[str], unknown: Sequence[str]
    ) -> Iterator[CitationPart]:
        words = texts(self.config.language, "citations")
        textual = KINDS[kind] == "t"
        separator = words["comma" if textual else "separator"]
        yield CitationPart("" if textual else words["left"], "")
        for number, key in enumerate(keys):
            yield CitationPart(separator if number else "", "")
            if key in unknown:
                yield CitationPart(key, "")
            else:
                parts = self.citation(kind, [key])
                yield from parts if textual else parts[1:-1]
        yield CitationPart("" if textual else words["right"], "")

    def text(self, kind: str, keys: Sequence[str]) -> str:
        """Return the text of a citation, without markup."""
        markdown = "".join(part.text for part in self.citation(kind, keys))
        return ESCAPED.sub(r"\1", markdown)

    def reference(self, key: str) -> str:
        """Return an entry of the list of references as Markdown."""
        from tabbook.source.citations import reference_style

        return reference_style.reference(self.entries[key])

    def references(self, files: Sequence[Path], tab: str = "") -> list[str]:
        """Return the keys of a list of references, in its order.

        :param files: the .bib files whose entries it lists, if they are cited.
        :param tab: as of :meth:`cited`.
        """
        from tabbook.source.citations import reference_style

        held = set(self.keys(files))
        listed = [self.entries[key] for key in self.cited(tab) if key in held]
        return [entry.key for entry in reference_style.in_order(listed)]


def _letter(number: int) -> str:
    """Return the letter of an entry: a to z, then aa, ab and so on."""
    first, last = divmod(number, 26)
    return (_letter(first - 1) if first else "") + chr(ord("a") + last)
