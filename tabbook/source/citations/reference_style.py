"""How citations and references read: one style for pages, notebooks and slides.

The styles are pybtex's and sphinxcontrib-bibtex's, with the marks of the book's
language, names in Japanese in their own order, and entries that lack a field. Both
packages are imported here, so this module is imported only for a book that cites.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from pybtex.backends import markdown
from pybtex.database import Entry, Person
from pybtex.richtext import BaseText, Text
from pybtex.style import FormattedEntry
from pybtex.style.formatting import plain, toplevel
from pybtex.style.names.plain import NameStyle
from pybtex.style.template import (
    FieldIsMissing,
    Node,
    first_of,
    join,
    optional,
    optional_field,
    sentence,
    tag,
)
from pybtex.style.template import field as entry_field
from sphinxcontrib.bibtex.style.referencing import (
    BracketStyle,
    PersonStyle,
    format_references,
)
from sphinxcontrib.bibtex.style.referencing.author_year import AuthorYearReferenceStyle
from sphinxcontrib.bibtex.style.template import SphinxReferenceInfo, SphinxReferenceText

from tabbook.base.translations import texts

JAPANESE = re.compile(r"[\u3041-\u30ff\u3400-\u9fff]")

OTHERS = "others"
"""BibTeX's name for further authors."""

MATH = re.compile(r"(\$[^$]+\$)")
"""A formula in a field."""


@functools.cache
def reference_style(language: str) -> AuthorYearReferenceStyle:
    """Return the style of the citations of a book in a language."""
    words = texts(language, "citations")
    brackets = {"left": words["left"], "right": words["right"]}
    return AuthorYearReferenceStyle(
        bracket_parenthetical=BracketStyle(**brackets, sep=words["separator"]),
        bracket_textual=BracketStyle(**brackets, sep=words["comma"]),
        person=_ShortNames(),
        author_year_sep=words["comma"],
        text_reference_sep=words["before_year"],
    )


def citation(
    style: AuthorYearReferenceStyle, kind: str, entries: Sequence[Entry]
) -> Iterator[tuple[str, str]]:
    """Yield the parts of a citation: Markdown, and the key of the entry it links to.

    :param kind: ``p`` or ``t``, as sphinxcontrib-bibtex calls the roles.
    """
    cited = [
        (entry, None, SphinxReferenceInfo(None, "", "", entry.key, None, "", ""))
        for entry in entries
    ]
    yield from _parts(format_references(style, kind, cited))


def reference(entry: Entry) -> str:
    """Return an entry of a list of references as Markdown."""
    formatted = _list_style().format_entry("", entry)
    return str(formatted.text.render(MarkdownBackend())).strip()


def in_order(entries: Sequence[Entry]) -> list[Entry]:
    """Return entries in the order of a list of references."""
    return _list_style().sorted(entries)


def short_names(entry: Entry) -> str:
    """Return the authors as a citation names them; the title if there are none."""
    return str(_short_names((), {"entry": entry}, full=False))


class MarkdownBackend(markdown.Backend):  # type: ignore[misc]
    """Write Markdown that stays legible: only what Markdown would read is escaped."""

    symbols = MappingProxyType({"ndash": "–", "newblock": " ", "nbsp": "\u00a0"})

    def format_str(self, text: str) -> str:
        """Escape text, except formulas."""
        parts = MATH.split(text)
        parts[::2] = [re.sub(r"([\\`*_\[\]<>$])", r"\\\1", part) for part in parts[::2]]
        return "".join(parts)

    def format_href(self, url: str, text: str, external: bool = False) -> str:
        """Return a link, with an address that Markdown reads to its end."""
        url = url.replace(" ", "%20").replace("(", "%28").replace(")", "%29")
        return f"[{text}]({url})" if text else ""


