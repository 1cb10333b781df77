"""Pages beyond a desk in daylight: on paper, without fonts, in forced colours."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from benchmarks import math_font
from tabbook import sphinxext
from tabbook.base import config
from tabbook.verification.accessibility import ARGUMENTS
from tests.support.books import HEAD, side_by_side, write_files
from tests.support.browser import CHROMIUM, served, wait_in

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Debian's chromium"),
]
JAPANESE_FONT = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
DARK_STYLES = """
html body[data-theme="dark"] { --color-foreground-primary: #eee; background: #111; }
@media (prefers-color-scheme: dark) {
  html body:not([data-theme="light"]) { --color-background-primary: #111; color: #eee; }
}
"""
"""As a book brings them that does not think of paper."""

CELLS = "\n\n".join(
    f"{number}番目のセルです。\n\n"
    + side_by_side(
        {
            framework: "\n".join(f"c{number}_{line} = {line}" for line in range(14))
            for framework in ("left", "right")
        }
    )
    for number in range(12)
)
FORMULAS = (
    r"$w_{ij} \in \mathbb{R}^{d \times k}$、$\hat{\mathbf{y}} = \sum_{i=1}^{n} x_i$、"
    r"$\frac{\partial L}{\partial \theta} \approx \nabla f(\mathbf{W}) \leq \infty$"
)


DRAWING = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="90" height="30">'
    '<rect width="90" height="30" fill="#fff"/></svg>'
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve a book with dark styles of its own; return its address."""
    root = tmp_path_factory.mktemp("surfaces")
    section = f"# 節\n\n{FORMULAS}\n\n![図](../drawing.svg)\n\n{CELLS}\n"
    index = "# 本\n\n```toc\n\nchapter_a/a\n```\n"
    styles = "[html]\ninclude_css = dark.css\n"
    files = {"index.md": index, "chapter_a/a.md": section, "dark.css": DARK_STYLES}
    write_files(root, files | {"config.ini": HEAD + styles, "drawing.svg": DRAWING})
    with served(
        sphinxext.build(config.load(root), without_outputs=True).folder
    ) as address:
        yield address


def printed(browser: Browser, address: str, theme: str, pdf: Path) -> Path:
    """Print a page with its backgrounds, read in light or dark."""
    context = browser.new_context(color_scheme=theme)  # type: ignore[arg-type]
    page = context.new_page()
    page.add_init_script(f"localStorage.setItem('theme', '{theme}')")
    page.goto(address)
    page.pdf(path=pdf, print_background=True)
    assert page.evaluate("document.body.dataset.theme") == theme
    context.close()
    return pdf


def pixels(pdf: Path) -> bytes:
    """Return the pictures of all pages, one after the other."""
    subprocess.run(["pdftoppm", "-r", "40", pdf, pdf.with_suffix("")], check=True)
    pages = sorted(pdf.parent.glob(f"{pdf.stem}-*.ppm"))
    assert len(pages) > 2
    return b"".join(page.read_bytes() for page in pages)


def test_page_is_printed_in_light_colours_whatever_is_read(
    site: str, browser: Browser, tmp_path: Path
) -> None:
    page = f"{site}/chapter_a/a.html"
    light = pixels(printed(browser, page, "light", tmp_path / "light.pdf"))
    assert light == pixels(printed(browser, page, "dark", tmp_path / "dark.pdf"))
    assert sum(light) > 230 * len(light)


def test_paper_has_no_fixed_element_and_whole_cells(
    site: str, browser: Browser, tmp_path: Path
) -> None:
    pdf = printed(browser, f"{site}/chapter_a/a.html", "light", tmp_path / "a.pdf")
    command = ["pdftotext", "-layout", str(pdf), "-"]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "本文へ移動" not in text
    cells_of_pages = [
        set(re.findall(r"c(\d+)_\d+ = ", page)) for page in text.split("\f")
    ]
    for number in range(12):
        pages = [cells for cells in cells_of_pages if str(number) in cells]
        assert len(pages) == 1, f"cell {number} is on {len(pages)} pages"
    for page in text.rstrip().split("\f"):
        assert page.rstrip().split("\n")[-1].strip() != "left", "a label alone"


def test_formulas_are_drawn_where_the_only_font_is_japanese(
    site: str, browser: Browser, tmp_path: Path
) -> None:
    if not JAPANESE_FONT.exists():
        pytest.skip("needs Debian's fonts-noto-cjk")
    fonts = tmp_path / "fonts.conf"
    (tmp_path / "only").mkdir()
    (tmp_path / "only" / JAPANESE_FONT.name).symlink_to(JAPANESE_FONT)
    fonts.write_text(
        f"<fontconfig><dir>{tmp_path}/only</dir>"
        f"<cachedir>{tmp_path}/cache</cachedir></fontconfig>",
        encoding="utf-8",
    )
    chromium = browser.browser_type.launch(
        executable_path=str(CHROMIUM),
        args=list(ARGUMENTS),
        env={"FONTCONFIG_FILE": str(fonts), "HOME": str(tmp_path)},
    )
    page = chromium.new_page()
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url))
    page.goto(f"{site}/chapter_a/a.html")
    page.evaluate("document.fonts.ready")
    used = [url.rpartition("/")[2] for url in fetched if url.endswith(".woff2")]
    assert used == ["stix-two-math-basic.woff2"], "its formulas need no more"
    session = page.context.new_cdp_session(page)
    session.send("DOM.enable")
    session.send("CSS.enable")
    root = session.send("DOM.getDocument")["root"]["nodeId"]
    query = {"nodeId": root, "selector": "math"}
    nodes = session.send("DOM.querySelectorAll", query)["nodeIds"]
    assert len(nodes) == 3
    for node in nodes:
        fonts_of = session.send("CSS.getPlatformFontsForNode", {"nodeId": node})
        assert {font["isCustomFont"] for font in fonts_of["fonts"]} == {True}
    chromium.close()


