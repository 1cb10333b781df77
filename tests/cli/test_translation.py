"""A book in another language: it has the cells and the outputs of its origin."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from tabbook.base import config as configuration
from tabbook.base.config import Config
from tabbook.base.errors import BookError
from tabbook.cli import main as cli
from tabbook.execution import local
from tabbook.export import site
from tabbook.source import book
from tests.support.books import write_files
from tests.support.waiting import PATIENCE

CELL = "```{.python .input}\n%%tab left\nprint('two times three:', 2 * 3)\n```\n"
SECOND = "```{.python .input}\n%%tab left\nprint('second')\n```\n"

INDEX = (
    "# 本\n\nこの本では掛け算をします。\n\n```toc\nchapter_a/one\nchapter_a/two\n```\n"
)
ONE = (
    "# 掛け算\n:label:`sec_one`\n\n二つの数を掛け合わせて表示します。\n\n"
    "![二つの点の図](../static/dots.png)\n\n"
    f"{CELL}\n結果は6で、:numref:`sec_two`でも使います。\n"
)
TWO = f"# 足し算\n:label:`sec_two`\n\n足し算は次の機会に説明します。\n\n{SECOND}"

ENGLISH_INDEX = "# Book\n\nThis book multiplies.\n\n```toc\nchapter_a/one\n```\n"
ENGLISH = (
    "# Products\n:label:`sec_one`\n\nWe multiply two numbers.\n\n"
    "![Two dots](../static/dots.png)\n\n"
    f"{CELL}\nThe result is 6, and :numref:`sec_two` uses it.\n"
)

PICTURE = "a picture of the origin; nobody opens it"

TRANSLATION = "[project]\ntitle = Book\nlang = en\n[tabbook]\ntranslation_of = ../..\n"


@pytest.fixture(scope="module")
def translated(make_book, light_module) -> Config:
    """Return a book that has been run, and the folder of its translation."""
    config: Config = make_book(
        {
            "index.md": INDEX,
            "chapter_a/one.md": ONE,
            "chapter_a/two.md": TWO,
            "static/dots.png": PICTURE,
            "translations/en/config.ini": TRANSLATION,
        },
        "[project]\ntitle = 本\nlang = ja\nauthor = 著者\n"
        "[build]\nnotebooks = index.md chapter_*/*.md\ntabs = left\n"
        "[framework-left]\nlabel = Left\n"
        f"[tabbook]\ntimeout = {PATIENCE:.0f}\ntranslations = translations/en\n",
    )
    assert run(config.root, "run") == 0
    return config


@pytest.fixture
def origin(translated: Config, tmp_path: Path, light_environments: None) -> Config:
    """Return a copy of the book for one test."""
    shutil.copytree(translated.root, tmp_path / "book")
    return configuration.load(tmp_path / "book")


@pytest.fixture
def english(origin: Config) -> Path:
    """Return the folder of a complete translation of one section."""
    folder = origin.root / "translations" / "en"
    assert run(folder, "translate", "one") == 0
    write_files(folder, {"index.md": ENGLISH_INDEX, "chapter_a/one.md": ENGLISH})
    return folder


@pytest.fixture
def no_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object, **options: object) -> None:
        pytest.fail("a kernel is started")

    monkeypatch.setattr(local, "prepare", refuse)


def run(folder: Path, *arguments: str) -> int:
    return cli.main(["-C", str(folder), *arguments])


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")


def lint(folder: Path, capsys: pytest.CaptureFixture[str]) -> str:
    capsys.readouterr()
    run(folder, "lint")
    return capsys.readouterr().err


def outputs(root: Path) -> list[object]:
    file = root / "notebooks" / "left" / "chapter_a" / "one.ipynb"
    cells = json.loads(file.read_text("utf-8"))["cells"]
    return [cell["outputs"] for cell in cells if cell["cell_type"] == "code"]


def test_translation_has_what_it_does_not_give_from_its_origin(origin: Config) -> None:
    config = configuration.load(origin.root / "translations" / "en")
    assert (config.title, config.author, config.language) == ("Book", "著者", "en")
    assert config.frameworks == origin.frameworks
    assert (config.timeout, config.venvs) == (origin.timeout, origin.venvs)
    assert config.output == config.root / "_build"
    assert config.translations == ()


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("translation_of = ../none", "there is no config.ini in that folder"),
        ("translation_of = .", "names a translation; name the folder of the original"),
    ],
)
def test_wrong_origin_is_named(origin: Config, line: str, message: str) -> None:
    folder = origin.root / "translations" / "en"
    change(folder / "config.ini", "translation_of = ../..", line)
    place = re.escape(f"{folder / 'config.ini'}:5: [tabbook] translation_of")
    with pytest.raises(BookError, match=f"{place} .*{re.escape(message)}"):
        configuration.load(folder)


def test_sources_below_the_folder_of_another_book_are_not_the_books(
    origin: Config, english: Path
) -> None:
    change(origin.root / "config.ini", "index.md chapter_*/*.md", "**/*.md")
    names = [each.name for each in book.load(configuration.load(origin.root)).sections]
    assert names == ["index", "chapter_a/one", "chapter_a/two"]


def test_new_section_has_the_text_of_the_origin_to_be_translated(
    origin: Config, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = origin.root / "translations" / "en"
    assert run(folder, "translate", "one") == 0
    assert (folder / "chapter_a" / "one.md").read_text("utf-8") == ONE
    assert "added; translate its paragraphs" in capsys.readouterr().out
    assert "chapter_a/one.md:1: warning: 4 paragraphs of the origin" in lint(
        folder, capsys
    )


def test_complete_translation_has_no_problem_and_runs_nothing(
    english: Path, origin: Config, no_kernel: None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert lint(english, capsys) == ""
    assert run(english) == 0
    assert outputs(english) == outputs(origin.root)
    assert run(english, "run", "--force") == 0
    assert run(english, "verify") == 0
    assert run(english, "check", "--without", "accessibility") == 0
    page = (english / "_build" / "html" / "chapter_a" / "one.html").read_text("utf-8")
    soup = BeautifulSoup(page, "html.parser")
    assert "two times three: 6" in soup.get_text()
    image = soup.select_one("img[alt='Two dots']")
    assert image is not None
    shown = english / "_build" / "html" / "chapter_a" / str(image["src"])
    assert shown.read_text("utf-8") == PICTURE
    assert not re.search("[぀-ヿ]", soup.get_text().replace("足し算", ""))


def test_own_figure_takes_the_place_of_that_of_the_origin(english: Path) -> None:
    write_files(english, {"static/dots.png": "a picture with English words"})
    assert run(english) == 0
    images = (english / "_build" / "html" / "_images").glob("*.png")
    texts = [image.read_text("utf-8") for image in images]
    assert texts == ["a picture with English words"]


def test_origin_that_is_stale_stops_the_translation_with_advice_that_works(
    english: Path, origin: Config, capsys: pytest.CaptureFixture[str]
) -> None:
    for folder in (origin.root, english):
        change(folder / "chapter_a" / "one.md", "2 * 3", "2 * 4")
    assert run(english, "run") == 1
    message = capsys.readouterr().err
    assert f"of the book in {origin.root}, which this one translates" in message
    assert "was run with other code; run `" in message
    assert run(origin.root, "run", "chapter_a/one", "--framework", "left") == 0
    assert run(english, "run") == 0
    assert "8" in str(outputs(english))


def test_outputs_edited_by_hand_are_seen_and_written_again(english: Path) -> None:
    assert run(english, "run") == 0
    file = english / "notebooks" / "left" / "chapter_a" / "one.ipynb"
    change(file, "three: 6", "three: 7")
    assert run(english, "verify") == 1
    assert run(english, "run") == 0
    assert run(english, "verify") == 0


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("2 * 3", "3 * 2", "one.md:8: error: the origin has another cell, at line 8"),
        (CELL, "", "one.md: error: a cell of the origin is missing, that at line 8"),
        (CELL, CELL + "\n" + SECOND, "one.md:13: error: the origin has no such cell"),
    ],
)
def test_other_cells_are_named_and_replaced_by_those_of_the_origin(
    english: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, problem: str
) -> None:
    file = english / "chapter_a" / "one.md"
    change(file, old, new)
    assert problem in lint(english, capsys)
    assert run(english, "run") == 1
    assert run(english, "translate") == 0
    assert "code-of-origin" not in lint(english, capsys)
    assert run(english, "run") == 0
    for paragraph in ("We multiply two numbers.", "The result is 6"):
        assert paragraph in file.read_text("utf-8")


def test_changed_paragraph_is_named_until_it_is_reviewed(
    english: Path, origin: Config, capsys: pytest.CaptureFixture[str]
) -> None:
    source = origin.root / "chapter_a" / "one.md"
    change(source, "二つの数を掛け合わせて", "二つの整数を掛け合わせて")
    warning = "one.md:4: warning: the origin has changed at its line 4; adapt"
    assert warning in lint(english, capsys)
    assert run(english, "translate") == 0
    assert warning in lint(english, capsys)
    assert run(english, "translate", "--reviewed", "one") == 0
    assert lint(english, capsys) == ""
    change(source, "結果は6で、", "結果は6です。\n\nこれを、")
    messages = lint(english, capsys)
    assert "1 paragraph between two cells, 2 in the origin" in messages
    assert "the origin has changed at its line 15" in messages


def test_whole_name_of_a_section_means_that_one_alone(
    english: Path, origin: Config
) -> None:
    write_files(origin.root, {"chapter_a/index.md": "# 章\n\n章の初めの文です。\n"})
    assert run(english, "translate", "--reviewed", "index") == 0
    assert run(english, "translate", "--reviewed", "chapter_a") == 0
    assert not (english / "chapter_a" / "index.md").exists()
    assert run(english, "translate", "chapter_a/index") == 0
    assert (english / "chapter_a" / "index.md").is_file()


def test_section_of_its_own_may_have_text_and_no_code(
    english: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change(english / "index.md", "chapter_a/one\n", "chapter_a/one\nchapter_a/about\n")
    write_files(english, {"chapter_a/about.md": "# About\n\nOn this translation.\n"})
    assert lint(english, capsys) == ""
    write_files(english, {"chapter_a/about.md": f"# About\n\n{CELL}"})
    assert "about.md:3: error: the origin has no chapter_a/about.md" in lint(
        english, capsys
    )


@pytest.mark.parametrize("command", ["pin", "colab-check"])
def test_commands_of_code_are_those_of_the_origin(
    english: Path, origin: Config, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(english, command) == 2
    assert f"in the folder {origin.root}" in capsys.readouterr().err


def test_translate_outside_of_a_translation_says_what_to_write(
    origin: Config, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(origin.root, "translate") == 2
    assert "[tabbook] translation_of = ../.." in capsys.readouterr().err


def test_site_has_each_language_and_pages_link_to_each_other(
    english: Path, origin: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(site, "FORMS", {})
    address = "https://example.org/book/"
    change(origin.root / "config.ini", "[tabbook]\n", f"[tabbook]\nsite = {address}\n")
    assert run(english, "run") == 0
    assert run(origin.root, "publish") == 0
    folder = origin.root / "_build" / "site"

    def links(page: str) -> dict[str, str]:
        soup = BeautifulSoup((folder / page).read_text("utf-8"), "html.parser")
        alternates = {
            str(each["hreflang"]): str(each["href"])
            for each in soup.select("link[rel=alternate]")
        }
        name = "" if page.endswith("index.html") else "chapter_a/one.html"
        if "two" not in page:
            assert alternates == {
                "ja": address + (name or "index.html"),
                "en": f"{address}en/{name or 'index.html'}",
            }
        return {a.get_text(): str(a["href"]) for a in soup.select(".languages a")}

    assert links("chapter_a/one.html") == {"English": "../en/chapter_a/one.html"}
    assert links("chapter_a/two.html") == {"English": "../en/index.html"}
    assert links("en/chapter_a/one.html") == {"日本語": "../../chapter_a/one.html"}
    assert links("en/index.html") == {"日本語": "../index.html"}
    sitemap = (folder / "sitemap.xml").read_text("utf-8")
    assert f"<loc>{address}en/</loc>" in sitemap
    assert f"<loc>{address}en/chapter_a/one.html</loc>" in sitemap
    assert "en/search.html" not in sitemap


def test_notebooks_link_to_their_own_language(english: Path, origin: Config) -> None:
    change(origin.root / "config.ini", "[tabbook]\n", "[tabbook]\nrepository = a/b\n")
    write_files(english, {"chapter_a/two.md": TWO})
    change(english / "index.md", "chapter_a/one\n", "chapter_a/one\nchapter_a/two\n")
    assert run(english, "run") == 0
    file = english / "notebooks" / "left" / "chapter_a" / "one.ipynb"
    head = json.loads(file.read_text("utf-8"))["cells"][0]["source"]
    assert "(https://a.github.io/b/en/chapter_a/one.html?framework=left)" in "".join(
        head
    )
    assert (
        "/b/blob/main/translations/en/notebooks/left/chapter_a/two.ipynb)"
        in "".join(head)
    )


def test_folder_that_is_no_translation_stops_publishing(
    english: Path, origin: Config, capsys: pytest.CaptureFixture[str]
) -> None:
    change(english / "config.ini", "translation_of = ../..\n", "")
    shutil.rmtree(english / "chapter_a")
    assert run(origin.root, "publish", "--without", "pdf") == 1
    assert "[tabbook] translation_of = ../.." in capsys.readouterr().err
