"""Paths of a machine in outputs: where they begin and end, and where they stand."""

from __future__ import annotations

import nbformat
import pytest

from tabbook.notebooks.outputs.machine_paths import MachinePaths

PATHS = MachinePaths(
    {
        "/home/u/book": "/content",
        "/home/u/book/.venvs/x": "/usr/local",
        "/home/u": "/root",
        "/": "/never",
    }
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/home/u/book", "/content"),
        ("'/home/u/book/data'", "'/content/data'"),
        ("/home/u/book/.venvs/x/lib/a.py:3: W", "/usr/local/lib/a.py:3: W"),
        ("at /home/u.", "at /root."),
        ("file:///home/u/book", "file:///content"),
        ("\x1b[32m/home/u/book/a.py", "\x1b[32m/content/a.py"),
        ("A=/home/u:/home/u/book", "A=/root:/content"),
        ("/home/u/booklet /home/u.txt", "/root/booklet /home/u.txt"),
        ("/data/home/u and x/home/u", "/data/home/u and x/home/u"),
        ("/etc", "/etc"),
    ],
)
def test_path_is_replaced_where_it_is_one(text: str, expected: str) -> None:
    assert PATHS.replace(text) == expected


def test_every_text_of_an_output_is_searched() -> None:
    outputs = [
        nbformat.v4.new_output("stream", text="/home/u"),
        nbformat.v4.new_output(
            "display_data",
            {
                "text/html": "<b>/home/u</b>",
                "image/png": "/home/u",
                "application/json": {"paths": ["/home/u", 1]},
            },
        ),
        nbformat.v4.new_output(
            "error", ename="E", evalue="/home/u", traceback=["in /home/u"]
        ),
    ]
    PATHS.replace_in(outputs)
    stream, shown, error = outputs
    assert stream.text == "/root"
    assert shown.data["text/html"] == "<b>/root</b>"
    assert shown.data["image/png"] == "/home/u"
    assert shown.data["application/json"] == {"paths": ["/root", 1]}
    assert (error.evalue, error.traceback) == ("/root", ["in /root"])


def test_no_paths_replace_nothing() -> None:
    assert MachinePaths({}).replace("/home/u") == "/home/u"
