"""What a reader sees of outputs that arrive in pieces."""

from __future__ import annotations

import nbformat
import pytest
from nbformat import NotebookNode

from tabbook.notebooks.outputs.visible import terminal_text, visible


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain\n", "plain\n"),
        ("10%\r50%\r100%\n", "100%\n"),
        ("100%\r", "100%"),
        ("longer\rab\n", "abnger\n"),
        ("a\r\nb\r\n", "a\nb\n"),
        ("abc\b\bX\n", "aXc\n"),
        ("\b\bab", "ab"),
        ("first\nlong text\r\x1b[Kshort\n", "first\nshort\n"),
        ("long text\x1b[2K\rab\n", "ab\n"),
        ("abcdef\r\x1b[31mxy\x1b[0m\n", "\x1b[31mxy\x1b[0mcdef\n"),
        ("50%|##   |\r100%|#####|\r           \r", ""),
    ],
)
def test_text_is_what_a_terminal_shows(text: str, expected: str) -> None:
    assert terminal_text(text) == expected
    assert terminal_text(expected) == expected


def stream(name: str, text: str) -> NotebookNode:
    return nbformat.v4.new_output("stream", name=name, text=text)


def test_a_stream_is_one_output_and_stdout_goes_first() -> None:
    shown = nbformat.v4.new_output("display_data", {"text/plain": "x"})
    pieces = [
        stream("stderr", "e1\n"), stream("stdout", "1%\r"), stream("stdout", "2%\n"),
        shown, stream("stderr", "e2\n"),
    ]  # fmt: skip
    assert visible(pieces) == [
        stream("stdout", "2%\n"),
        stream("stderr", "e1\ne2\n"),
        shown,
    ]
    assert pieces[1].text == "1%\r"


def test_a_stream_that_shows_nothing_is_no_output() -> None:
    assert visible([stream("stdout", "busy\r    \r")]) == []
