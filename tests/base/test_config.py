"""config.ini is read into one validated object, or refused with a message."""

from __future__ import annotations

from pathlib import Path

import notedown
import pytest

from tabbook.base.config import FILE_NAME, Config
from tabbook.base.config import load as load_folder
from tabbook.base.config.reference import reference
from tabbook.base.errors import BookError
from tests.support.paths import ROOT

TABS = "[build]\ntabs = left, right\n"


def load(folder: Path, text: str | bytes) -> Config:
    data = text if isinstance(text, bytes) else text.encode()
    (folder / FILE_NAME).write_bytes(data)
    return load_folder(folder)


def test_missing_keys_have_defaults(tmp_path: Path) -> None:
    config = load(tmp_path, TABS)
    assert (config.index, config.language) == ("index", "en")
    assert (config.timeout, config.jobs) == (120, 0)
    assert config.patterns == ("**/*.md",)
    assert config.output == tmp_path / "_build"
    assert config.notebooks == tmp_path / "notebooks"
    assert config.tabbed
    left = config.framework("left")
    assert (left.label, left.packages, left.colab) == ("left", (), None)
    assert left.environment == tmp_path / "environments/left.txt"


def test_given_keys_are_read(tmp_path: Path) -> None:
    (tmp_path / "set_up.py").touch()
    config = load(
        tmp_path,
        "[project]\ntitle = 100%の本\nlang = ja\n"
        "[build]\ntabs = Left,right\nindex = start.md\nresources = a\n  b\n"
        "exclusions = x\nnon-notebooks = y\noutput_dir = out\n"
        "[html]\ninclude_css = a.css b.css\n"
        "[tabbook]\ntimeout = 7\nsilence = one, two\n  three\n"
        "[framework-left]\nlabel = L\npackages = p, q\nvariables =\n  B=2=3\n  A=1\n"
        "colab = set_up.py\nenvironment = pins.txt\n",
    )
    assert (config.title, config.index, config.timeout) == ("100%の本", "start", 7)
    assert (config.resources, config.exclusions) == (("a", "b"), ("x", "y"))
    assert config.styles == ("a.css", "b.css")
    assert config.silenced == {"one", "two", "three"}
    assert config.problems == ()
    left = config.default
    assert (left.name, left.label, left.packages) == ("left", "L", ("p", "q"))
    assert left.variables == (("A", "1"), ("B", "2=3"))
    assert left.colab == tmp_path / "set_up.py"
    assert left.environment == tmp_path / "pins.txt"


def test_file_with_byte_order_mark_is_read(tmp_path: Path) -> None:
    config = load(tmp_path, ("[project]\ntitle = 本\n" + TABS).encode("utf-8-sig"))
    assert (config.title, config.problems) == ("本", ())


@pytest.mark.parametrize("text", ["", "[build]\n", "[build]\ntabs =\n"])
def test_book_without_tabs_has_the_framework_python(tmp_path: Path, text: str) -> None:
    config = load(tmp_path, text)
    assert not config.tabbed
    assert [framework.name for framework in config.frameworks] == ["python"]


def test_unknown_framework_raises_key_error(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        load(tmp_path, TABS).framework("middle")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("title = 本\n", "no section headers.*write `key = value` below a"),
        ("[project]\ntitle = a\ntitle = b\n", r"\[line +3\].*'title'.*already exists"),
        ("[build]\n[build]\n", r"section 'build' already exists"),
        ("[build]\nnonsense\n", r"INI format.*\[line +2\]"),
        ("[build]\ntabs = ü\n".encode("latin-1"), ":2: has the byte 0xfc"),
        ("[build]\ntabs = left、right\n", "'left、right'.*half-width commas"),
        ("[build]\ntabs = left，right\n", "half-width commas"),
        ("[build]\ntabs = left, right,\n", "tabs has ''"),
        ("[build]\ntabs = left, left\n", "names a tab twice"),
        ("[build]\ntabs = left, Left\n", "names a tab twice"),
        ("[build]\ntabs = left-er\n", "'left-er'"),
        ("[build]\ntabs = left, all\n", "'all'"),
        ("[tabbook]\ntimeout = soon\n", ":2: .*timeout = 'soon' is not a whole number"),
        ("[tabbook]\nmemory = -1\n", "memory = '-1' is not a whole number"),
        ("[tabbook]\njobs = ２\n", "jobs = '２' is not a whole number"),
        ("[tabbook]\nsite = here\n", r":2: \[tabbook\] site = 'here' is no address"),
        (TABS + "[framework-left]\ncolab = none.py\n", ":4:.*'none.py': there is no"),
        (TABS + "[framework-left]\nvariables = A\n", "'A'; write NAME=VALUE"),
        (TABS + "[library-left]\nalias = a %b\n", ":4:.*alias has a `%`.*write `%%`"),
        (TABS + "[library-left]\nargs_alias = f(1) -> g\n", r":4:.*'f\(1\) -> g'"),
        (TABS + "[library-left]\nargs_alias = f(x -> g\n", r":4:.*write calls"),
        (TABS + "[library-left]\nargs_alias = f(x) -> g(\n", r":4:.*write calls"),
        (
            "[library]\nsave_patterns = a.py left\n",
            ":2:.*'a.py left'; write FILE, NAME",
        ),
        (TABS + "[framework-left]\npreload = a-b\n", "'a-b'; write names of modules"),
    ],
)
def test_invalid_value_is_an_error(
    tmp_path: Path, text: str | bytes, message: str
) -> None:
    with pytest.raises(BookError, match=f"(?s)config.ini.*{message}"):
        load(tmp_path, text)


