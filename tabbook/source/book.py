"""The book on disk: its configuration, sections in reading order, and labels."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from markdown_it.token import Token
from nbformat import NotebookNode

from tabbook.base.config import Config, Framework
from tabbook.base.errors import BookError, UsageError
from tabbook.base.files import read_text
from tabbook.source import source_names
from tabbook.source.cells import dialect, foreign, lenient
from tabbook.source.cells.d2lbook_reader import UnreadableError
from tabbook.source.citations.bibliography import Bibliography
from tabbook.source.prose import terms
from tabbook.source.section import SOLUTIONS, Section, shared_section
from tabbook.source.structure.labels import Label, labels_of
from tabbook.source.structure.numbering import Count, Numbering
from tabbook.source.structure.pages import PageTree
from tabbook.source.variables import fill


@dataclass(frozen=True)
class Book:
    """Everything a build reads: configuration, sections, labels."""

    config: Config
    sections: tuple[Section, ...]
    """In the order of the toc, each before its solutions; unlisted ones come last."""
    left_out: tuple[Section, ...] = ()
    """Sections that the edition or the translation which is built has not."""

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the sources only, not values computed from them."""
        return Book, (self.config, self.sections, self.left_out)

    @cached_property
    def labels(self) -> dict[str, Label]:
        """Return the labels by name; of several with one name, the first."""
        labels: dict[str, Label] = {}
        for label in self.every_label:
            labels.setdefault(label.name, label)
        return labels

    @cached_property
    def every_label(self) -> tuple[Label, ...]:
        """Return all labels in reading order, those with a name of another too."""
        count = Count(Numbering(self.tree))
        return tuple(
            label
            for section in self.sections
            for label in labels_of(section, self.config.language, count)
        )

    def label_of(self, marks: Iterable[Token]) -> Label | None:
        """Return the label by which references name what the marks label."""
        names = (mark.meta["name"] for mark in marks)
        return next((self.labels[name] for name in names if name in self.labels), None)

    def labels_on(self, section: Section) -> list[Label]:
        """Return the labels of one section."""
        return self._labels_by_section.get(section.name, [])

    @cached_property
    def _labels_by_section(self) -> dict[str, list[Label]]:
        labels: dict[str, list[Label]] = {}
        for label in self.every_label:
            labels.setdefault(label.section, []).append(label)
        return labels

    @cached_property
    def left_out_labels(self) -> dict[str, Label]:
        """Return the labels of the sections that the edition leaves out, by name.

        References to them are texts without a link, with the whole book's numbers.
        """
        left_out = {section.name: section for section in self.left_out}
        tree = PageTree({**self._by_name, **left_out}, self.config.index)
        count = Count(Numbering(tree))
        return {
            label.name: label
            for name in dict.fromkeys([*tree.order(tree.root), *left_out])
            for label in labels_of(tree.sections[name], self.config.language, count)
            if name in left_out and label.name not in self.labels
        }

    @cached_property
    def dropped_labels(self) -> dict[str, Label]:
        """Return the labels that only the texts of dropped tabs have, by name."""
        count = Count(Numbering(self.tree))
        return {
            label.name: label
            for section in self.sections
            if section.dropped
            for label in labels_of(replace(section, dropped=frozenset()), "en", count)
            if label.name not in self.labels
        }

    @cached_property
    def listed(self) -> frozenset[str]:
        """Return the names that the root page's toc reaches, including its own."""
        return self.reachable(self.config.index)

    def reachable(self, name: str) -> frozenset[str]:
        """Return the names that the toc of a section reaches, including its own."""
        return frozenset(self.tree.order(name))

    @cached_property
    def tree(self) -> PageTree:
        """Return the pages as the tables of contents order them."""
        return PageTree(self._by_name, self.config.index)

    @cached_property
    def bibliography(self) -> Bibliography:
        """Return the book's bibliography; .bib files are read when they are needed."""
        return Bibliography(self.config, self.sections)

    @cached_property
    def words(self) -> terms.Words:
        """Return the book's terms and phrases.

        :raises BookError: their file cannot be read.
        """
        return terms.load(self.config)

    @cached_property
    def pages(self) -> tuple[Section, ...]:
        """Return the sections with a page; solutions are part of another's page."""
        return tuple(
            section for section in self.sections if not self.section(section.solves)
        )

    def page_has_code(self, section: Section) -> bool:
        """Return whether a section or its solutions have code."""
        solutions = self.solutions_of(section)
        return section.has_code or bool(solutions and solutions.has_code)

    @cached_property
    def _by_name(self) -> dict[str, Section]:
        return {section.name: section for section in self.sections}

    def section(self, name: str) -> Section | None:
        """Return the section called ``name``, if it exists."""
        return self._by_name.get(name)

    def solutions_of(self, section: Section) -> Section | None:
        """Return the solutions of a section's exercises, if they exist."""
        return self.section(section.name + SOLUTIONS)

    def frameworks_of(self, section: Section) -> tuple[Framework, ...]:
        """Return the frameworks that have code in a section."""
        default = self.config.default.name
        return tuple(
            framework
            for framework in self.config.frameworks
            if section.runs_in(framework.name, default)
        )

    def notebook_of(
        self, section: Section, framework: Framework
    ) -> NotebookNode | None:
        """Return the cells of a section that d2lbook selects for a framework.

        :returns: a notebook without outputs; None where there is no code.
        :raises BookError: d2lbook fails on the source, with its file and line.
        """
        try:
            return dialect.for_framework(
                section.cells,
                framework.name,
                self.config.default.name,
                aliased=framework.library,
            )
        except UnreadableError as error:
            raise section.refused(error) from error

    def select(self, names: list[str]) -> tuple[Section, ...]:
        """Return the sections named on a command line, or all if ``names`` is empty.

        A name is a section's name, its file, the last part of its name, or a folder.

        :raises UsageError: a name matches no section.
        """
        selected: list[Section] = []
        for name in names:
            pattern = posixpath.normpath(name).removesuffix(".md")
            matches = [
                section for section in self.sections if _matches(section.name, pattern)
            ]
            if not matches:
                existing = ", ".join(section.name for section in self.sections)
                raise UsageError(
                    f"no section is called {name!r}; there are: {existing}"
                )
            selected += matches
        return tuple(dict.fromkeys(selected)) or self.sections


