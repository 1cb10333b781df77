"""Editions of a book, built beside the book itself: blanks, solutions, conditions."""

from __future__ import annotations

import io
import json
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup

from tabbook.base import config
from tabbook.base.errors import BookError, UsageError
from tabbook.cli import main as cli
from tabbook.environments import npm
from tabbook.execution import planner
from tabbook.export import leaks, pdf, site, slides
from tabbook.lint import lint
from tabbook.source import book
from tests.support.book_with_three_frameworks import (
    CONFIG,
    INDEX,
    MadeUpBook,
    make,
)

EDITIONS = """
[edition-student]
title = 学生用の本
solutions = left out
blanks = yes
[edition-teacher]
title = 教師用の本
solutions = shown
exclusions = part/two.md
"""

THREE = """
# 第三節
:label:`sec_three`

(**目立つ文**)

```{.python .input}
%%tab alpha, beta
def area(r):
    \"\"\"Return the area of a circle.\"\"\"
    ### BEGIN SOLUTION
    secret_pi = 3.14159  # secret number
    return secret_pi * r ** 2
    ### END SOLUTION
```

(**次の文**)

```{.python .input}
%%tab alpha, beta
print('for everyone', area(1))
### BEGIN HIDDEN TESTS
assert abs(area(2) - 12.566) < 0.01, 'secret test'
### END HIDDEN TESTS
```

```{.python .input}
%%tab alpha, beta
area('no number')
```

## 演習

1. 面積を求めてください。
"""

SOLUTIONS = """
# 解答

## 演習1

これは秘密の説明です。

```{.python .input}
%%tab alpha, beta
secret_solution = area(3)
```
"""

CONDITIONS = """
フレームワークは{frameworks}です。`{frameworks}`は関数の引数です。

<!-- if solutions -->
解答は折りたたんであります。
<!-- end if -->

<!-- if no solutions -->
解答は授業で配ります。
<!-- end if -->

<!-- if no folded -->
折りたたみはありません。
<!-- end if -->
"""

SLOW = ("epub", "slides")
"""Forms that most tests do without."""

SECRETS = ("secret", "秘密", "3.14159", "abs(area(2)")


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MadeUpBook:
    reveal = dict.fromkeys(slides.REVEAL_FILES, b"/* reveal */")
    monkeypatch.setattr(npm, "files", lambda *wanted: reveal)
    sample = make(tmp_path / "book")
    sample.write("config.ini", CONFIG + EDITIONS)
    sample.write("index.md", INDEX.replace("part/two", "part/two\npart/three"))
    sample.edit("index.md", "# 表紙\n", f"# 表紙\n{CONDITIONS}")
    sample.write("part/three.md", THREE)
    sample.write("part/three-solutions.md", SOLUTIONS)
    sample.execute()
    _remember_traceback(sample)
    return sample


def _remember_traceback(sample: MadeUpBook) -> None:
    """Let the last cell fail as IPython does, with lines of the solution."""
    for name in ("alpha", "beta"):
        file = sample.root / f"notebooks/{name}/part/three.ipynb"
        notebook = json.loads(file.read_text("utf-8"))
        notebook["cells"][-2]["outputs"] = [
            {
                "output_type": "error",
                "ename": "TypeError",
                "evalue": "unsupported",
                "traceback": ["----> 5     return secret_pi * r ** 2"],
            }
        ]
        assert "no number" in "".join(notebook["cells"][-2]["source"])
        file.write_text(json.dumps(notebook, ensure_ascii=False), "utf-8")


def publish(sample: MadeUpBook, edition: str, *without: str) -> Path:
    config = sample.config.for_edition(edition) if edition else sample.config
    return site.publish(book.load(config), without=["pdf", *without]).folder


def page(folder: Path, name: str) -> BeautifulSoup:
    text = (folder / f"{name}.html").read_text("utf-8")
    return BeautifulSoup(text, "html.parser")


def contents(name: str, content: bytes) -> Iterator[tuple[str, str]]:
    """Yield the texts of a file, and of the files that an archive holds."""
    if name.endswith((".zip", ".epub")):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for inner in archive.namelist():
                yield from contents(f"{name}/{inner}", archive.read(inner))
        return
    text = content.decode("utf-8", "replace")
    yield name, text
    if name.endswith("html"):
        yield name, BeautifulSoup(text, "html.parser").get_text()


