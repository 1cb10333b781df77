"""The form of the engine's code, by which strangers find their way."""

from __future__ import annotations

import ast
from collections import Counter
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path
from typing import TypeAlias

from tests.support.paths import ROOT

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef

LINES_OF_A_MODULE = 300
LINES_OF_A_FUNCTION = 50
MODULES_OF_A_FOLDER = 13


@cache
def modules() -> dict[Path, ast.Module]:
    """Return the syntax trees of the engine's modules; templates are not run."""
    files = (ROOT / "tabbook").rglob("*.py")
    own = [file for file in files if "templates" not in file.parts]
    assert len(own) > 300
    return {file.relative_to(ROOT): ast.parse(file.read_text("utf-8")) for file in own}


def test_no_folder_is_crowded() -> None:
    counts = Counter(file.parent for file in modules())
    assert {
        folder: count for folder, count in counts.items() if count > MODULES_OF_A_FOLDER
    } == {}


def test_no_module_is_long() -> None:
    lengths = {file: (ROOT / file).read_text("utf-8").count("\n") for file in modules()}
    assert {
        file: length for file, length in lengths.items() if length > LINES_OF_A_MODULE
    } == {}


def test_no_function_is_long() -> None:
    lengths = {
        (file, node.name): (node.end_lineno or 0) - node.lineno + 1
        for file, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, Function)
    }
    assert {
        name: length for name, length in lengths.items() if length > LINES_OF_A_FUNCTION
    } == {}


def test_name_of_a_class_is_used_once() -> None:
    names = Counter(
        node.name
        for tree in modules().values()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    )
    assert [name for name, count in names.items() if count > 1] == []


def test_imports_run_in_no_circle() -> None:
    names = {_dotted(file) for file in modules()}
    TopologicalSorter(
        {_dotted(file): _imported(tree, names) for file, tree in modules().items()}
    ).prepare()


def _dotted(file: Path) -> str:
    return ".".join(file.with_suffix("").parts).removesuffix(".__init__")


def _imported(tree: ast.Module, names: set[str]) -> set[str]:
    """Return the modules that a module imports when it is imported itself."""
    imported = {
        (node.module or "", alias.name)
        for node in tree.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    return {
        next(filter(names.__contains__, (f"{module}.{name}", module)), "")
        for module, name in imported
    }
