"""Test when a build is skipped because its record shows that nothing changed."""

from __future__ import annotations

import base64
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tabbook.base import freshness
from tabbook.base.config import Config
from tabbook.base.engine import REPOSITORY
from tabbook.base.freshness import Freshness, Report
from tabbook.cli import main as cli
from tests.support.books import HEAD
from tests.support.waiting import PATIENCE

CONFIG = (
    HEAD
    + f"""[html]
include_css = own.css
[tabbook]
timeout = {PATIENCE:.0f}
terms = terms.toml
[framework-left]
colab = .colab.py
"""
)
PNG = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAA"
    "AABJRU5ErkJggg=="
)
SECTION = "# 一\n\n文 です。\n\n![図](../.figures/outside.png)\n\n" + "".join(
    f"```{{.python .input}}\n%%tab {tab}\nprint('{tab}')\n```\n\n"
    for tab in ("left", "right")
)
TWO = "# 二\n\n```{.python .input}\n%%tab left\nx = 1\n```\n"
SLOW_PACKAGES = {"sphinx", "nbformat", "d2lbook", "nbclient", "jsonschema", "docutils"}
"""Packages that a build with no changes must not import."""


@pytest.fixture(scope="module")
def built(make_book, light_module) -> Config:
    """Return a built book with figures in a folder that is not looked through."""
    config = make_book(
        {
            "index.md": "# 本\n\n```toc\nchapter_a/one\nchapter_a/two\n```\n"
            "\n![点][1]\n\n[1]: .figures/elsewhere.png\n",
            "chapter_a/one.md": SECTION,
            "chapter_a/two.md": TWO,
            "data/x.txt": "from a file",
            "own.css": "p {}",
            "terms.toml": "",
            ".colab.py": "colab = True",
        },
        CONFIG,
    )
    (config.root / ".figures").mkdir()
    for name in ("outside.png", "elsewhere.png"):
        (config.root / ".figures" / name).write_bytes(base64.b64decode(PNG))
    assert cli.main(["-C", str(config.root)]) == 0
    return config


def recorded(config: Config) -> Report | None:
    """Return the report that a build would repeat; None if it would build."""
    record = Freshness(config).current()
    return record.report if record else None


