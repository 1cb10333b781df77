"""Verification records: written after nbval passed, shown while they hold."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from bs4 import Tag

from tabbook import sphinxext
from tabbook.base import repository
from tabbook.base.errors import BookError
from tabbook.notebooks import verified, verified_file
from tabbook.notebooks.verified import VerificationRecord
from tabbook.source import book
from tests.support.book_with_three_frameworks import MadeUpBook, make

PATHS = (
    *("alpha/part/one.ipynb", "beta/part/one.ipynb", "gamma/part/one.ipynb"),
    "beta/part/two.ipynb",
)
RECORD = VerificationRecord(3, 1.26, {"python": "3"})
PASSED = dict.fromkeys(PATHS, RECORD)


@pytest.fixture
def tiny(tmp_path: Path) -> MadeUpBook:
    sample = make(tmp_path)
    sample.write("verification.md", "# 動作確認\n\n```verification\n:all:\n```\n")
    sample.edit("index.md", "part/two\n", "part/two\nverification\n")
    return sample


def stored(tiny: MadeUpBook) -> dict[str, dict[str, object]]:
    file = tiny.config.notebooks / verified_file.FILE
    return dict(json.loads(file.read_text("utf-8")))


def held(tiny: MadeUpBook) -> set[tuple[str, str]]:
    return set(verified.load(book.load(tiny.config)))


def test_record_holds_until_the_outputs_change(tiny: MadeUpBook) -> None:
    assert held(tiny) == set()
    assert verified.update(tiny.config, PASSED, [])
    assert len(held(tiny)) == 4
    record = verified.load(book.load(tiny.config))["part/one", "gamma"]
    assert (record.cells, record.seconds, record.versions) == (3, 1.3, {"python": "3"})
    tiny.edit("notebooks/gamma/part/one.ipynb", "<gamma> gamma_first_", "other")
    assert ("part/one", "gamma") not in held(tiny)
    assert len(held(tiny)) == 3


def test_record_holds_after_an_edit_of_prose(tiny: MadeUpBook) -> None:
    verified.update(tiny.config, PASSED, [])
    tiny.edit("part/one.md", "共有の文。", "直した文。")
    tiny.execute()
    assert len(held(tiny)) == 4


def test_verifying_twice_does_not_change_the_file(tiny: MadeUpBook) -> None:
    verified.update(tiny.config, PASSED, [])
    later = dict.fromkeys(PATHS, replace(RECORD, seconds=99.0))
    assert not verified.update(tiny.config, later, [])
    assert stored(tiny)["beta/part/two.ipynb"]["seconds"] == 1.3


def test_record_names_the_versions_that_ran_and_what_was_not_compared(
    tiny: MadeUpBook,
) -> None:
    ran = VerificationRecord(3, 1.26, {"python": "9.9"}, unchecked=1)
    verified.update(tiny.config, dict.fromkeys(PATHS, ran), [])
    sphinxext.build(tiny.config)
    said = [offer.span.text for offer in offers(tiny, "part/one") if offer.span]
    assert said[1] == "Beta Two 、Python 9.9で検証済み（3セル、対象外1）"
    assert "3セル、対象外1、1.3秒" in tiny.article("verification").text


def test_record_holds_whatever_the_order_of_its_versions(tiny: MadeUpBook) -> None:
    ran = VerificationRecord(3, 1.26, {"torch": "2.13.0", "numpy": "2.4.6"})
    verified.update(tiny.config, dict.fromkeys(PATHS, ran), [])
    assert len(held(tiny)) == 4


def test_record_without_versions_does_not_hold(tiny: MadeUpBook) -> None:
    verified.update(tiny.config, PASSED, [])
    records = stored(tiny)
    for record in records.values():
        del record["versions"]
    tiny.write(f"notebooks/{verified_file.FILE}", json.dumps(records))
    assert held(tiny) == set()
    assert verified.update(tiny.config, PASSED, [])
    assert len(held(tiny)) == 4


def test_record_is_removed_when_the_notebook_failed_or_is_deleted(
    tiny: MadeUpBook,
) -> None:
    verified.update(tiny.config, PASSED, [])
    assert verified.update(tiny.config, {}, ["beta/part/two.ipynb"])
    (tiny.config.notebooks / "gamma/part/one.ipynb").unlink()
    verified.update(tiny.config, {}, [])
    assert sorted(stored(tiny)) == ["alpha/part/one.ipynb", "beta/part/one.ipynb"]


def test_broken_file_of_records_names_the_command(tiny: MadeUpBook) -> None:
    tiny.write(f"notebooks/{verified_file.FILE}", "{")
    with pytest.raises(BookError, match=r"verified\.json:1: .*run \./build\.sh verify"):
        held(tiny)


def offers(tiny: MadeUpBook, name: str) -> list[Tag]:
    return list(tiny.page(name).select(".framework-offer"))


def test_page_shows_the_verified_versions(tiny: MadeUpBook) -> None:
    sphinxext.build(tiny.config)
    said = [offer.span.text for offer in offers(tiny, "part/one") if offer.span]
    assert said == ["この版の出力は未検証です"] * 3
    verified.update(tiny.config, PASSED, [])
    sphinxext.build(tiny.config)
    said = [offer.span.text for offer in offers(tiny, "part/one") if offer.span]
    assert said[1] == "Beta Two 、Python 3で検証済み（3セル）"
    assert offers(tiny, "index") == []


def test_notebooks_are_copied_next_to_the_pages(tiny: MadeUpBook) -> None:
    sphinxext.build(tiny.config)
    (link,) = offers(tiny, "part/two")[0].select("a")
    assert link["href"] == "../notebooks/beta/part/two.ipynb"
    assert link.has_attr("download")
    copy = tiny.root / "_build/html/notebooks/beta/part/two.ipynb"
    original = tiny.config.notebooks / "beta/part/two.ipynb"
    assert copy.read_bytes() == original.read_bytes()


def test_table_shows_every_notebook(tiny: MadeUpBook) -> None:
    verified.update(tiny.config, {path: PASSED[path] for path in PATHS[:2]}, [])
    sphinxext.build(tiny.config)
    article = tiny.article("verification")
    rows = [
        [cell.text for cell in row.select("th, td")] for row in article.select("tr")
    ]
    assert rows == [
        ["節", "Alpha", "Beta Two", "gamma"],
        ["第一節", "3セル、1.3秒", "3セル、1.3秒", "未検証"],
        ["第二の節", "-", "未検証", "-"],
    ]
    assert [element.text for element in article.select("ul.simple li")] == [
        "Alpha：Python 3",
        "Beta Two：Python 3",
    ]
    verified.update(tiny.config, PASSED, [])
    assert "verification" in sphinxext.build(tiny.config).read
    assert "未検証" not in tiny.article("verification").text


def git(root: Path, *arguments: str) -> None:
    subprocess.run(
        ["git", "-C", str(root), *arguments], check=True, capture_output=True
    )


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("https://github.com/owner/name.git", "owner/name"),
        ("https://github.com/owner/name", "owner/name"),
        ("https://token@github.com/owner/na.me/", "owner/na.me"),
        ("git@github.com:owner/name.git", "owner/name"),
        ("ssh://git@github.com/owner/name.git", "owner/name"),
        ("https://example.org/owner/name.git", ""),
        ("/somewhere/else", ""),
    ],
)
def test_repository_is_read_from_the_git_remote(
    tiny: MadeUpBook, address: str, name: str
) -> None:
    git(tiny.root, "init", "--quiet", "--initial-branch", "trunk")
    git(tiny.root, "remote", "add", "origin", address)
    repo = repository.find(tiny.config)
    assert repo == (repository.Repository(name, "trunk") if name else None)


def test_config_ini_takes_precedence_over_git(tiny: MadeUpBook) -> None:
    said = "[tabbook]\nrepository = a/b\nbranch = c\n"
    tiny.write("config.ini", said + (tiny.root / "config.ini").read_text("utf-8"))
    assert repository.find(tiny.config) == repository.Repository("a/b", "c")
    sphinxext.build(tiny.config)
    links = [offer.select("a")[0] for offer in offers(tiny, "part/one")]
    assert links[2].text == "Colabで開く"
    assert links[2]["href"] == (
        "https://colab.research.google.com/github/a/b/blob/c/"
        "notebooks/gamma/part/one.ipynb"
    )
    tiny.edit("config.ini", "repository = a/b", "repository = a/other")
    sphinxext.build(tiny.config)
    assert "a/other" in str(offers(tiny, "part/one")[0])


def test_repository_without_a_branch_is_none(tiny: MadeUpBook) -> None:
    said = "[tabbook]\nrepository = a/b\n"
    tiny.write("config.ini", said + (tiny.root / "config.ini").read_text("utf-8"))
    assert repository.find(tiny.config) is None
