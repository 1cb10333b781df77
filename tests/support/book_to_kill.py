"""A small book with kernels of this Python, for commands that are killed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tabbook import environments
from tabbook.base.config import load
from tabbook.environments import venv
from tests.support.books import HEAD, side_by_side, write_files
from tests.support.light import install_light

CONFIG = HEAD + "[tabbook]\ntimeout = 60\n[framework-left]\npreload = json\n"
CODE = "import time\n\nfor number in range(3):\n    time.sleep(0.2)\n    print(number)"


def book_to_kill(root: Path) -> None:
    """Write the book; its first framework's kernels are forked."""
    cells = side_by_side({"left": CODE, "right": CODE})
    sections = {
        f"chapter_a/{name}.md": f"# {name}\n\n本文です。\n\n{cells}\n"
        for name in ("one", "two", "three")
    }
    toc = "\n".join(name.removesuffix(".md") for name in sections)
    pins = {f"environments/{tab}.txt": "a==1\n" for tab in ("left", "right")}
    index = {"index.md": f"# 本\n\n```toc\n{toc}\n```\n"}
    write_files(root, {"config.ini": CONFIG, **index, **sections, **pins})
    config = load(root)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(venv, "install", install_light)
        for framework in config.frameworks:
            environments.prepare(config, framework)
