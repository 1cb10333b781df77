"""The accessibility of pages: what axe-core and a narrow window find."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tabbook.verification import accessibility

PAGE = """<!DOCTYPE html>
<html lang="en">
<head><title>Page</title><meta name="viewport" content="width=device-width"></head>
<body><main><h1>Heading</h1>
{content}
</main></body>
</html>
"""

needs_browser = pytest.mark.skipif(
    not (shutil.which("chromium") and shutil.which("npm")),
    reason="needs Debian's chromium and npm",
)


def problems(root: Path, content: str) -> list[str]:
    (root / "html").mkdir()
    (root / "html/page.html").write_text(PAGE.format(content=content), "utf-8")
    report = accessibility.check(root / "html", root)
    assert report.pages == 1
    return [str(problem) for problem in report.problems]


@needs_browser
@pytest.mark.browser
def test_good_page_has_no_problems(tmp_path: Path) -> None:
    assert problems(tmp_path, '<img src="data:," alt="a picture">') == []


@needs_browser
@pytest.mark.browser
def test_violation_is_named_once_with_its_line_and_views(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, '<p>text</p>\n<img src="data:,">')
    assert problem.startswith("html/page.html:6: error: image-alt: ")
    assert "(1280 px light, 1280 px dark, 390 px light, 390 px dark)" in problem


@needs_browser
@pytest.mark.browser
def test_page_that_scrolls_sideways_is_named(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, '<div style="width: 800px">wide</div>')
    assert problem.endswith("[scrolls-sideways]")


def test_missing_programs_are_named_with_the_command_that_installs_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(
        accessibility.NoBrowserError,
        match=r"apt-get install .*chromium npm.*--without accessibility",
    ):
        accessibility.check(tmp_path, tmp_path)