def test_no_file_of_the_students_site_tells_a_solution(tiny: MadeUpBook) -> None:
    before = {
        file: file.read_bytes()
        for file in tiny.root.rglob("*")
        if file.is_file() and "_build" not in file.parts
    }
    folder = publish(tiny, "student")
    assert folder == tiny.root / "_build/site-student"
    leaks = [
        (name, secret)
        for file in folder.rglob("*")
        if file.is_file()
        for name, text in contents(file.name, file.read_bytes())
        for secret in SECRETS
        if secret in text
    ]
    assert leaks == []
    names = {file.relative_to(folder).as_posix() for file in folder.rglob("*.*")}
    assert {"part/three.html", "zip/book-student.zip", "epub/alpha.epub"} <= names
    assert "slides/alpha/part/three.html" in names
    assert not [name for name in names if "solutions" in name]
    assert {file: file.read_bytes() for file in before} == before
    published = site.publish(book.load(tiny.config), without=["pdf"]).folder
    everything = "".join(
        text
        for file in published.rglob("*")
        if file.is_file()
        for _, text in contents(file.name, file.read_bytes())
    )
    assert all(secret in everything for secret in SECRETS)
    assert (folder / "part/three.html").is_file()


@pytest.mark.slow
def test_pdf_for_students_tells_no_solution(tiny: MadeUpBook) -> None:
    config = tiny.config.for_edition("student")
    file = pdf.make(book.load(config), config.default)
    text = subprocess.run(
        ["pdftotext", str(file), "-"], capture_output=True, text=True, check=True
    ).stdout
    assert "raise NotImplementedError()" in text
    assert [secret for secret in SECRETS if secret in text] == []


