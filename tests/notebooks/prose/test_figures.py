"""SVG figures are drawn for notebooks, whatever their unit."""

from __future__ import annotations

import pytest

from tabbook.base.config import Config
from tabbook.base.errors import BookError
from tabbook.notebooks.prose import figures
from tabbook.source import book
from tests.support.books import MakeBook

CELL = "```{.python .input}\n%%tab left\nx = 1\n```\n"
SHAPE = '<rect width="5" height="5" fill="red"/>'
SIZES = (
    ('width="120" height="60"', 120),
    ('width="120px" height="60px"', 120),
    ('width="90pt" height="45pt"', 120),
    ('width="1.25in" height="1in"', 120),
    ('width="31.75mm" height="20mm"', 120),
    ('width="3.175cm" height="2cm"', 120),
    ('width="7.5pc" height="5pc"', 120),
    ('viewBox="0 0 120 60"', 120),
    ('width="100%" height="100%" viewBox="0 0 120 60"', 120),
    ('width="50%" height="50%" viewBox="0 0 240 120"', 120),
    ('width="90pt" viewBox="0 0 200 100"', 120),
)
"""Attributes of an SVG, and its width in pixels as CSS has it."""


def svg(attributes: str, content: str = SHAPE) -> str:
    return f'<svg xmlns="http://www.w3.org/2000/svg" {attributes}>{content}</svg>'


def drawn(make_book: MakeBook, pictures: dict[str, str]) -> Config:
    """Return a book that shows these pictures, with its figures drawn."""
    shown = "".join(f"![図](static/{name})\n\n" for name in pictures)
    files = {f"static/{name}": text for name, text in pictures.items()}
    config = make_book({"index.md": f"# 本\n\n{shown}{CELL}", **files})
    figures.draw(book.load(config))
    return config


def test_figure_has_its_width_in_every_unit(make_book: MakeBook) -> None:
    names = {f"{number}.svg": size for number, (size, _) in enumerate(SIZES)}
    config = drawn(make_book, {name: svg(size) for name, size in names.items()})
    widths = [figures.width(config, f"static/{name}") for name in names]
    assert widths == [width for _, width in SIZES]


@pytest.mark.parametrize("size", ["12px", "12pt", "4mm", "0.2in", "1em"])
def test_text_is_drawn_in_every_unit(make_book: MakeBook, size: str) -> None:
    text = f'<text x="5" y="40" font-size="{size}">Text 文</text>'
    box = 'width="90pt" height="45pt"'
    config = drawn(make_book, {"a.svg": svg(box, text), "b.svg": svg(box, "<g/>")})
    assert figures.data_address(config, "static/a.svg") != figures.data_address(
        config, "static/b.svg"
    )


def test_figure_that_cannot_be_drawn_is_named(make_book: MakeBook) -> None:
    with pytest.raises(BookError, match=r"static/broken\.svg: cannot be drawn"):
        drawn(make_book, {"broken.svg": "<svg"})


def test_advice_on_a_figure_without_a_size_works(make_book: MakeBook) -> None:
    with pytest.raises(BookError, match=r"0\.svg: .*; give it width, height and view"):
        drawn(make_book, {"0.svg": svg('width="0" height="0"')})
    drawn(make_book, {"0.svg": svg('width="9" height="9" viewBox="0 0 9 9"')})


def test_figure_in_another_encoding_gets_advice(make_book: MakeBook) -> None:
    config = drawn(make_book, {"a.svg": svg(SIZES[0][0])})
    text = svg(SIZES[0][0], "<text>é</text>")
    (config.root / "static/a.svg").write_text(text, encoding="utf-16")
    with pytest.raises(BookError, match=r"a\.svg: .*; save it as UTF-8"):
        figures.draw(book.load(config))
    (config.root / "static/a.svg").write_text(text, encoding="utf-8-sig")
    assert len(figures.draw(book.load(config))) == 1