def load(config: Config) -> Book:
    """Read every source of a book.

    :raises BookError: the root page is missing, or a file is not UTF-8 text.
    """
    names = source_names.names(config)
    if config.index not in names:
        foreign.refuse(config)
        raise BookError(
            f"{config.root}: the root page {config.index}.md is missing; write it with "
            "a ```toc fence, or name another in config.ini's [build] index"
        )
    sections = {name: read_section(config, name) for name in names}
    order = dict.fromkeys(PageTree(sections, config.index).order(config.index))
    order |= dict.fromkeys(sorted(names))
    ordered = tuple(sections[name] for name in order if name in sections)
    missing = sorted(source_names.names_of_the_book(config) - set(names))
    left_out = [read_section(config, name) for name in missing]
    if config.origin:
        untranslated = sorted(
            {*source_names.matching(config.origin)} - {*names, *missing}
        )
        left_out += [read_section(config.origin, name) for name in untranslated]
    return Book(config, ordered, tuple(left_out))


def read_section(config: Config, name: str) -> Section:
    """Return one source of a book.

    :raises BookError: the file cannot be read.
    """
    path = config.root / f"{name}.md"
    try:
        saved = read_text(path)
    except OSError as error:
        raise BookError(f"{path}: cannot be read: {error.strerror}") from error
    text = lenient.without_front_matter(fill(saved, config, f"{name}.md"))
    if not config.tabbed:
        text = lenient.without_tabs(text)
    return shared_section(name, text, config.dropped, config.dropped_labels, saved)


def _matches(name: str, pattern: str) -> bool:
    return name in (pattern, pattern + "/index") or (
        name.startswith(pattern + "/") or posixpath.basename(name) == pattern
    )
