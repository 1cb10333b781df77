"""Whatever building pages prints or stops at, lint has said, with its name and line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tabbook import sphinxext
from tabbook.base.config import Config
from tabbook.base.errors import BookError, Problem
from tabbook.lint import PROBLEMS, lint
from tabbook.source import book
from tests.lint.test_lint import CONFIG, FILES, HERE, SECTION, split
from tests.support.books import MakeBook
from tests.support.tables import examples

PRINTED = re.compile(
    r"(?P<path>[^:]+):(?P<line>\d+): WARNING: .* \[tabbook\.(?P<name>[\w-]+)\]"
)
"""A warning of the engine."""

TABLES = sorted(HERE.glob("*.txt"))
ALL_LISTED = {"index.md": "# 本\n\n```toc\n:glob:\nchapter_a/*\n```\n"}


def names_in(expected: str) -> frozenset[str]:
    """Return the names of the problems that an example has."""
    return frozenset(line.split()[1] for line in expected.splitlines() if line)


def has_errors(names: frozenset[str]) -> bool:
    return any(PROBLEMS[name].severity == "error" for name in names)


def alone() -> list[tuple[str, str]]:
    """Return an example for each set of problems of books of several files.

    So do examples with errors, of which each would hide the others.
    """
    chosen: dict[frozenset[str], tuple[str, str]] = {}
    for example in examples(*TABLES):
        text, expected = map(str, example.values)
        names = names_in(expected)
        if text.startswith("@@") or has_errors(names):
            chosen.setdefault(names, (str(example.id), text))
    return list(chosen.values())


def together() -> dict[str, str]:
    """Return the examples of one section each, as the sections of one book."""
    texts = [
        str(example.values[0])
        for example in examples(*TABLES)
        if not str(example.values[0]).startswith("@@")
        and not has_errors(names_in(str(example.values[1])))
    ]
    return {f"chapter_a/e{at}.md": f"{text}\n" for at, text in enumerate(texts)}


def unsaid(warnings: str, problems: list[Problem]) -> list[str]:
    """Return the warnings that are not among lint's problems."""
    said = {(problem.path, max(problem.line, 1), problem.name) for problem in problems}
    return [
        line
        for line in warnings.splitlines()
        if not (match := PRINTED.fullmatch(line))
        or (match["path"], int(match["line"]), match["name"]) not in said
    ]


def warnings_of(config: Config) -> str:
    return sphinxext.build(config, without_outputs=True).warnings


def test_examples_have_every_name() -> None:
    tables = "".join(file.read_text("utf-8") for file in TABLES)
    missing = {name for name in PROBLEMS if f" {name}" not in tables}
    of_translations = {"code-of-origin", "outdated-translation"}
    of_translations |= {"paragraphs-of-origin", "untranslated"}
    assert missing <= {"replaced-output", "unbalanced-blank", *of_translations}


def test_pages_of_all_examples_print_what_lint_says(make_book: MakeBook) -> None:
    sections = together()
    config = make_book({**FILES, **ALL_LISTED, **sections}, CONFIG)
    warnings = warnings_of(config)
    assert unsaid(warnings, lint(book.load(config))) == []
    printed = {
        match["name"] for match in map(PRINTED.match, warnings.splitlines()) if match
    }
    assert {"unresolved-reference", "missing-figure", "broken-link"} <= printed
    pages = {file.stem for file in (config.output / "html/chapter_a").glob("*.html")}
    assert pages == {Path(name).stem for name in sections}


@pytest.mark.parametrize(
    "text", [pytest.param(text, id=title) for title, text in alone()]
)
def test_pages_print_what_lint_says(make_book: MakeBook, text: str) -> None:
    files = {**FILES, **split(text)}
    config = make_book(files, files.pop("config.ini", CONFIG))
    problems = lint(book.load(config))
    try:
        assert unsaid(warnings_of(config), problems) == []
    except BookError as error:
        assert any(problem.severity == "error" for problem in problems), str(error)


def test_what_lint_calls_clean_is_built_without_a_word(make_book: MakeBook) -> None:
    config = make_book({**FILES, SECTION: "# 題\n\n文\n"}, CONFIG)
    assert lint(book.load(config)) == []
    assert warnings_of(config) == ""
