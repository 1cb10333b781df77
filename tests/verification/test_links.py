"""Links of pages: which ones lead nowhere, and where they stand."""

from __future__ import annotations

from pathlib import Path

import pytest

from tabbook.verification import links

ADDRESS = "https://example.org/book/"


def problems_in(root: Path, pages: dict[str, str], address: str = "") -> list[str]:
    """Write pages; return name, place and target of each problem."""
    folder = root / "_build/html"
    for name, text in pages.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    report = links.check(folder, root, address=address)
    return [
        f"{problem.name} {problem.path}:{problem.line} {problem.message.split(': ')[0]}"
        for problem in report.problems
    ]


OTHER = '<p id="there">x</p><a name="old">y</a><p id="図">z</p>'


@pytest.mark.parametrize(
    "link",
    [
        '<a href="https://nowhere.invalid/">',
        '<a href="//nowhere.invalid/x">',
        '<a href="mailto:a@example.org">',
        '<a href="data:text/plain,x">',
        '<a href="part/other.html">',
        '<a href="part/other.html#there">',
        '<a href="part/other.html?framework=alpha#old">',
        '<a href="part/other.html#%E5%9B%B3">',
        '<a href="/part/other.html">',
        '<a href="part/">',
        '<a href="#">',
        '<a href="#top">',
        '<p id="here"><a href="#here">',
        '<a href="">',
        '<a href="../../notes.txt">',
        '<img srcset="part/index.html 1x, part/other.html 2x">',
        '<img srcset="data:image/png;base64,x, y">',
        '<a href="with%20space.html">',
        "<style>a { b: url(nowhere.png) }</style>",
    ],
)
def test_link_that_resolves_is_no_problem(tmp_path: Path, link: str) -> None:
    (tmp_path / "notes.txt").write_text("", "utf-8")
    pages = {"index.html": link, "part/other.html": OTHER, "part/index.html": ""}
    assert problems_in(tmp_path, {**pages, "with space.html": ""}) == []


@pytest.mark.parametrize(
    ("link", "name", "target"),
    [
        ('<a href="gone.html">', "broken-link", "gone.html"),
        ('<a href="part/gone.html#x">', "broken-link", "part/gone.html#x"),
        ('<img src="gone.png">', "broken-link", "gone.png"),
        ('<img srcset="part/other.html 1x, gone.png 2x">', "broken-link", "gone.png"),
        ('<object data="gone.svg">', "broken-link", "gone.svg"),
        ('<link href="gone.css?v=1">', "broken-link", "gone.css?v=1"),
        ('<a href="#nowhere">', "missing-anchor", "#nowhere"),
        (
            '<a href="part/other.html#nowhere">',
            "missing-anchor",
            "part/other.html#nowhere",
        ),
        ('<svg><use xlink:href="#gone">', "missing-anchor", "#gone"),
    ],
)
def test_link_that_leads_nowhere_is_named_with_its_line(
    tmp_path: Path, link: str, name: str, target: str
) -> None:
    pages = {"index.html": f"<p>\n\n{link}\n</p>", "part/other.html": OTHER}
    assert problems_in(tmp_path, pages) == [f"{name} _build/html/index.html:3 {target}"]


def test_files_of_style_sheets_are_checked(tmp_path: Path) -> None:
    style = "/* url(old.png)\n */ a { b: url('gone.svg') } c { d: url(data:x) }"
    problems = problems_in(tmp_path, {"static/style.css": style})
    assert problems == ["broken-link _build/html/static/style.css:2 gone.svg"]


def test_address_of_the_site_is_internal(tmp_path: Path) -> None:
    pages = {"index.html": f'<a href="{ADDRESS}gone.html"><a href="{ADDRESS}">'}
    assert problems_in(tmp_path, pages) == []
    problems = problems_in(tmp_path, pages, ADDRESS)
    assert problems == [f"broken-link _build/html/index.html:1 {ADDRESS}gone.html"]


def test_base_of_a_page_is_respected(tmp_path: Path) -> None:
    page = f'<base href="{ADDRESS}"><a href="part/other.html"><a href="gone.html">'
    pages = {"404.html": page, "deep/404.html": page, "part/other.html": OTHER}
    assert problems_in(tmp_path, pages, ADDRESS) == [
        "broken-link _build/html/404.html:1 gone.html",
        "broken-link _build/html/deep/404.html:1 gone.html",
    ]


def test_links_and_pages_are_counted(tmp_path: Path) -> None:
    folder = tmp_path / "_build/html"
    problems_in(tmp_path, {"index.html": '<a href="#"><a href="https://example.org">'})
    report = links.check(folder, tmp_path)
    assert (report.pages, report.links) == (1, 1)
