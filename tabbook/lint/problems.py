"""The problems that lint reports: name, severity and meaning, each declared once.

An error stops every build: with it, code or text would be lost, or d2lbook fails too. A
mistake stops none: the page shows it in a form that can be read, and only the check of
a book (``./build.sh check``) fails on it. A warning is advice.
"""

from __future__ import annotations

from typing import NamedTuple


class ProblemKind(NamedTuple):
    """Severity and meaning of a problem's name."""

    severity: str
    """``error`` fails the build, ``warning`` is only printed."""
    meaning: str
    fails_check: bool = False
    """Whether the check of a book fails on it, though the book can be built."""


def _error(meaning: str) -> ProblemKind:
    """Return a problem with which a build would lose code or text."""
    return ProblemKind("error", meaning)


def _mistake(meaning: str) -> ProblemKind:
    """Return a mistake that d2lbook builds too, and that readers see on the page."""
    return ProblemKind("warning", meaning, fails_check=True)


def _warning(meaning: str) -> ProblemKind:
    return ProblemKind("warning", meaning)


PROBLEMS = {
    # Configuration
    "missing-cover": _mistake("a cell of [tabbook] cover that does not exist"),
    "unknown-key": _warning("a section, key or silenced name that nothing reads"),
    "foreign-source": _error("a notebook, or a cell of MyST, named as a source"),
    "front-matter": _warning("lines for another program at the top of a page"),
    "tabs-not-listed": _warning("tabs in a book whose config.ini lists none"),
    # Fences
    "unreadable-source": _error("d2lbook's reader fails on the file"),
    "unclosed-fence": _error("a fence without an end, or without one d2lbook accepts"),
    "fence-not-run": _warning("looks like a cell, but d2lbook shows it as text"),
    "output-in-source": _mistake("an output in a source; outputs belong in notebooks/"),
    "empty-fence": _error("a fence without a line, where d2lbook reads on"),
    "empty-cell": _warning("a cell without code"),
    # Tabs
    "unknown-tab": _error("a tab that config.ini does not describe"),
    "missing-tab": _mistake("a tab line or a tab mark without a name"),
    "empty-tab": _warning("an empty name in a list of tabs, or a tab without text"),
    "full-width-comma": _error("、 or ， between tabs, which d2lbook does not split"),
    "unmatched-tab-mark": _mistake(":begin_tab: and :end_tab: that do not match"),
    "tab-line-not-first": _warning("%%tab below the first line of a cell"),
    "deleted-line": _mistake("a line that d2lbook deletes, as it holds %%tab"),
    "code-without-tab": _warning(
        "a cell that belongs to the first tab only, in a section with tabs"
    ),
    "missing-framework": _warning("a framework that a section names, without code"),
    # Code
    "invalid-python": _mistake("code of a framework that does not parse"),
    "unbalanced-blank": _error("a mark of a solution in a cell without its other one"),
    "unreadable-alias": _error("an alias of config.ini that d2lbook cannot replace"),
    "unread-raises-mark": _warning("a mark `# raises: NAME` that is not one"),
    # References
    "duplicate-label": _mistake("two places with the same label"),
    "unresolved-reference": _mistake("a reference to a label that does not exist"),
    "unknown-citation": _mistake("a citation of an entry that no .bib file has"),
    "missing-bibliography": _mistake("a .bib file that does not exist"),
    "unreadable-entry": _warning("an entry of a .bib file that cannot be read"),
    "citation-without-list": _warning("a citation in a book without :bibliography:"),
    "unrendered-rst": _warning("reStructuredText that pages show as text"),
    "broken-link": _warning("a link to a page, file or label that does not exist"),
    "missing-figure": _mistake("an image, logo or style sheet that does not exist"),
    "refused-by-policy": _mistake(
        "a script, style sheet or font that pages neither load nor run"
    ),
    "missing-toc-entry": _mistake("a toc entry without a section"),
    "repeated-toc-entry": _warning("a page that a toc lists twice"),
    "toc-entry-suffix": _warning("a toc entry with .md, which d2lbook does not find"),
    "solutions-in-toc": _warning("solutions in a toc; they are part of a page"),
    "toc-loop": _mistake("a toc entry that leads back to its own page"),
    "wrong-toc-option": _warning("an option of a toc that is left out"),
    "not-in-toc": _warning("a section that no toc leads to"),
    "formula": _warning("a formula that cannot be set and is shown as its TeX"),
    # Translations, if config.ini names the book that is translated
    "code-of-origin": _error("a cell that is not that of the translated book"),
    "untranslated": _warning("a paragraph in the language of the translated book"),
    "paragraphs-of-origin": _warning("more or fewer paragraphs than it has"),
    "outdated-translation": _warning("a paragraph that has changed there since"),
    # Headings
    "no-title": _warning("a page without a heading"),
    "heading-level": _warning("a heading that is not one level below the one above"),
    "second-title": _warning("a second heading of the first level on a page"),
    # Marks
    "unknown-mark": _warning("a mark that d2lbook does not know and deletes"),
    "unbalanced-slide-mark": _error("slide marks that do not match; d2lbook fails"),
    # Outputs, named when pages are built
    "replaced-output": _warning("an output of which pages show a text or a note only"),
    # Japanese, if [project] lang is ja
    "avoided-form": _warning("a form that the book's file of terms lists as avoided"),
    "space-in-japanese": _warning("a space within Japanese, or between it and Latin"),
    "half-width-mark": _warning("a half-width mark, bracket or kana in Japanese"),
    "full-width-letter": _warning("a full-width letter or digit"),
    "line-break-in-japanese": _warning("a line break that notebooks show as a space"),
    "unrendered-bold": _warning("asterisks of bold that readers would see"),
    "long-sentence": _warning("a sentence of more than 100 characters"),
    "many-commas": _warning("a sentence with more than three 、"),
    "tone": _warning("a sentence without です or ます, or a heading with them"),
}
"""The kind of every problem by its name; ``silence`` in config.ini takes the names."""
