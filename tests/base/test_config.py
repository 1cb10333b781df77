"""config.ini becomes one checked object, or an error that says what to do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tabbook.base import config as configuration
from tabbook.base.config import Config
from tabbook.base.errors import BookError
from tests.support.paths import ROOT

TABS = "[build]\ntabs = left, right\n"

MakeBook = Callable[..., Config]


def load(folder: Path, text: str | bytes) -> Config:
    data = text if isinstance(text, bytes) else text.encode()
    (folder / configuration.FILE_NAME).write_bytes(data)
    return configuration.load(folder)


def test_the_repository_has_no_problems() -> None:
    made = configuration.load(ROOT)
    assert made.problems == ()
    assert [one.name for one in made.frameworks] == ["mxnet", "pytorch", "tensorflow"]
    assert made.default.label == "MXNet"
    assert made.framework("pytorch").colab
    assert dict(made.default.variables)["OMP_NUM_THREADS"] == "1"


def test_what_is_not_said_has_a_default(tmp_path: Path) -> None:
    made = load(tmp_path, TABS)
    assert (made.index, made.language, made.timeout, made.jobs) == (
        "index",
        "en",
        120,
        0,
    )
    assert made.patterns == ("**/*.md",)
    assert made.output == tmp_path / "_build"
    assert made.notebooks == tmp_path / "notebooks"
    assert made.tabbed
    left = made.framework("left")
    assert (left.label, left.packages, left.colab) == ("left", (), None)
    assert left.environment == tmp_path / "environments/left.txt"


def test_what_is_said_is_read(tmp_path: Path) -> None:
    (tmp_path / "set_up.py").touch()
    made = load(
        tmp_path,
        "[project]\ntitle = 100%の本\nlang = ja\n"
        "[build]\ntabs = Left,right\nindex = start.md\nresources = a\n  b\n"
        "exclusions = x y\noutput_dir = out\n"
        "[html]\ninclude_css = a.css b.css\n"
        "[tabbook]\ntimeout = 7\nsilence = one, two\n  three\n"
        "[framework-left]\nlabel = L\npackages = p, q\nvariables =\n  B=2=3\n  A=1\n"
        "colab = set_up.py\nenvironment = pins.txt\n",
    )
    assert (made.title, made.index, made.timeout) == ("100%の本", "start", 7)
    assert (made.resources, made.exclusions) == (("a", "b"), ("x", "y"))
    assert made.styles == ("a.css", "b.css")
    assert made.silenced == {"one", "two", "three"}
    assert made.problems == ()
    left = made.default
    assert (left.name, left.label, left.packages) == ("left", "L", ("p", "q"))
    assert left.variables == (("A", "1"), ("B", "2=3"))
    assert left.colab == tmp_path / "set_up.py"
    assert left.environment == tmp_path / "pins.txt"


@pytest.mark.parametrize("text", ["", "[build]\n", "[build]\ntabs =\n"])
def test_a_book_without_tabs_is_all_python(tmp_path: Path, text: str) -> None:
    made = load(tmp_path, text)
    assert not made.tabbed
    assert [one.name for one in made.frameworks] == ["python"]


def test_no_such_framework(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        load(tmp_path, TABS).framework("middle")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("title = 本\n", "no section headers.*write `key = value` below a"),
        ("[project]\ntitle = a\ntitle = b\n", r"\[line +3\].*'title'.*already exists"),
        ("[build]\n[build]\n", r"section 'build' already exists"),
        ("[build]\nnonsense\n", r"INI format.*\[line +2\]"),
        ("[build]\ntabs = ü\n".encode("latin-1"), "cannot be read"),
        ("[build]\ntabs = left、right\n", "'left、right'.*half-width commas"),
        ("[build]\ntabs = left，right\n", "half-width commas"),
        ("[build]\ntabs = left, right,\n", "tabs has ''"),
        ("[build]\ntabs = left, left\n", "names a tab twice"),
        ("[build]\ntabs = left, Left\n", "names a tab twice"),
        ("[build]\ntabs = left-er\n", "'left-er'"),
        ("[build]\ntabs = left, all\n", "'all'"),
        ("[tabbook]\ntimeout = soon\n", "timeout = 'soon' is not a whole number"),
        ("[tabbook]\nmemory = -1\n", "memory = '-1' is not a whole number"),
        ("[tabbook]\njobs = ２\n", "jobs = '２' is not a whole number"),
        (TABS + "[framework-left]\ncolab = none.py\n", "'none.py': there is no such"),
        (TABS + "[framework-left]\nvariables = A\n", "'A'; write NAME=VALUE"),
    ],
)
def test_what_cannot_be_used_is_an_error(
    tmp_path: Path, text: str | bytes, message: str
) -> None:
    with pytest.raises(BookError, match=f"(?s)config.ini.*{message}"):
        load(tmp_path, text)


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(BookError, match=r"no such file; name the book's folder"):
        configuration.load(tmp_path)


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("[project]\n\ntilte = 本\n", 3, "'tilte' in [project]; did you mean 'title'?"),
        ("[tabbook]\ntimout = 3\n", 2, "did you mean 'timeout'?"),
        ("[proejct]\ntitle = 本\n", 1, "unknown [proejct]; did you mean 'project'?"),
        ("[colab]\nlibs =\n[tabbook]\nxyz = 3\n", 4, "'xyz' in [tabbook]; known: "),
        (TABS + "[framework-left]\nlable = L\n", 4, "did you mean 'label'?"),
        (TABS + "[framework-lift]\nlabel = L\n", 3, "did you mean 'framework-left'?"),
    ],
)
def test_an_unknown_key_is_a_warning(
    tmp_path: Path, text: str, line: int, message: str
) -> None:
    (problem,) = load(tmp_path, text).problems
    assert (problem.path, problem.line) == (configuration.FILE_NAME, line)
    assert (problem.name, problem.severity) == ("unknown-key", "warning")
    assert message in problem.message


def test_what_d2lbook_leaves_free_is_known(tmp_path: Path) -> None:
    text = TABS + "[library-left]\nlib_file = x.py\nanything = y\n[DEFAULT]\nz = 1\n"
    assert load(tmp_path, text).problems == ()
