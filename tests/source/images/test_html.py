"""Images in raw HTML are found however they are written."""

from __future__ import annotations

import pytest

from tabbook.source.images.html import html_images, with_addresses

DATA = "data:image/png,"


@pytest.mark.parametrize(
    ("text", "sources"),
    [
        ('<img src="a.png">', ["a.png"]),
        ("<img src='a b.png'/>", ["a b.png"]),
        ("<IMG width=3 SRC=a.png alt>", ["a.png"]),
        ('<img\n  alt="x > y"\n  src="a.png"\n>', ["a.png"]),
        ('<p><img src="a.png"> and <img src="b.png"></p>', ["a.png", "b.png"]),
        ('<img src="a&amp;b.png">', ["a&b.png"]),
        ('<img src=" 図 (1).png">', [" 図 (1).png"]),
        ('<img src="a.png" src="b.png">', ["a.png"]),
        ('<img srcset="a.png 2x">', [""]),
        ('<!-- <img src="a.png"> -->', []),
        ('<script>"<img src=a.png>"</script>', []),
        ('<picture><source srcset="a.png 2x, b.png"><img src=c>', ["a.png", "c"]),
        ('<source src="a.mp4"><source srcset="data:image/png,">', ["", DATA]),
        ("<source srcset=' , '>", [""]),
        ("<imgx src=a.png><image src=b.png>", []),
        ("no <b>image</b> &amp; no < img", []),
        ('<img src="a.png', []),
    ],
)
def test_images_are_found(text: str, sources: list[str]) -> None:
    assert [image.src for image in html_images(text)] == sources


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('<p>\n <img src="a.png" width=3>\n</p>', '<img src="new" width="3" />'),
        ("é<IMG alt='\"' SRC=a.png>", '<img alt="&quot;" src="new" />'),
        ('<img srcset="b.png 2x" sizes="1vw" src="a.png">', '<img src="new" />'),
        ('<source srcset="a 1x, b 2x">', '<source srcset="new" />'),
        ('<img src="a.png" hidden>', '<img src="new" hidden="" />'),
    ],
)
def test_address_is_replaced_and_the_rest_stays(text: str, expected: str) -> None:
    (image,) = html_images(text)
    written = with_addresses(text, lambda address: "new")
    assert written == text[: image.begin] + expected + text[image.end :]


def test_html_with_the_same_addresses_is_the_same() -> None:
    text = "<IMG SRC=a.png srcset=b.png> <img> &amp; <b>x</b>\r\n<img src=''>"
    assert with_addresses(text, lambda address: address) == text


def test_only_some_addresses_are_replaced() -> None:
    text = '<img src="a"><img src="b"><img src="a">'
    replaced = with_addresses(text, {"a": "c", "b": "b"}.__getitem__)
    assert replaced == '<img src="c" /><img src="b"><img src="c" />'