def test_students_get_a_stub_and_notebooks_for_nbgrader(tiny: MadeUpBook) -> None:
    folder = publish(tiny, "student", *SLOW)
    article = page(folder, "part/three").find("article")
    assert article
    assert "raise NotImplementedError()" in article.get_text()
    assert "YOUR CODE HERE" in article.get_text()
    notebook = nbformat.read(folder / "notebooks/alpha/part/three.ipynb", as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert not [cell for cell in code if cell.outputs or cell.execution_count]
    _, stub, test, _ = code
    assert stub.source.splitlines()[-2:] == [
        "    # YOUR CODE HERE",
        "    raise NotImplementedError()",
    ]
    graded = stub.metadata.nbgrader
    assert (graded.solution, graded.grade, graded.schema_version) == (True, False, 3)
    assert test.source == "print('for everyone', area(1))"
    assert (test.metadata.nbgrader.grade, test.metadata.nbgrader.points) == (True, 1)
    identities = [cell.metadata.nbgrader.grade_id for cell in (stub, test)]
    assert len(set(identities)) == 2


def test_colab_opens_only_notebooks_without_blanks(tiny: MadeUpBook) -> None:
    tiny.edit(
        "config.ini",
        "[edition-student]",
        "[tabbook]\nrepository = a/b\nbranch = c\n[edition-student]",
    )
    student = publish(tiny, "student", *SLOW)
    whole = publish(tiny, "", *SLOW)
    colab = 'a[href^="https://colab.research.google.com"]'
    assert page(whole, "part/three").select(colab)
    assert page(student, "part/two").select(colab)
    assert not page(student, "part/three").select(colab)
    untouched = (student / "notebooks/beta/part/two.ipynb").read_text("utf-8")
    assert "<beta> last_" in untouched
    assert list(student.rglob(".buildinfo*")) == []


def test_text_says_what_holds_in_each_edition(tiny: MadeUpBook) -> None:
    sentences = ("フレームワークはAlpha・Beta Two・gammaです。", "{frameworks}は関数")
    student, teacher = publish(tiny, "student", *SLOW), publish(tiny, "teacher", *SLOW)
    whole = publish(tiny, "", *SLOW)
    for folder, title, solutions in (
        (student, "学生用の本", "授業で配ります"),
        (teacher, "教師用の本", "折りたたんであります"),
        (whole, "小さな本", "折りたたんであります"),
    ):
        index = page(folder, "index")
        article = index.find("article")
        assert article
        text = article.get_text()
        assert all(sentence in text for sentence in sentences)
        assert title in str(index.title)
        assert solutions in text
        assert ("授業で" in text) != ("折りたたんで" in text)
        assert ("折りたたみは" in text) == (folder != whole)
        assert "<!--" not in text


def test_solutions_are_shown_folded_or_left_out(tiny: MadeUpBook) -> None:
    teacher = page(publish(tiny, "teacher", *SLOW), "part/three")
    assert "これは秘密の説明です" in teacher.get_text()
    assert not teacher.select("details.fold")
    assert not (tiny.root / "_build/site-teacher/part/two.html").exists()
    folded = page(publish(tiny, "", *SLOW), "part/three")
    assert len(folded.select("details.fold")) == 1
    student = page(publish(tiny, "student", *SLOW), "part/three")
    assert not student.select("details.fold")


def test_edition_is_neither_run_nor_a_reason_to_run(tiny: MadeUpBook) -> None:
    publish(tiny, "student", *SLOW)
    loaded = book.load(tiny.config)
    steps = planner.plan(loaded, loaded.sections, loaded.config.frameworks)
    assert [step for step in steps if step.reused is None] == []
    student = book.load(tiny.config.for_edition("student"))
    for each in (loaded, student):
        paths = {problem.path for problem in lint(each)}
        assert paths == {"part/one.md", "part/two.md"}, "of the made-up book"


def test_publishing_an_edition_twice_changes_no_file(tiny: MadeUpBook) -> None:
    folder = publish(tiny, "student", *SLOW)
    before = {file: file.stat().st_mtime_ns for file in folder.rglob("*")}
    publish(tiny, "student", *SLOW)
    assert {file: file.stat().st_mtime_ns for file in folder.rglob("*")} == before


def test_line_of_a_solution_elsewhere_is_found(tiny: MadeUpBook) -> None:
    folder = publish(tiny, "student", *SLOW)
    loaded = book.load(tiny.config.for_edition("student"))
    leaks.check(loaded, folder)
    (folder / "notes.html").write_text(
        "<p>return <b>secret_pi</b>&nbsp;* r ** 2</p>", "utf-8"
    )
    with pytest.raises(BookError, match=r"part/three\.md: .* notes\.html has the line"):
        leaks.check(loaded, folder)


def test_excluded_sections_keep_their_notebooks(tiny: MadeUpBook) -> None:
    file = tiny.root / "notebooks/beta/part/two.ipynb"
    tiny.edit("config.ini", "tabs = ", "exclusions = part/two.md\ntabs = ")
    tiny.edit("index.md", "part/two\n", "")
    assert list(planner.remove_orphans(book.load(tiny.config))) == []
    assert file.is_file()
    (tiny.root / "part/two.md").unlink()
    assert list(planner.remove_orphans(book.load(tiny.config))) == [file]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[edition-student]", "[edition-Student]", r"\[edition-Student\]  ?is no name"),
        ("left out", "gone", r"config\.ini:\d+: .* solutions = 'gone'; write one of: "),
        ("blanks = yes", "blanks = maybe", r"blanks = 'maybe'"),
    ],
)
def test_wrong_settings_are_refused(
    tiny: MadeUpBook, old: str, new: str, message: str
) -> None:
    tiny.edit("config.ini", old, new)
    with pytest.raises(BookError, match=message):
        config.load(tiny.root)


def test_unknown_edition_is_refused(
    tiny: MadeUpBook, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(UsageError, match=r"'x'; there are: student, teacher"):
        tiny.config.for_edition("x")
    command = ["-C", str(tiny.root), "publish", "--edition", "x"]
    assert cli.main(command) == 2
    assert "[edition-x]" in capfd.readouterr().err


def test_unbalanced_mark_is_named_by_lint_and_by_publish(tiny: MadeUpBook) -> None:
    tiny.edit("part/three.md", "    ### END SOLUTION\n", "")
    problems = lint(book.load(tiny.config))
    (problem,) = [each for each in problems if each.path == "part/three.md"]
    assert (problem.path, problem.line, problem.name) == (
        "part/three.md",
        10,
        "unbalanced-blank",
    )
    with pytest.raises(BookError, match=r"part/three\.md:10: 'BEGIN SOLUTION' has no"):
        publish(tiny, "student", *SLOW)
