"""Whatever building pages prints or stops at, lint has said, with name and line."""

from __future__ import annotations

import re

import pytest

from tabbook import sphinxext
from tabbook.base.errors import BookError
from tabbook.lint import lint
from tabbook.source import book
from tests.lint.test_lint import CONFIG, FILES, TABLES, split
from tests.support.books import MakeBook
from tests.support.tables import examples

PRINTED = re.compile(
    r"(?P<path>[^:]+):(?P<line>\d+): WARNING: .* \[tabbook\.(?P<name>[\w-]+)\]"
)
EXAMPLES = [(example.id, example.values[0]) for example in examples(*TABLES)]


def files_of(at: int, text: str) -> dict[str, str]:
    """Return the files of an example."""
    return {**FILES, **split(text)}


@pytest.mark.parametrize(("title", "text"), EXAMPLES)
def test_pages_print_what_lint_says(make_book: MakeBook, title: str, text: str) -> None:
    files = files_of(0, text)
    config = make_book(files, files.pop("config.ini", CONFIG))
    problems = lint(book.load(config))
    said = {(one.path, max(one.line, 1), one.name) for one in problems}
    stopped = ""
    try:
        warnings = sphinxext.build(config, without_outputs=True).warnings
    except BookError as error:
        warnings, stopped = "", str(error)
    for line in warnings.splitlines():
        printed = PRINTED.fullmatch(line)
        assert printed, line
        assert (printed["path"], int(printed["line"]), printed["name"]) in said
    if stopped:
        assert any(one.severity == "error" for one in problems), stopped
