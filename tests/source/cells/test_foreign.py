"""Sources in other formats are refused by every command, with advice that works."""

from __future__ import annotations

import pytest

from tabbook.base.config import Config, load
from tabbook.cli.main import main
from tests.support.books import MakeBook, write_files

CONFIG = "[project]\ntitle = 本\n[build]\nnotebooks = {notebooks}\n"
MYST = """---
jupytext:
  text_representation: {extension: .md}
---

# 題

```{code-cell} ipython3
x = 1
```
"""
COMMANDS = (["lint"], ["run"], ["html", "--without-outputs"], ["build"])


def refusals(
    config: Config, capsys: pytest.CaptureFixture[str], message: str
) -> list[bool]:
    """Return whether each command fails with the message."""
    messages = []
    for command in COMMANDS:
        status = main(["-C", str(config.root), *command])
        printed = "".join(capsys.readouterr())
        messages.append(status == 1 and message in printed)
    return messages


@pytest.mark.parametrize("index", ["index.md", ""])
def test_notebook_as_source_is_refused(
    make_book: MakeBook, capsys: pytest.CaptureFixture[str], index: str
) -> None:
    notebooks = f"{index} one.ipynb"
    files = {"one.ipynb": "{}", **({index: "# 本\n"} if index else {})}
    config = make_book(files, CONFIG.format(notebooks=notebooks))
    message = "config.ini:4: error: [build] notebooks names 'one.ipynb'"
    assert refusals(config, capsys, message) == [True] * len(COMMANDS)
    assert not config.output.joinpath("html").exists()


def test_page_of_myst_is_refused_and_the_advice_works(
    make_book: MakeBook, capsys: pytest.CaptureFixture[str]
) -> None:
    config = make_book({"index.md": MYST}, CONFIG.format(notebooks="*.md"))
    cell = "```{code-cell} ipython3"
    assert refusals(config, capsys, f"'{cell}' is a cell of another program") == [
        True
    ] * len(COMMANDS)
    fixed = MYST.replace(cell, "```{.python .input}")
    write_files(config.root, {"index.md": fixed})
    for command in (["lint"], ["html", "--without-outputs"]):
        assert main(["-C", str(config.root), *command]) == 0
        printed = "".join(capsys.readouterr())
        assert ("delete the lines from '---' to '---'" in printed) == (
            "lint" in command
        )
    page = load(config.root).output.joinpath("html/index.html").read_text("utf-8")
    assert "jupytext" not in page and "<h1>題" in page


def test_notebooks_of_the_engine_are_no_sources(
    make_book: MakeBook, capsys: pytest.CaptureFixture[str]
) -> None:
    files = {"index.md": "# 本\n", "notebooks/python/one.ipynb": "{}"}
    config = make_book(files, CONFIG.format(notebooks="**/*"))
    assert main(["-C", str(config.root), "lint"]) == 0
