"""Messages name the program as the user called it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tabbook.base import program
from tabbook.base.engine import PACKAGE
from tabbook.cli import main as cli

OWN = PACKAGE / "base" / "program.py"


def _texts(file: Path) -> Iterator[str]:
    """Yield the strings of a module that are no docstrings."""
    tree = ast.parse(file.read_text("utf-8"))
    documented = {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in documented:
            yield str(node.value)


def test_no_message_names_a_script_that_the_user_may_not_have() -> None:
    named = [
        f"{file.relative_to(PACKAGE)}: {text}"
        for file in sorted(PACKAGE.rglob("*.py"))
        if file != OWN
        for text in _texts(file)
        if "./build.sh" in text
    ]
    assert named == []


def test_command_line_names_the_folder_only_where_it_is_another() -> None:
    assert program.command_line("run x") == "./build.sh run x"
    with program.in_folder("a book"):
        assert program.command_line() == "./build.sh -C 'a book'"
    assert program.command_line() == "./build.sh"


def test_advice_on_a_missing_book_works(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["-C", str(tmp_path), "lint"]) == 1
    advice = capfd.readouterr().err.rstrip().rpartition("start a book with ")[2]
    arguments = advice.removeprefix(program.PROGRAM).split()
    assert arguments == ["init", "DIR"]
    assert cli.main(["init", str(tmp_path / "DIR")]) == 0
    assert cli.main(["-C", str(tmp_path / "DIR"), "lint"]) == 0
