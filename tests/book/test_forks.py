"""Forks of this chapter are proven and published without running a cell."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from tests.support.books import write_files
from tests.support.paths import ROOT
from tests.support.walk import Walk

PARTS = (
    *("config.ini", "index.md", "glossary.md", "verification.md", "terms.toml"),
    *("chapter_builders-guide", "environments", "facts", "notebooks", "static"),
)
CHAPTER = "chapter_builders-guide"
SECOND = "# 第二の章\n\n```toc\n:maxdepth: 2\n\ncopied\n```\n"
LABEL = re.compile(r":(?:eq)?label:`(\w+)`")


@pytest.fixture
def walk(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Walk:
    """Copy the book without its engine, environments, tests and translations."""
    for name in PARTS:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, tmp_path / name)
    copied = Walk(tmp_path, capfd)
    copied.edit("config.ini", "translations = translations/en\n", "")
    return copied


def prove(walk: Walk) -> None:
    """Check and publish, without what runs cells or takes long."""
    walk.prove(checked_without=("verify", "links"), published_without=("epub", "zip"))


def labels(file: Path) -> list[str]:
    return LABEL.findall(file.read_text("utf-8"))


def rewrite(file: Path, pattern: str, text: str) -> None:
    before = file.read_text("utf-8")
    file.write_text(re.sub(pattern, text, before), encoding="utf-8")


def add_chapter(walk: Walk) -> None:
    """Copy a section with its notebooks and facts into a second chapter."""
    write_files(walk.root, {"chapter_second/index.md": SECOND})
    for file in walk.root.rglob(f"{CHAPTER}/custom-layer.*"):
        copied = file.parents[1] / "chapter_second" / f"copied{file.suffix}"
        copied.parent.mkdir(exist_ok=True)
        shutil.copy(file, copied)
    facts = shutil.copy(
        walk.root / "facts/custom-layer.toml", walk.root / "facts/c.toml"
    )
    rewrite(facts, f"{CHAPTER}/custom-layer", "chapter_second/copied")
    source = walk.root / "chapter_second/copied.md"
    rewrite(source, rf"`({'|'.join(labels(source))})`", r"`\1_copied`")
    walk.edit(
        "index.md", f"{CHAPTER}/index\n", f"{CHAPTER}/index\nchapter_second/index\n"
    )


def rename(walk: Walk, old: str, new: str) -> None:
    """Rename a section with its solutions, facts and notebooks."""
    for file in walk.root.rglob(f"{old}*.*"):
        file.rename(file.with_name(file.name.replace(old, new)))
    for file in (walk.root / "facts").glob(f"{new}*"):
        rewrite(file, f"/{old}", f"/{new}")
    walk.edit(f"{CHAPTER}/index.md", f"\n{old}\n", f"\n{new}\n")


def remove(walk: Walk, name: str) -> None:
    """Remove a section with its solutions and facts, and the references to it."""
    names = [label for file in walk.root.rglob(f"{name}*.md") for label in labels(file)]
    for file in walk.root.rglob(f"{name}*.*"):
        file.unlink()
    walk.edit(f"{CHAPTER}/index.md", f"\n{name}\n", "\n")
    for file in walk.root.rglob("*.md"):
        rewrite(file, rf":(?:num|eq)?ref:`(?:{'|'.join(names)})`", "GPU")


def named(site: Path, word: str) -> dict[str, list[str]]:
    """Return what the pages and slides of a site say around a word, by file."""
    around = re.compile(rf"[^\n]{{0,30}}{word}[^\n]{{0,30}}", re.IGNORECASE)
    texts = {
        str(file.relative_to(site)): BeautifulSoup(
            file.read_text("utf-8"), "html.parser"
        ).text
        for file in site.rglob("*.html")
    }
    return {
        name: said for name, text in texts.items() if (said := around.findall(text))
    }


def test_fork_without_mxnet_and_with_second_chapter_is_proven(walk: Walk) -> None:
    walk.edit("config.ini", ", mxnet\n", "\n")
    add_chapter(walk)
    prove(walk)
    site = walk.root / "_build/site"
    assert (site / "slides/tensorflow/index.html").is_file()
    assert not (site / "slides/mxnet").exists()
    page = (site / "chapter_second/copied.html").read_text("utf-8")
    assert 'class="output' in page
    assert named(site, "mxnet") == {}


def test_english_fork_of_pytorch_with_other_sections_is_proven(walk: Walk) -> None:
    walk.edit("config.ini", ", tensorflow, jax, mxnet\n", "\n")
    walk.edit("config.ini", "lang = ja", "lang = en")
    rename(walk, "lazy-init", "shapes")
    remove(walk, "use-gpu")
    prove(walk)
    pages = {file.name for file in (walk.root / "_build/site" / CHAPTER).glob("*.html")}
    assert "shapes.html" in pages
    assert not pages & {"lazy-init.html", "use-gpu.html"}
