"""Pages follow files that get an older time stamp, as ``cp -p`` and rsync give it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tabbook import sphinxext
from tabbook.base import config as configuration
from tabbook.base.config import Config
from tests.support.books import store_outputs

SECTION = """# A

```{.python .input}
print('before')
```

![A picture](picture.svg)
"""
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><desc>{}</desc></svg>'
)
OUTPUT = '{"name": "stdout", "output_type": "stream", "text": ["first\\n"]}'
LONG_AGO = 1_000_000_000


def page(config: Config) -> str:
    folder = sphinxext.build(configuration.load(config.root)).folder
    return (folder / "a.html").read_text("utf-8")


@pytest.fixture
def config(make_book) -> Config:
    sample = make_book(
        {"index.md": "# B\n\n```toc\na\n```\n", "a.md": SECTION, "picture.svg": SVG},
        "[build]\nnotebooks = index.md a.md\n",
    )
    for _ in store_outputs(sample.root, lambda *_: {}):
        pass
    page(sample)
    return sample


def replace(file: Path, old: str, new: str, time: int = LONG_AGO) -> None:
    """Change a file of a built book and date it back to before its pages."""
    file.write_text(file.read_text("utf-8").replace(old, new), "utf-8")
    os.utime(file, (time, time))


def test_older_notebook_with_other_outputs_is_shown(config: Config) -> None:
    file = config.notebooks / "python/a.ipynb"
    replace(file, '"outputs": []', f'"outputs": [{OUTPUT}]')
    assert "first" in page(config)
    replace(file, "first", "other", LONG_AGO - 1)  # of the same size
    assert "other" in page(config)


def test_older_source_is_shown(config: Config) -> None:
    replace(config.root / "a.md", "A picture", "A drawing")
    assert "A drawing" in page(config)


def test_older_picture_is_shown(config: Config) -> None:
    replace(config.root / "picture.svg", "{}", "changed")
    page(config)
    images = (config.output / "html/_images").glob("*.svg")
    assert any("changed" in file.read_text("utf-8") for file in images)


def test_unchanged_pages_are_not_read_again(config: Config) -> None:
    replace(config.root / "a.md", "A picture", "A drawing")
    result = sphinxext.build(configuration.load(config.root))
    assert result.read == ("a",)