def test_style_sheet_names_the_characters_of_each_subset() -> None:
    style = (math_font.STATIC / "tabbook.css").read_text(encoding="utf-8")
    written = re.findall(r'url\("(\S+\.woff2)"\).*?unicode-range:(.*?);', style, re.S)
    assert {name: " ".join(ranges.split()) for name, ranges in written} == {
        name: math_font.unicode_range(codes)
        for name, codes in math_font.subsets().items()
    }


def test_subset_of_the_font_holds_its_characters(site: str, browser: Browser) -> None:
    """Run ``python -m benchmarks.math_font`` after a change of its list."""
    page = browser.new_page()
    page.goto(f"{site}/chapter_a/a.html")
    text = "".join(
        chr(code)
        for first, last in math_font.CHARACTERS
        for code in range(max(first, 0x21), last + 1)
    )
    page.evaluate(
        """text => {
          const box = document.createElement("p");
          box.id = "glyphs";
          box.style.fontFamily = '"STIX Two Math Subset"';
          box.textContent = text;
          document.querySelector("article").append(box);
          return document.fonts.load('16px "STIX Two Math Subset"', text);
        }""",
        text,
    )
    session = page.context.new_cdp_session(page)
    session.send("DOM.enable")
    session.send("CSS.enable")
    root = session.send("DOM.getDocument")["root"]["nodeId"]
    query = {"nodeId": root, "selector": "#glyphs"}
    node = session.send("DOM.querySelector", query)["nodeId"]
    fonts = session.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]
    assert [font["familyName"] for font in fonts if not font["isCustomFont"]] == []
    assert sum(font["glyphCount"] for font in fonts) >= len(text) - 13  # accents join
    page.close()


def test_reader_who_wants_no_motion_gets_none(site: str, browser: Browser) -> None:
    context = browser.new_context(reduced_motion="reduce")
    page = context.new_page()
    page.goto(f"{site}/chapter_a/a.html")
    moving = page.evaluate(
        """() => [...document.querySelectorAll("*")].filter((element) => {
          const style = getComputedStyle(element);
          return style.scrollBehavior === "smooth"
            || parseFloat(style.transitionDuration) > 0
            || parseFloat(style.animationDuration) > 0;
        }).length"""
    )
    assert moving == 0
    context.close()


def test_forced_colours_tell_the_chosen_framework(site: str, browser: Browser) -> None:
    context = browser.new_context(forced_colors="active")
    page = context.new_page()
    page.goto(f"{site}/chapter_a/a.html")
    colours = page.evaluate(
        """() => [":checked", ":not(:checked)"].map((state) => getComputedStyle(
          document.querySelector(`.framework-choice input${state} + span`)
        ).backgroundColor)"""
    )
    assert colours[0] != colours[1]
    page.evaluate("scrollTo(0, 600)")  # a wheel turned before the first frame is lost
    wait_in(page, "scrollY > 300")
    right_of_bar = page.evaluate(
        """() => { const box = document.querySelector(".framework-bar")
          .getBoundingClientRect();
        return document.elementFromPoint(box.right + 30, box.top + 10).className; }"""
    )
    assert right_of_bar == "framework-bar", "the page scrolls below its ground"
    context.close()


def test_drawings_turn_dark_with_their_page_and_not_on_paper(
    site: str, browser: Browser
) -> None:
    context = browser.new_context(color_scheme="dark")
    page = context.new_page()
    page.goto(f"{site}/chapter_a/a.html")
    drawing = page.locator("article img[src$='.svg']")
    filter_of = "image => getComputedStyle(image).filter"
    assert "invert" in drawing.evaluate(filter_of)
    page.emulate_media(media="print")
    assert drawing.evaluate(filter_of) == "none"
    page.emulate_media(media="screen", color_scheme="light")
    assert drawing.evaluate(filter_of) == "none"
    context.close()
