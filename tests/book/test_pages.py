"""The chapter's pages load little; `./build.sh check` checks the rest."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tabbook import sphinxext
from tabbook.base import config
from tests.support.paths import ROOT

pytestmark = [
    pytest.mark.xdist_group("pages of the repository"),
]
HEAVIEST = 300_000
"""Bytes of a page with its styles and scripts, as they lie on disk."""


@pytest.fixture(scope="module")
def folder() -> Path:
    return sphinxext.build(config.load(ROOT)).folder


def pages(folder: Path) -> list[str]:
    return sorted(str(one.relative_to(folder)) for one in folder.rglob("*.html"))


def test_no_page_is_heavy(folder: Path) -> None:
    for name in pages(folder):
        page = folder / name
        if name == "search.html":
            continue  # it brings the index, which its own tests weigh
        text = page.read_text(encoding="utf-8")
        used = re.findall(
            r'<(?:link rel="stylesheet"|script)[^>]*(?:href|src)="([^"?]+)', text
        )
        files = [page, *(page.parent / one for one in used)]
        assert len(files) > 4
        assert sum(one.stat().st_size for one in files) <= HEAVIEST, name