class ListStyle(plain.Style):  # type: ignore[misc]
    """Entries of a list of references, as BibTeX's plain style has them.

    An entry of an unknown type, or without a field that its type requires, is shown
    with the fields it has.
    """

    def __init__(self, **options: Any) -> None:
        """Write names in full, and label each entry with its key."""
        super().__init__(**options)
        self.format_name = _FullName().format
        self.format_labels = lambda entries: [entry.key for entry in entries]
        self.sort = self.sorted

    def sorted(self, entries: Sequence[Entry]) -> list[Entry]:
        """Sort by author, year and title; ``yomi`` is how an author's name is read."""
        key = self.sorting_style.sorting_key
        return sorted(
            entries,
            key=lambda entry: (entry.fields.get("yomi", "").lower(), *key(entry)),
        )

    def format_names(self, role: str, as_sentence: bool = True) -> Node:
        """Return a template of the names of a role."""
        names = Node("full_names", _full_names)(role)
        return sentence[names] if as_sentence else names

    def format_entry(
        self, label: str, entry: Entry, bib_data: object = None
    ) -> FormattedEntry:
        """Return an entry of the list."""
        context = {"entry": entry, "style": self, "bib_data": bib_data}
        template = getattr(self, f"get_{entry.type}_template", self._any_template)
        try:
            text = template(entry).format_data(context)
        except FieldIsMissing:
            text = self._any_template(entry).format_data(context)
        return FormattedEntry(entry.key, text or Text(entry.key), label)

    def _any_template(self, entry: Entry) -> Node:
        """Return a template that requires no field."""
        source = first_of[
            optional[tag("em")[entry_field("journal")]],
            optional[tag("em")[entry_field("booktitle")]],
            optional_field("publisher"),
            optional_field("institution"),
            optional_field("school"),
            optional_field("organization"),
            optional_field("howpublished"),
        ]
        return toplevel[
            optional[self.format_author_or_editor(entry)],
            optional[self.format_title(entry, "title")],
            sentence[
                source,
                optional_field("volume"),
                optional_field("pages"),
                optional_field("year"),
            ],
            sentence[optional_field("note")],
            self.format_web_refs(entry),
        ]


class _FullName(NameStyle):  # type: ignore[misc]
    """A name in full; in Japanese, the family name first and nothing between."""

    def format(self, person: Person, abbr: bool = False) -> Node:
        """Return a template of the name."""
        if not _japanese(person):
            return super().format(person, abbr)
        return join["".join(str(part) for part in _name(person, given=True))]


@dataclass
class _ShortNames(PersonStyle):  # type: ignore[misc]
    """Family names as in a citation: one, two, or the first and ``et al.``."""

    def author_or_editor_or_title(self, full: bool) -> Node:
        """Return a template of the names, or else of the title or the key."""
        return Node("short_names", _short_names)(full)


@functools.cache
def _list_style() -> ListStyle:
    """Return the only instance: pybtex looks for plugins whenever it makes one."""
    return ListStyle()


def _short_names(children: object, data: Mapping[str, Any], full: bool) -> BaseText:
    entry = data["entry"]
    persons = entry.persons.get("author") or entry.persons.get("editor")
    if not persons:
        title = entry.fields.get("title") or entry.fields.get("key")
        return Text.from_latex(title) if title else Text(entry.key)
    words = _words(persons)
    named = [person for person in persons if str(person) != OTHERS] or persons
    names = ["".join(map(str, _name(person))) for person in named]
    shortened = len(names) > 2 or len(named) < len(persons)
    if shortened and not full:
        return Text(names[0], words["et_al"])
    return Text(words["and"].join(names))


def _full_names(children: object, data: Mapping[str, Any], role: str) -> BaseText:
    persons = data["entry"].persons.get(role)
    if not persons:
        raise FieldIsMissing(role, data["entry"])
    style, words = data["style"], _words(persons)
    named = [person for person in persons if str(person) != OTHERS] or persons
    last = words["last_of_two"] if len(named) == 2 else words["last_of_many"]
    names = [style.format_name(person).format_data(data) for person in named]
    if len(named) < len(persons):
        return Text(Text(words["between"]).join(names), words["et_al"])
    text = Text(words["between"]).join(names[:-1])
    return Text(text, last, names[-1]) if len(names) > 1 else names[0]


def _name(person: Person, *, given: bool = False) -> Iterator[Text]:
    """Yield a family name with its particle, then the given name if asked."""
    before = person.rich_prelast_names
    yield Text("\u00a0").join([*before, Text(" ").join(person.rich_last_names)])
    if given:
        yield from person.rich_first_names + person.rich_middle_names


def _words(persons: Sequence[Person]) -> Mapping[str, str]:
    """Return the separators of names, in the language of the first one."""
    return texts("ja" if _japanese(persons[0]) else "en", "names")


def _japanese(person: Person) -> bool:
    return bool(JAPANESE.search(str(person)))


def _parts(text: BaseText) -> Iterator[tuple[str, str]]:
    if isinstance(text, SphinxReferenceText):
        yield Text(*text.parts).render(MarkdownBackend()), text.info[0].citation_id
    elif isinstance(text, Text):
        for part in text.parts:
            yield from _parts(part)
    else:
        yield text.render(MarkdownBackend()), ""
