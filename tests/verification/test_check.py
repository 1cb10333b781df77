"""The check of a whole book: every step reports, none stops the others."""

from __future__ import annotations

from pathlib import Path

import pytest

from tabbook.cli import main as cli
from tabbook.cli.commands.check import STEPS
from tabbook.source import book
from tabbook.verification import accessibility, check
from tabbook.verification.check import StepReport
from tests.support.book_with_three_frameworks import MadeUpBook, make


@pytest.fixture
def tiny(tmp_path: Path) -> MadeUpBook:
    return make(tmp_path)


def reports(tiny: MadeUpBook, *without: str) -> dict[str, StepReport]:
    steps = check.run(book.load(tiny.config), without=without)
    return {report.name: report for report in steps}


def test_steps_report_counts_in_order(tiny: MadeUpBook) -> None:
    reports_of = reports(tiny, "verify", "accessibility")
    lines = [str(report) for name, report in reports_of.items() if name != "coverage"]
    assert list(reports_of) == [*check.STEPS[:4], "pages", *check.STEPS[4:]]
    assert lines[0].startswith("lint: 3 files: ")
    assert lines[1] == "verify: skipped (--without verify)"
    assert lines[2] == "facts: 0 facts in 0 files: no problems"
    assert lines[3] == "pages: 4 pages: no problems"
    assert lines[4].endswith("on 4 pages (external ones not fetched): no problems")
    assert str(reports_of["coverage"]).endswith("with a number or code: no problems")
    assert lines[5] == "accessibility: skipped (--without accessibility)"
    assert all(report.passed for report in reports_of.values())


def test_page_that_cannot_be_built_is_reported_and_facts_are_still_checked(
    tiny: MadeUpBook,
) -> None:
    tiny.edit("part/two.md", "last = 4", "last = 5")
    reports_of = reports(tiny, "verify", "accessibility")
    assert not reports_of["pages"].passed
    assert str(reports_of["links"]) == "links: failed: not checked: there are no pages"
    assert reports_of["facts"].passed


def test_mistake_that_pages_show_fails_lint_and_not_the_pages(tiny: MadeUpBook) -> None:
    tiny.edit("part/two.md", "文。", "文。:ref:`sec_nowhere`")
    reports_of = reports(tiny, "verify", "accessibility")
    assert reports_of["pages"].passed
    (problem,) = [
        problem
        for problem in reports_of["lint"].problems
        if problem.severity == "error"
    ]
    assert (problem.path, problem.name) == ("part/two.md", "unresolved-reference")
    assert not reports_of["lint"].passed


def test_pages_are_not_built_when_no_step_needs_them(tiny: MadeUpBook) -> None:
    reports_of = reports(tiny, "verify", "links", "accessibility")
    assert "pages" not in reports_of
    assert not (tiny.root / "_build/html").exists()


def test_missing_browser_fails_the_step(
    tiny: MadeUpBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accessibility, "BROWSERS", ("no-such-browser",))
    report = reports(tiny, "lint", "verify", "facts", "links")["accessibility"]
    assert not report.passed
    assert "apt-get install --no-install-recommends chromium" in report.failure


def test_false_fact_and_broken_link_are_errors_with_their_places(
    tiny: MadeUpBook,
) -> None:
    tiny.write(
        "facts/one.toml",
        'section = "part/one"\n[[fact]]\nclaim = "共有の文。"\ncell = "shared"\n'
        'says = { a = "1" }\n',
    )
    tiny.edit("part/two.md", "文。", '文。<a href="gone.html">消えた頁</a>')
    reports_of = reports(tiny, "verify", "accessibility")
    assert not reports_of["facts"].passed
    (problem,) = reports_of["links"].problems
    assert problem.path == "_build/html/part/two.html"
    assert str(reports_of["links"]).endswith(": 1 error")


def test_command_takes_the_steps_of_the_check() -> None:
    assert STEPS == check.STEPS


def test_command_prints_each_step_and_fails_if_one_does(
    tiny: MadeUpBook, capfd: pytest.CaptureFixture[str]
) -> None:
    arguments = ["-C", str(tiny.root), "check", "--without", "verify"]
    arguments += ["--without", "accessibility", "--without", "links"]
    assert cli.main(arguments) == 0
    out = capfd.readouterr().out
    assert "accessibility: skipped (--without accessibility)" in out
    tiny.write("facts/one.toml", "section = 1\n")
    assert cli.main(arguments) == 1
    captured = capfd.readouterr()
    assert "facts: 0 facts in 1 file: 2 errors" in captured.out
    assert "facts/one.toml:1: error: the section is missing" in captured.err


def test_unknown_step_is_a_usage_error(tiny: MadeUpBook) -> None:
    with pytest.raises(SystemExit, match="2"):
        cli.main(["-C", str(tiny.root), "check", "--without", "spelling"])