def build(config: Config, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Build in a subprocess whose last line of output lists its imports."""
    code = (
        "import sys; from tabbook.cli import main; code = main.main(sys.argv[1:])\n"
        "sys.stdout.flush(); print(*sys.modules); sys.exit(code)"
    )
    return subprocess.run(
        [sys.executable, "-c", code, "-C", str(config.root), *arguments],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )


def imported(process: subprocess.CompletedProcess[str]) -> set[str]:
    return {name.partition(".")[0] for name in process.stdout.splitlines()[-1].split()}


def states(config: Config) -> dict[Path, tuple[int, int]]:
    """Return the state of every file but locks, which name who holds them."""
    files = [
        path
        for path in config.root.rglob("*")
        if path.is_file() and path.name != "lock"
    ]
    return {path: (path.stat().st_mtime_ns, path.stat().st_ino) for path in files}


@contextmanager
def changed(path: Path, change: Callable[[Path], object]) -> Iterator[None]:
    """Change a file or a folder, and restore it afterwards, times included."""
    backup = path.with_name(f".kept-{path.name}")
    before = path.exists()
    if before:
        (shutil.copytree if path.is_dir() else shutil.copy2)(path, backup)
    change(path)
    try:
        yield
    finally:
        if path.is_dir():
            shutil.rmtree(path)
        path.unlink(missing_ok=True)
        if before:
            backup.replace(path)


def edit(path: Path) -> None:
    path.write_text(path.read_text("utf-8") + "\n", "utf-8")


def same_size(path: Path) -> None:
    """Overwrite a file with the same number of bytes."""
    path.write_bytes(b"x" * path.stat().st_size)


def write(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("{}", "utf-8")


def test_unchanged_book_prints_the_same_and_writes_nothing(built: Config) -> None:
    forced = build(built, "--force")
    assert imported(forced) >= {"nbformat", "d2lbook"}
    before = states(built)
    process = build(built)
    assert process.returncode == 0
    assert imported(process) & SLOW_PACKAGES == set()
    assert states(built) == before
    rows = [line.split() for line in process.stdout.splitlines()[:4]]
    assert rows[1:] == [
        ["chapter_a/one", "left", "2", "reused"],
        ["chapter_a/one", "right", "1", "reused"],
        ["chapter_a/two", "left", "2", "reused"],
    ]
    assert f"read it: {built.output}/html/index.html\n" in process.stdout


def test_unchanged_book_repeats_warnings(built: Config) -> None:
    ordinary, process = build(built, "lint"), build(built)
    assert imported(process) & SLOW_PACKAGES == set()
    assert "chapter_a/one.md:3: warning:" in process.stderr
    assert process.stderr == ordinary.stderr


@pytest.mark.parametrize("arguments", [["--force"], ["one"], ["--framework", "left"]])
def test_options_of_build_bypass_the_record(
    built: Config, arguments: list[str]
) -> None:
    assert "nbformat" in imported(build(built, *arguments))


CHANGES = [
    ("config.ini", edit),
    ("terms.toml", edit),
    ("own.css", edit),
    (".colab.py", edit),
    ("index.md", edit),
    ("chapter_a/one.md", edit),
    ("chapter_a/one.md", same_size),
    ("chapter_a/one.md", Path.unlink),
    ("chapter_a/new.md", write),
    ("chapter_new/new.md", write),
    ("chapter_a", shutil.rmtree),
    (".figures/outside.png", same_size),
    (".figures/outside.png", Path.unlink),
    (".figures/elsewhere.png", same_size),
    ("environments/left.txt", edit),
    ("notebooks/left/chapter_a/one.ipynb", edit),
    ("notebooks/left/chapter_a/one.ipynb", Path.unlink),
    ("notebooks/left/chapter_a/orphan.ipynb", write),
    ("notebooks/verified.json", write),
    ("notebooks/figures/new.png", write),
    ("notebooks/left", shutil.rmtree),
    ("_build/html/chapter_a/one.html", edit),
    ("_build/html/chapter_a/one.html", same_size),
    ("_build/html/chapter_a/one.html", Path.unlink),
    ("_build/html/new.html", write),
    ("_build/html/.hidden", write),
    ("_build/html", shutil.rmtree),
    ("_build/sphinx/record.json", write),
    ("_build/sphinx/record.json", Path.unlink),
]


@pytest.mark.parametrize(
    ("name", "change"), CHANGES, ids=[f"{a}-{b.__name__}" for a, b in CHANGES]
)
def test_changed_file_makes_the_record_stale(
    built: Config, name: str, change: Callable[[Path], object]
) -> None:
    assert recorded(built) is not None
    with changed(built.root / name, change):
        assert recorded(built) is None
    assert recorded(built) is not None


def test_other_engine_or_package_makes_the_record_stale(
    built: Config, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(freshness, "engine_digest", lambda: "another engine")
    assert recorded(built) is None
    monkeypatch.undo()
    assert recorded(built) is not None
    (tmp_path / "new-1.dist-info").mkdir()
    monkeypatch.syspath_prepend(tmp_path)
    assert recorded(built) is None


def test_other_git_remote_makes_the_record_stale(built: Config) -> None:
    def git(*arguments: str) -> None:
        subprocess.run(["git", "-C", built.root, *arguments], check=True)

    git("init", "--quiet", "--initial-branch", "main")
    assert recorded(built) is not None
    git("remote", "add", "origin", "https://github.com/owner/name")
    assert recorded(built) is None
    git("remote", "remove", "origin")
    assert recorded(built) is not None


def keep(config: Config, folder: Path) -> tuple[Config, Path]:
    """Build a book and copy it; return it with its copy."""
    assert cli.main(["-C", str(config.root)]) == 0
    shutil.copytree(config.root, folder, symlinks=True)
    return config, folder


def restored(kept: tuple[Config, Path]) -> Config:
    """Return a built book as it was, times included, after the edits of a test."""
    config, copy = kept
    shutil.rmtree(config.root)
    shutil.copytree(copy, config.root, symlinks=True)
    assert recorded(config) is not None
    return config


@pytest.fixture(scope="module")
def kept_config(make_book, light_module, tmp_path_factory) -> tuple[Config, Path]:
    text = "# 一\n\n```{.python .input}\n%%tab left\nx = 1\n```\n"
    config = make_book(
        {
            "index.md": "# 本\n\n```toc\nchapter_a/one\nchapter_a/two\n```\n",
            "chapter_a/one.md": f"{text}\n![図](../.figures/elsewhere.png)\n",
            "chapter_a/two.md": text.replace("一", "二"),
        },
        "[project]\ntitle = 本\nlang = ja\n"
        "[build]\nnotebooks = index.md chapter_*/*.md\ntabs = left\n",
    )
    (config.root / ".figures").mkdir()
    (config.root / ".figures/elsewhere.png").write_bytes(base64.b64decode(PNG))
    return keep(config, tmp_path_factory.mktemp("kept") / "book")


@pytest.fixture
def config(kept_config: tuple[Config, Path], light_environments: None) -> Config:
    """Return a built book with a picture in a hidden folder."""
    return restored(kept_config)


def test_build_that_executed_notebooks_is_recorded(config: Config) -> None:
    edit(config.root / "chapter_a/one.md")
    assert recorded(config) is None
    assert cli.main(["-C", str(config.root)]) == 0
    assert recorded(config) is not None


@pytest.mark.parametrize(
    "code",
    [
        "import os\n\nos.utime('{root}/chapter_a/one.md')",
        "with open('{root}/index.md', 'a') as f:\n    f.write(' ')",
        "open('{root}/chapter_a/three.md', 'w').close()",
        # A picture in a hidden folder, with the content that was read before.
        "import os\n\nos.utime('{root}/.figures/elsewhere.png')",
        # Prose of a notebook that was found reusable before this one runs.
        "p = '{root}/notebooks/left/chapter_a/one.ipynb'\nt = open(p).read()\n"
        "with open(p, 'w') as f:\n    f.write(t.replace('# 一', '# 1'))",
    ],
)
def test_change_during_execution_is_not_recorded(config: Config, code: str) -> None:
    two = config.root / "chapter_a/two.md"
    text = two.read_text("utf-8")
    two.write_text(text.replace("x = 1", code.format(root=config.root)), "utf-8")
    cli.main(["-C", str(config.root)])
    assert recorded(config) is None


def test_change_while_sphinx_reads_is_not_recorded(config: Config) -> None:
    edit(config.root / "chapter_a/one.md")
    command = [sys.executable, "-m", "tabbook", "-C", str(config.root)]
    marker = config.output / "sphinx/unfinished"
    with subprocess.Popen(
        command, cwd=REPOSITORY, stdout=subprocess.DEVNULL
    ) as process:
        while not marker.exists():
            assert process.poll() is None, (
                "the build ended before Sphinx was seen reading"
            )
        os.utime(config.root / "chapter_a/two.md")
    assert process.returncode == 0
    assert recorded(config) is None


def test_failed_build_is_not_recorded(config: Config) -> None:
    section = config.root / "chapter_a/one.md"
    section.write_text(section.read_text("utf-8").replace("x = 1", "1 / 0"), "utf-8")
    assert cli.main(["-C", str(config.root)]) == 1
    assert recorded(config) is None
    assert cli.main(["-C", str(config.root)]) == 1


def test_link_to_a_parent_folder_is_not_followed(config: Config) -> None:
    (config.root / "chapter_a/again").symlink_to(config.root)
    assert len(Freshness(config).snapshot().files) < 500
    os.unlink(config.root / "chapter_a/again")  # noqa: PTH108


def test_book_with_hidden_sources_is_never_recorded(config: Config) -> None:
    path = config.root / "config.ini"
    text = path.read_text("utf-8")
    path.write_text(text.replace("index.md", "index.md .more/*.md"), "utf-8")
    assert cli.main(["-C", str(config.root)]) == 0
    assert not Freshness(config).file.exists()


def edit_prose(
    config: Config, old: str = "文です。", new: str = "直した文です。"
) -> None:
    section = config.root / "chapter_a/one.md"
    text = section.read_text("utf-8")
    assert old in text
    section.write_text(text.replace(old, new), "utf-8")


@pytest.fixture(scope="module")
def kept_three(make_book, light_module, tmp_path_factory) -> tuple[Config, Path]:
    cell = "```{.python .input}\n%%tab left\nx = 1\n```\n"
    config = make_book(
        {
            "index.md": "# 本\n\n```toc\nchapter_a/one\nchapter_a/two\n"
            "chapter_a/three\n```\n",
            "chapter_a/one.md": f"# 一\n:label:`sec_one`\n\n文です。\n\n{cell}",
            "chapter_a/two.md": f"# 二\n\n文 です。:ref:`sec_one`です。\n\n{cell}",
            "chapter_a/three.md": f"# 三\n\n文です。\n\n{cell}",
        },
        "[project]\ntitle = 本\nlang = ja\n"
        "[build]\nnotebooks = index.md chapter_*/*.md\ntabs = left\n",
    )
    return keep(config, tmp_path_factory.mktemp("kept") / "book")


@pytest.fixture
def three(kept_three: tuple[Config, Path], light_environments: None) -> Config:
    """Return a built book whose sections refer to one another."""
    return restored(kept_three)


def test_build_after_a_prose_edit_prints_what_a_new_build_prints(
    three: Config, capfd: pytest.CaptureFixture[str]
) -> None:
    edit_prose(three)
    capfd.readouterr()
    assert cli.main(["-C", str(three.root)]) == 0
    first = capfd.readouterr()
    assert "直した文です。" in notebook(three, "one")
    assert recorded(three) is not None
    Freshness(three).file.unlink()
    assert cli.main(["-C", str(three.root)]) == 0
    assert capfd.readouterr() == first
    assert "chapter_a/two.md:3: warning:" in first.err


def notebook(config: Config, name: str) -> str:
    return (config.notebooks / f"left/chapter_a/{name}.ipynb").read_text("utf-8")


def test_new_title_reaches_notebooks_that_refer_to_it(three: Config) -> None:
    edit_prose(three, "# 一", "# 壱")
    assert cli.main(["-C", str(three.root)]) == 0
    assert "[壱](one.ipynb)" in notebook(three, "two")


def test_edited_notebook_is_restored_along_with_a_prose_edit(three: Config) -> None:
    edit_prose(three)
    path = three.notebooks / "left/chapter_a/three.ipynb"
    path.write_text(path.read_text("utf-8").replace("# 三", "# 3"), "utf-8")
    assert cli.main(["-C", str(three.root)]) == 0
    assert "# 三" in notebook(three, "three")


def test_code_edit_is_executed_and_recorded(three: Config) -> None:
    edit_prose(three, "x = 1", "print(40 + 2)")
    assert cli.main(["-C", str(three.root)]) == 0
    assert '"42\\n"' in notebook(three, "one")
    assert recorded(three) is not None


def test_lint_error_of_an_edit_is_reported_until_corrected(
    three: Config, capfd: pytest.CaptureFixture[str]
) -> None:
    edit_prose(three, "文です。", "文です。[**強調です。")
    assert cli.main(["-C", str(three.root)]) == 1
    assert "[unbalanced-slide-mark]" in capfd.readouterr().err
    assert cli.main(["-C", str(three.root)]) == 1
    edit_prose(three, "[**強調です。", "")
    assert cli.main(["-C", str(three.root)]) == 0
    assert recorded(three) is not None


def test_unreadable_edit_is_reported_with_its_line(
    three: Config, capfd: pytest.CaptureFixture[str]
) -> None:
    edit_prose(three, "文です。", "文です。\n\n    four spaces\n")
    assert cli.main(["-C", str(three.root)]) == 1
    assert "chapter_a/one.md:6: error:" in (err := capfd.readouterr().err)
    assert "[unreadable-source]" in err


def test_html_alone_does_not_count_as_a_whole_build(three: Config) -> None:
    edit_prose(three)
    assert cli.main(["-C", str(three.root), "run"]) == 0
    assert cli.main(["-C", str(three.root), "html"]) == 0
    assert Freshness(three).current() is not None
    assert recorded(three) is None
    assert cli.main(["-C", str(three.root)]) == 0
    assert recorded(three) is not None


@pytest.mark.parametrize("seed", range(3))
def test_successive_edits_give_the_notebooks_of_a_new_build(
    three: Config, seed: int
) -> None:
    """Edit at random; a new build of the same sources gives the same notebooks."""
    draw = random.Random(seed)
    edits = [
        ("one", "文です。", "直した文です。"),
        ("two", "文 です。", "文です。"),
        ("three", "文です。", "文です。:ref:`sec_one`も見ます。"),
        ("one", "# 一", "# 壱"),
        ("three", "x = 1", "y = 2"),
    ]
    for name, old, new in draw.sample(edits, 3):
        file = three.root / f"chapter_a/{name}.md"
        file.write_text(file.read_text("utf-8").replace(old, new), "utf-8")
        command = draw.choice(["run", "build", "build"])
        assert cli.main(["-C", str(three.root), command]) == 0
    assert cli.main(["-C", str(three.root)]) == 0
    before = {path: path.read_bytes() for path in three.notebooks.rglob("*.ipynb")}
    Freshness(three).file.unlink()
    assert cli.main(["-C", str(three.root), "--force"]) == 0
    assert {p: p.read_bytes() for p in three.notebooks.rglob("*.ipynb")} == before