def test_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(BookError, match=r"no such file; name the book's folder"):
        load_folder(tmp_path)


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("[project]\n\ntilte = 本\n", 3, "'tilte' in [project]; did you mean 'title'?"),
        ("[tabbook]\ntimout = 3\n", 2, "did you mean 'timeout'?"),
        ("[proejct]\ntitle = 本\n", 1, "unknown [proejct]; did you mean 'project'?"),
        ("[proejct]\n", 1, "unknown [proejct]; did you mean 'project'?"),
        ("[colab]\nlibs =\n[tabbook]\nxyz = 3\n", 4, "'xyz' in [tabbook]; known: "),
        (TABS + "[framework-left]\nlable = L\n", 4, "did you mean 'label'?"),
        (TABS + "[framework-lefft]\nlabel = L\n", 3, "did you mean 'framework-left'?"),
        (TABS + "[library-lift]\nlib_name = l\n", 3, "did you mean 'library-left'?"),
        (TABS + "[library-left]\nsimple_alas = l\n", 4, "you mean 'simple_alias'?"),
    ],
)
def test_unknown_key_is_a_warning(
    tmp_path: Path, text: str, line: int, message: str
) -> None:
    (problem,) = load(tmp_path, text).problems
    assert (problem.path, problem.line) == (FILE_NAME, line)
    assert (problem.name, problem.severity) == ("unknown-key", "warning")
    assert message in problem.message


def test_free_keys_of_d2lbook_are_no_problem(tmp_path: Path) -> None:
    text = TABS + "[library-left]\nlib_file = x.py\nanything = y\n[DEFAULT]\nz = 1\n"
    assert load(tmp_path, text + "[library-else]\nlib_name = e\n").problems == ()


def test_keys_of_d2lbook_are_no_problem(tmp_path: Path) -> None:
    """Its own default configuration names every key that it reads."""
    text = (
        Path(notedown.__file__).parents[1] / "d2lbook/config_default.ini"
    ).read_text("utf-8")
    assert text.count("\n[") >= 10
    assert load(tmp_path, text).problems == ()


def test_library_of_a_framework_is_read(tmp_path: Path) -> None:
    library = "lib_name = l\nsimple_alias = a,\n  b -> c%%d\nlib_file = lib/l.py\n"
    config = load(
        tmp_path,
        TABS + "[library-left]\n" + library + "[library]\nversion_file = v.py\n"
        "save_patterns = a.py, left\n  b.py, right\n",
    )
    assert config.default.library
    assert config.default.library.settings() == {
        "lib_name": "l",
        "simple_alias": "a,\nb -> c%d",
        "lib_file": "lib/l.py",
    }
    assert config.framework("right").library is None
    assert config.version_file == "v.py"
    assert config.save_patterns == (("a.py", "left"), ("b.py", "right"))
    assert config.problems == ()


def test_committed_reference_matches_the_declared_keys() -> None:
    committed = (ROOT / "docs/configuration.md").read_text("utf-8")
    assert committed == reference(), (
        "run .venvs/book/bin/python -m tabbook.base.config.reference "
        "> docs/configuration.md"
    )
