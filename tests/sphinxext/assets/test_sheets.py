"""Pages link the style sheet that they need, and look the same with the whole."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tabbook import sphinxext
from tabbook.base import config
from tabbook.base.config import Config
from tests.support.books import HEAD, side_by_side, write_files
from tests.support.browser import CHROMIUM

FRAMEWORKS = "[framework-left]\nlabel = Left\n[framework-right]\nlabel = Right\n"

EVERYTHING = """# Plain text

A paragraph with *emphasis*, **weight**, `code`, $x^2$, <kbd>Ctrl</kbd> and a
[link](https://example.org).

> A quotation.

| left | middle | right |
|:-----|:------:|------:|
| 1 | 2 | 3 |
:A table.

* A list
  1. in a list

![A drawing](../static/drawing.svg)

$$y = x$$

---

#### A small heading

CODE

```python
print("a listing")
```
""".replace("CODE", side_by_side({"left": "x = 1  # one", "right": "y = f'{x}'"}))

NOTE = """
<div class="admonition note">
<p class="admonition-title">Note</p>
<p>This is noted.</p>
</div>
"""

LOOKS = """() => [...document.querySelectorAll("html, body *")].flatMap((element) =>
  [null, "::before", "::after", "::marker"].map((part) => {
    const style = getComputedStyle(element, part);
    const names = [...style].filter((name) => !name.startsWith("--"));
    const values = names.map((name) => style.getPropertyValue(name));
    return [element.tagName, part, ...values].join("|");
  }))"""
"""How all elements look, without the variables that say so."""


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Config:
    root = tmp_path_factory.mktemp("book")
    write_files(root, {
        "config.ini": HEAD.replace("lang = ja", "lang = en") + FRAMEWORKS,
        "index.md": "# Book\n\n```toc\nchapter_a/plain\nchapter_a/noted\n```\n",
        "chapter_a/plain.md": EVERYTHING,
        "chapter_a/noted.md": f"# Noted\n{NOTE}",
        "static/drawing.svg": '<svg xmlns="http://www.w3.org/2000/svg" width="9"/>',
    })  # fmt: skip
    return config.load(root)


def linked(book: Config) -> dict[str, str]:
    """Return the sheet of Furo that each page links."""
    folder = sphinxext.build(book, without_outputs=True).folder
    pages = {page.stem: page.read_text("utf-8") for page in folder.rglob("*.html")}
    return {
        name: "plain" if "styles/furo-plain.css?v=" in page else "whole"
        for name, page in pages.items()
        if "styles/furo" in page
    }


def test_pages_link_the_whole_sheet_only_where_they_need_it(tiny: Config) -> None:
    plain = dict.fromkeys(("index", "plain", "search"), "plain")
    assert linked(tiny) == {**plain, "noted": "whole"}
    noted = tiny.root / "chapter_a/noted.md"
    noted.write_text("# Noted\n\nNothing is.\n", encoding="utf-8")
    assert linked(tiny) == {**plain, "noted": "plain"}
    noted.write_text(f"# Noted\n{NOTE}", encoding="utf-8")
    assert linked(tiny) == {**plain, "noted": "whole"}


def test_scripts_of_authors_get_the_whole_sheet(tiny: Config) -> None:
    file = tiny.root / "config.ini"
    text = file.read_text(encoding="utf-8")
    file.write_text(f"{text}[tabbook]\nsource_scripts = yes\n", encoding="utf-8")
    assert set(linked(config.load(tiny.root)).values()) == {"whole"}
    file.write_text(text, encoding="utf-8")
    assert linked(config.load(tiny.root))["plain"] == "plain"


@pytest.mark.browser
@pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Debian's chromium")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_plain_text_looks_the_same_with_both(
    tiny: Config, browser: Browser, scheme: str
) -> None:
    folder = sphinxext.build(tiny, without_outputs=True).folder
    context = browser.new_context(color_scheme=scheme, reduced_motion="reduce")
    page = context.new_page()
    page.goto((folder / "chapter_a/plain.html").as_uri())
    plain = page.evaluate(LOOKS)
    page.evaluate(
        """() => new Promise((done) => {
            const link = document.querySelector('link[href*="furo-plain.css"]');
            link.onload = done;
            link.href = "../_static/styles/furo.css";
        })"""
    )
    whole = page.evaluate(LOOKS)
    context.close()
    assert len(whole) > 400
    assert [two for two in zip(plain, whole, strict=True) if two[0] != two[1]] == []
